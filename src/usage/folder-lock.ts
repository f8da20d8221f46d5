/**
 * One at a time, of all processes that use a folder: a lock that the system itself gives back when its
 * process ends, however it ends, so that none is ever left behind and none is mistaken for another's.
 *
 * Node has no locks on files; SQLite has. The file stays where it is, empty: to remove it would let two
 * processes lock two files of one name.
 * Source: SQLite, "File Locking And Concurrency", section 3 (EXCLUSIVE).
 * @module
 */
import { DatabaseSync } from 'node:sqlite'

/** Does something while nobody else of the file does; false when somebody does, and then nothing is done. */
export async function aloneWith(file: string, work: () => Promise<void>): Promise<boolean> {
  // Nothing waits: whoever comes too late has nothing to do.
  const lock = new DatabaseSync(file, { timeout: 0 })
  try {
    if (!isTaken(lock)) return false
    await work()
    return true
  } finally {
    lock.close()
  }
}

function isTaken(lock: DatabaseSync): boolean {
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return false
    throw error
  }
}

/** SQLITE_BUSY */
const busy = 5
