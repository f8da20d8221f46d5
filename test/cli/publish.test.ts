import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { createWorld, ruleText } from '../control/world.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** The command line in the folder of a library. */
function library(t: { teardown(work: () => void): void }) {
  const world = createWorld()
  t.teardown(() => world.remove())
  const darbaza = (...words: string[]): Promise<Outcome> =>
    new Promise((resolve) => {
      const options = { cwd: world.folder, env: { PATH: process.env['PATH'] } }
      const all = [main, ...words, '--config', 'gateway.yaml']
      const child = execFile(process.execPath, all, options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr })
      })
    })
  return { world, darbaza }
}

test('publish, history, rollback and audit tell what they do, and the history of it', async (t) => {
  const { world, darbaza } = library(t)
  t.is((await darbaza('history')).stdout, 'Nothing was published: the files are in force.\n')
  world.writeRule('press', ruleText('press', { seats: 5 }))
  const first = await darbaza('publish', '--why', 'begun', '--by', 'Aida')
  t.deepEqual(first, {
    code: 0,
    stderr: '',
    stdout: `The first set adds 1 resource, opens 1 host.
  adds press: 1 host, 5 seats, for faculty, staff, student, member, without end
Version 1 is in force: every gateway of this store has it within a second.
`,
  })
  world.writeRule('press', ruleText('press', { seats: 9 }))
  const dry = await darbaza('publish', '--dry-run')
  t.true(dry.stdout.endsWith('Nothing was put into force (--dry-run).\n'))
  const second = await darbaza('publish', '--why', 'more', '--by', 'Bek')
  t.true(second.stdout.startsWith('Against version 1, this adds 4 seats.\n'))
  t.is(
    (await darbaza('publish', '--why', 'again')).stdout,
    'Nothing to do: version 2, in force, is the same\n',
  )
  const back = await darbaza('rollback', '1', '--why', 'a mistake', '--by', 'Bek')
  t.regex(back.stdout, /^Against version 2, this \(version 1 again\) takes 4 seats\.\n/)
  const { stdout: history } = await darbaza('history')
  t.deepEqual(
    history.split('\n').map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:]+Z|[0-9a-f]{8}/g, '…')),
    [
      '3  in force  …  Bek: a mistake (version 1 again)',
      '   takes 4 seats',
      '2  …  …  Bek: more',
      '   adds 4 seats',
      '1  …  …  Aida: begun',
      '   adds 1 resource, opens 1 host',
      '',
    ],
  )
  const { stdout: log } = await darbaza('audit', 'list', '--json')
  const entries = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).entry)
  t.deepEqual(
    entries.map(({ by, action, target, why }) => [by, action, target, why]),
    [
      ['Aida', 'publish', 'version 1', 'begun'],
      ['Bek', 'publish', 'version 2', 'more'],
      ['Bek', 'rollback', 'version 3', 'a mistake'],
    ],
  )
  const verified = await darbaza('audit', 'verify')
  const [, head = ''] =
    /^3 entries, none changed, none missing\. Head: (3:\w{64})\n$/.exec(verified.stdout) ?? []
  t.is((await darbaza('audit', 'verify', '--head', head)).code, 0)
  const broken = await darbaza('audit', 'verify', '--head', head.replace('3:', '4:'))
  t.is(broken.code, 1)
  t.is(
    broken.stderr,
    'The audit log is broken: entries 4 to 4 are missing, the last of which was noted\n',
  )
})

test('what cannot be done is told in words, without a stack, and the exit code is 1', async (t) => {
  const { world, darbaza } = library(t)
  const long = 'x'.repeat(10_240)
  const cases: readonly [words: readonly string[], expected: RegExp][] = [
    [['publish'], /^--why: found "", expected one line of 1 to 500 characters$/m],
    [['publish', '--why', ' '], /^--why: found "", expected one line of 1 to 500 characters$/m],
    [['publish', '--why', long], /^--why: found 10240 characters, expected one line/m],
    [['publish', '--why', 'a\u202eb'], /^--why: found .*, expected one line/m],
    [
      ['publish', '--why', 'a', '--by', long],
      /^--by: found 10240 characters, expected one line of 1 to 200/m,
    ],
    [['rollback', '--why', 'a'], /^no earlier version is kept/m],
    [['rollback', 'x', '--why', 'a'], /^found version "x", expected a number/m],
    [['audit', 'verify', '--head', 'x'], /^--head x found, NUMBER:HASH/m],
  ]
  for (const [words, expected] of cases) {
    const { code, stderr } = await darbaza(...words)
    t.is(code, 1, words.join(' '))
    t.regex(stderr, expected)
    t.notRegex(stderr, /^\s+at /m)
  }
  world.writeRule('press', ruleText('press', { seats: 'five' }))
  world.writeRule('broken', 'title: [')
  const bad = await darbaza('publish', '--why', 'a')
  t.is(bad.code, 1)
  t.is(bad.stdout, '')
  t.regex(bad.stderr, /^error F002 rules\/broken\.yaml:1: /m)
  t.regex(bad.stderr, /^error F006 rules\/press\.yaml:1 licence\.seats: found "five"/m)
  world.dropRule('broken')
  world.writeConfig({})
  writeFileSync(
    join(world.folder, 'gateway.yaml'),
    JSON.stringify({
      networks: [{ name: 'a', ranges: ['10.0.0.9-10.0.0.1', '010.0.0.1'], channel: 'onsite' }],
    }),
  )
  const reversed = await darbaza('publish', '--why', 'a')
  t.is(reversed.code, 1)
  t.regex(
    reversed.stderr,
    /^error C006 gateway\.yaml:1 networks\[0\]\.ranges\[0\]: found "10\.0\.0\.9-10\.0\.0\.1"/m,
  )
  t.regex(
    reversed.stderr,
    /^error C006 gateway\.yaml:1 networks\[0\]\.ranges\[1\]: found "010\.0\.0\.1"/m,
  )
})
