/** `darbaza counter report`: a workbook into a file, and clear words for what is wrong. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createWorld } from '../control/world.ts'
import { cell, documentOf, figuresOf } from '../reports/builders.ts'
import { workbookCells } from '../reports/workbook.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

test('a COUNTER report is written as a workbook, once, and only into a file', async (t) => {
  const world = createWorld()
  t.teardown(() => world.remove())
  const darbaza = (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const options = { cwd: world.folder, env: { PATH: process.env['PATH'] } }
      const span = ['--from', '2026-01', '--to', '2026-01', '--config', 'gateway.yaml']
      const all = [main, 'counter', 'report', 'DR_D2', ...span, ...words]
      const child = execFile(process.execPath, all, options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr })
      })
    })
  const file = join(world.folder, 'data/darbaza.sqlite')
  const store = createEmbeddedStore({ file, clock: systemClock })
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
