/**
 * `explain` as operators run it, in a folder with a copy of the delivered configuration and rules.
 * @module
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The repository. */
export const root = join(import.meta.dirname, '../..')

/** What a run of the command printed. */
interface Printed {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Makes the folder, which the test removes; files may be changed before the first run. */
export function copyDelivered() {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-explain-'))
  for (const part of ['config', 'rules']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  return {
    folder,
    explain(...words: string[]): Promise<Printed> {
      return new Promise((resolve) => {
        const options = { cwd: folder, env: { PATH: process.env['PATH'] } }
        const main = join(root, 'src/main.ts')
        const child = execFile(
          process.execPath,
          [main, 'explain', ...words],
          options,
          (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
        )
      })
    },
    /** File and line of the first line of a file that begins with a text. */
    placeOf(file: string, text: string): string {
      const lines = readFileSync(join(folder, file), 'utf8').split('\n')
      return `${file}:${lines.findIndex((line) => line.trimStart().startsWith(text)) + 1}`
    },
  }
}
