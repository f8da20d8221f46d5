/** `darbaza counter report`: what has happened until now, a workbook into a file, clear words for what is wrong. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createWorld } from '../control/world.ts'
import { cell, documentOf, figuresOf } from '../reports/builders.ts'
import { workbookCells } from '../reports/workbook.ts'
import { denial } from '../usage/events.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** A library's folder with its store, and the command in it for a month. */
function setUp(t: ExecutionContext, month: string) {
  const world = createWorld()
  t.teardown(() => world.remove())
  const darbaza = (...words: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const options = { cwd: world.folder, env: { PATH: process.env['PATH'] } }
      const span = ['--from', month, '--to', month, '--config', 'gateway.yaml']
      const all = [main, 'counter', 'report', 'DR_D2', ...span, ...words]
      const child = execFile(process.execPath, all, options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr })
      })
    })
  const file = join(world.folder, 'data/darbaza.sqlite')
  return { world, darbaza, store: createEmbeddedStore({ file, clock: systemClock }) }
}

test('a COUNTER report tells what nobody has counted yet', async (t) => {
  const { darbaza, store } = setUp(t, '2026-01')
  const january = denial(0, 'seats_full')
  await store.usage.append([{ ...january, at: Date.parse('2026-01-20T06:00:00Z') }])
  await store.close()
  const { stdout } = await darbaza('--format', 'tsv')
  t.regex(stdout, /^steppe\t.*\tLimit_Exceeded\t1\t1$/m)
})

test('a COUNTER report is written as a workbook, once, and only into a file', async (t) => {
  const { world, darbaza, store } = setUp(t, '2026-01')
  const figures = figuresOf('2026-01', { cells: [cell('gone', 'Limit_Exceeded', 7)] })
  await store.figures.write([documentOf(figures)])
  await store.close()

  const toFile = ['--format', 'xlsx', '--out', 'refusals.xlsx']
  const [made, noFile, unknown] = await Promise.all([
    darbaza(...toFile),
    darbaza('--format', 'xlsx'),
    darbaza('--format', 'docx'),
  ])
  t.is(made.stdout, `${join(world.folder, 'refusals.xlsx')}\n`)
  const { sheet, cells } = workbookCells(readFileSync(join(world.folder, 'refusals.xlsx')))
  t.is(sheet, 'DR_D2')
  t.is(cells.get('B2'), 'DR_D2')
  t.is(cells.get('H15'), 'Jan-2026')
  t.is(cells.get('H16'), 7)
  t.is(noFile.stderr, '--format xlsx: found no --out, expected the file to write\n')
  t.is(unknown.stderr, '--format: found "docx", expected json, tsv, xlsx\n')
  const again = await darbaza(...toFile)
  t.deepEqual([noFile.code, unknown.code, again.code], [1, 1, 1])
  t.regex(again.stderr, /refusals\.xlsx is there already, and is left as it is/)
})
