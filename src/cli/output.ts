/**
 * Where what a command makes goes: standard output, or a new file.
 * @module
 */
import { resolve } from 'node:path'

import { GatewayError } from '../core/errors.ts'
import { writeNewFile } from '../reports/new-file.ts'

/**
 * Puts it there; of a file, its path is told.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST` when the file is there already.
 */
export async function put(content: Buffer, out: string | undefined): Promise<void> {
  if (out === undefined) {
    process.stdout.write(content)
    return
  }
  const path = resolve(out)
  if (await writeNewFile(path, content)) console.log(path)
  else throw badRequest(`--out: ${path} is there already, and is left as it is`)
}

/**
 * A workbook is no text for a terminal.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST` when there is no file to write it to.
 */
export function requireFile(format: string, out: string | undefined): void {
  if (format === 'xlsx' && out === undefined) {
    throw badRequest('--format xlsx: found no --out, expected the file to write')
  }
}

function badRequest(message: string): GatewayError {
  return new GatewayError('ERR_BAD_REQUEST', message)
}
