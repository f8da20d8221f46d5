/**
 * Jars of all sessions: read from the store when a page needs them, remembered for the scripts and
 * pictures that follow, written before the answer leaves.
 *
 * Where any process may serve the next request, a page reads the store anew; within one process no
 * change is lost to a read that began before it, and where there is only one, what it remembers is the
 * latest. While the store is away the remembered jar serves.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import { isStoreAway } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { RecentMap } from '../core/recent-map.ts'
import type { Session } from '../core/types.ts'
import type { RecordStore } from '../store/contract.ts'
import { Jar } from './jar.ts'

/** A jar in use by one exchange. */
export interface OpenJar {
  readonly jar: Jar
  /** Stores what changed; a store that is away gets it with the next change. */
  save(): Promise<void>
}

/** Opens jars: `latest` is what every process has written so far, `recent` some seconds old. */
export type JarKeeper = (session: Session, age: 'latest' | 'recent') => Promise<OpenJar>

/** A remembered jar. */
interface Slot {
  readonly jar: Jar
  /** Steady milliseconds of the last read; absent before the first. */
  readAt?: number
  reading?: Promise<void>
  /** The latest write, until it is done. */
  writing?: Promise<void> | undefined
}

/** A session that ends this very moment still needs a lifetime that stores accept. */
const leastLifetimeMs = 1000

/** The key of a session's jar, for those who end sessions. */
export function jarKey(sessionId: string): string {
  return `jar:${sessionId}`
}

/** Makes the keeper of one process. */
export function createJarKeeper(options: {
  readonly records: RecordStore
  readonly clock: Clock
  /** Whether other processes keep jars in the same store, as they may unless it says otherwise. */
  readonly isShared?: boolean
}): JarKeeper {
  const { records, clock, isShared = true } = options
  const slots = new RecentMap<Slot>(limits.rewriting.jarCacheSessions)

  function slotOf(sessionId: string): Slot {
    const known = slots.use(sessionId)
    if (known !== undefined) return known
    const slot = { jar: new Jar() }
    slots.set(sessionId, slot)
    return slot
  }

  function isRecent({ readAt }: Slot): boolean {
    return readAt !== undefined && clock.steady() - readAt < limits.rewriting.jarCacheMs
  }

  async function read(sessionId: string, slot: Slot): Promise<void> {
    await slot.writing
    const { generation } = slot.jar
    const startedAt = clock.steady()
    const record = await records.readFields(jarKey(sessionId)).catch(ignoreAway)
    if (record === undefined || slot.jar.generation !== generation) return
    slot.jar.replace(record)
    slot.readAt = startedAt
  }

  async function write(session: Session, slot: Slot): Promise<void> {
    const changes = slot.jar.takeChanges()
    if (changes.size === 0) return
    const lifetimeMs = Math.max(leastLifetimeMs, session.endsAt - clock.now())
    try {
      await records.writeFields(jarKey(session.id), changes, lifetimeMs)
    } catch (error) {
      slot.jar.returnChanges(changes.keys())
      ignoreAway(error)
    }
  }

  return async function open(session, age) {
    const slot = slotOf(session.id)
    // Where nobody else writes, what was read once and changed here is the latest.
    const isLatest = !isShared && slot.readAt !== undefined
    if (age === 'latest' && !isLatest) {
      await read(session.id, slot)
    } else if (!isLatest && !isRecent(slot)) {
      slot.reading ??= read(session.id, slot).finally(() => delete slot.reading)
      await slot.reading
    }
    return {
      jar: slot.jar,
      async save() {
        if (!slot.jar.isChanged && slot.writing === undefined) return
        const written = (slot.writing ?? Promise.resolve()).then(() => write(session, slot))
        // Whoever reads next waits for the write, whatever became of it.
        const settled = written
          .catch(() => undefined)
          .finally(() => {
            if (slot.writing === settled) slot.writing = undefined
          })
        slot.writing = settled
        await written
      },
    }
  }
}

/** Readers keep reading while the store is away: their session is still known for some time. */
function ignoreAway(error: unknown): undefined {
  if (isStoreAway(error)) return undefined
  throw error
}
