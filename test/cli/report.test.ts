/** `darbaza report`: a report into a file or onto standard output, and clear words for what is wrong. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import { z } from 'zod'

import { systemClock } from '../../src/core/clock.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createWorld } from '../control/world.ts'
import { cell, documentOf, figuresOf } from '../reports/builders.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

const run = (
  cwd: string,
  ...words: string[]
): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env['PATH'] } }
    const all = [main, ...words, '--config', 'gateway.yaml']
    const child = execFile(process.execPath, all, options, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })

test('reports are written once, and what is wrong is told by the option', async (t) => {
  const world = createWorld()
  t.teardown(() => world.remove())
  const darbaza = (...words: string[]) => run(world.folder, 'report', ...words)
  const file = join(world.folder, 'data/darbaza.sqlite')
  const store = createEmbeddedStore({ file, clock: systemClock })
  const figures = figuresOf('2026-01', { cells: [cell('gone', 'openings', 7)] })
  await store.figures.write([documentOf(figures)])
  await store.close()

  const span = ['--from', '2026-01', '--to', '2026-01']
  const [list, json, xlsx, ...wrong] = await Promise.all([
    darbaza(),
    darbaza('use', '--by', 'resource', ...span, '--format', 'json'),
    darbaza('summary', ...span, '--format', 'xlsx', '--out', 'reports/january.xlsx'),
    darbaza('use', '--from', '2026-02-30'),
    darbaza('use', '--format', 'docx'),
    darbaza('use', '--language', 'de'),
    darbaza('use', '--resource', 'nobody'),
    darbaza('summary', '--format', 'xlsx'),
  ])
  t.regex(list.stdout, /^summary .*\nuse .* --by month, resource,/)
  t.like(JSON.parse(json.stdout), {
    name: 'use',
    from: '2026-01',
    tables: [{ rows: [{ id: 'gone', openings: 7, searches: 0 }] }],
  })
  t.is(xlsx.stdout, `${join(world.folder, 'reports/january.xlsx')}\n`)
  const workbook = readFileSync(join(world.folder, 'reports/january.xlsx'))
  t.is(workbook.subarray(0, 2).toString(), 'PK')
  t.deepEqual(
    wrong.map(({ code }) => code),
    [1, 1, 1, 1, 1],
  )
  t.deepEqual(
    wrong.map(({ stderr }) => stderr.replace(/, expected .*\n/, '')),
    [
      '--from: found "2026-02-30"',
      '--format: found "docx"',
      '--language: found "de"',
      '--resource: found "nobody"',
      '--format xlsx: found no --out',
    ],
  )
  const again = await darbaza('summary', ...span, '--out', 'reports/january.xlsx')
  t.is(again.code, 1)
  t.regex(again.stderr, /january\.xlsx is there already, and is left as it is/)
  t.deepEqual(readFileSync(join(world.folder, 'reports/january.xlsx')), workbook)
  t.false(existsSync(join(world.folder, 'reports/january.csv')))
})

test('what staff have closed is closed in the report of the collection, as on its page', async (t) => {
  const world = createWorld()
  t.teardown(() => world.remove())
  const closed = async () => {
    const { stdout } = await run(world.folder, 'report', 'collection', '--format', 'json')
    const { tables } = z
      .object({ tables: z.array(z.object({ rows: z.array(z.looseObject({})) })) })
      .parse(JSON.parse(stdout))
    return tables.flatMap(({ rows }) => rows).find((row) => row['id'] === 'closed')?.['count']
  }
  t.is(await closed(), 0)
  const typed = ['close', 'press', '--until', '1h', '--why', 'a leak']
  t.like(await run(world.folder, 'override', 'add', ...typed), { code: 0 })
  t.is(await closed(), 1)
})
