/**
 * Files that are there whole or not at all, and never take the place of another.
 * @module
 */
import { link, mkdir, open, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { randomToken } from '../core/clock.ts'
import { GatewayError, systemCodeOf } from '../core/errors.ts'

/**
 * Writes a file under a name that is still free; false when it is taken, and then nothing has changed.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST` when it cannot be written.
 */
export async function writeNewFile(path: string, content: Uint8Array): Promise<boolean> {
  const draft = join(dirname(path), `.${basename(path)}.${randomToken().slice(0, 8)}`)
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(draft, 'wx', 0o640)
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    return await linkedTo(draft, path)
  } catch (cause) {
    const code = systemCodeOf(cause) ?? 'unknown error'
    throw new GatewayError('ERR_BAD_REQUEST', `${path} cannot be written (${code})`, { cause })
  } finally {
    await unlink(draft).catch(() => undefined)
  }
}

/** A link, unlike a rename, fails where the name is taken. */
async function linkedTo(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw error
  }
}
