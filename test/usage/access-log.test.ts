import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'
import * as fc from 'fast-check'

import { createEventBus, type ExchangeEvent } from '../../src/core/events.ts'
import { limits } from '../../src/core/limits.ts'
import { readLogFormat, usualLogFormat } from '../../src/core/log-format.ts'
import type { Patron } from '../../src/core/types.ts'
import { accessLineOf, type AccessLineParts } from '../../src/usage/access-line.ts'
import { startAccessLog } from '../../src/usage/access-log.ts'
import { partFile, tendDayFiles, timedLine } from '../../src/usage/day-files.ts'
import { aloneWith } from '../../src/usage/folder-lock.ts'
import { createPseudonyms } from '../../src/usage/pseudonyms.ts'
import { createEventKeeping } from '../../src/usage/stored-event.ts'
import { endWithParent } from '../support/children.ts'

const pseudonymKey = 'a key of the tests, long enough for them'
const noon = Date.parse('2026-11-30T12:00:00+06:00')

const patron = {
  issuer: 'https://idp.example.edu',
  subject: 'canary-subject',
  categories: ['student', 'staff'],
} as unknown as Patron

const event: ExchangeEvent = {
  kind: 'exchange',
  id: '1',
  at: noon,
  reference: 'R',
  sessionId: 'session-1',
  patron,
  address: '192.0.2.77',
  channel: 'remote',
  resourceId: 'steppe',
  method: 'GET',
  host: 'www.steppe.test',
  path: '/article/1',
  status: 200,
  contentType: 'text/html',
  bytes: 1234,
  durationMs: 4,
  isComplete: true,
  userAgent: 'Mozilla/5.0 (X11)',
  isWebSocket: false,
  asked: { origin: 'https://www.steppe.test', query: 'id=7&q=secret%20words' },
}

function linesWith(parts: Partial<AccessLineParts & { readonly format: string }> = {}) {
  const { format = usualLogFormat, ...rest } = parts
  return accessLineOf({
    pieces: readLogFormat(format).pieces,
    timeZone: 'Asia/Bishkek',
    pseudonymKey,
    queryParameters: [],
    ...rest,
  })
}

/**
 * What ezPAARSE takes for each field of the header that the manual hands out:
 * `%h %{ezproxy-session}<[a-zA-Z0-9]+> %u %t "%r" %s %b %<.*>`.
 */
const grammar = new RegExp(
  [
    String.raw`^[0-9a-f.:]+ [a-zA-Z0-9]+ [A-Za-z0-9@.\-_%,=]+`,
    String.raw`\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\]`,
    String.raw`"[A-Z]+ https?://[^\s"/:]+:\d+/[^\s"]* HTTP/1\.1" \d{3} \d+ .*$`,
  ].join(' '),
)

test('a line is what EZproxy would write, but for who and where', (t) => {
  const [host, session, person, ...rest] = linesWith()(event).split(' ')
  t.is(host, '192.0.2.0')
  t.regex(session ?? '', /^[0-9a-f]{20}$/)
  t.regex(person ?? '', /^[0-9a-f]{20}$/)
  t.is(
    rest.join(' '),
    '[30/Nov/2026:12:00:00 +0600] "GET https://www.steppe.test:443/article/1 HTTP/1.1" 200 1234 "Mozilla/5.0 (X11)" "student+staff"',
  )
})

const texts = fc.string({ unit: 'binary', maxLength: 60 })

test('whatever comes from outside, a line has the fields that ezPAARSE reads', (t) => {
  const lineOf = linesWith({ queryParameters: ['*'] })
  fc.assert(
    fc.property(
      fc.record({
        path: texts.map((text) => `/${text}`),
        query: texts,
        userAgent: texts,
        subject: texts,
        sessionId: texts,
        address: fc.oneof(fc.ipV4(), fc.ipV6(), texts),
        status: fc.integer({ min: 200, max: 599 }),
        bytes: fc.nat(),
        at: fc.integer({ min: 0, max: 4_000_000_000_000 }),
        origin: fc.constantFrom('https://x.test', 'http://x.test', 'https://x.test:8443'),
      }),
      ({ subject, query, origin, ...facts }) => {
        const asked = { origin, query }
        const line = lineOf({ ...event, ...facts, asked, patron: { ...patron, subject } })
        t.regex(line, grammar)
        t.notRegex(line, /[\n\r]/)
      },
    ),
  )
})

const url = (queryParameters: readonly string[], asked = event.asked) =>
  linesWith({ format: '%t %U', queryParameters })({ ...event, ...(asked && { asked }) })
    .split(' ')
    .at(-1)

test('an address has its publisher’s port, and of its query what was allowed', (t) => {
  t.is(url([]), 'https://www.steppe.test:443/article/1')
  t.is(url(['id', 'doi']), 'https://www.steppe.test:443/article/1?id=7')
  t.is(url(['*']), 'https://www.steppe.test:443/article/1?id=7&q=secret%20words')
  t.is(url(['doi']), 'https://www.steppe.test:443/article/1')
  const elsewhere = { origin: 'http://www.steppe.test:8080', query: '' }
  t.is(url(['*'], elsewhere), 'http://www.steppe.test:8080/article/1')
  t.is(
    url([], { ...elsewhere, origin: 'http://www.steppe.test' })?.slice(0, 26),
    'http://www.steppe.test:80/',
  )
})

test('pseudonyms hold for a month, and are none of those of usage records', (t) => {
  const fields = (at: number) => linesWith()({ ...event, at }).split(' ')
  const [, session, person] = fields(noon)
  t.deepEqual(fields(noon - 20 * 86_400_000).slice(1, 3), [session, person])
  const [, nextSession, nextPerson] = fields(noon + 86_400_000)
  t.not(nextSession, session)
  t.not(nextPerson, person)
  const keeping = { key: pseudonymKey, period: 'month', timeZone: 'Asia/Bishkek' } as const
  const { body } = createEventKeeping(createPseudonyms(keeping))(event)
  for (const pseudonym of [session, person]) t.false(body.includes(pseudonym ?? '?'))
  const line = linesWith()(event)
  t.notRegex(line, /canary|session-1|192\.0\.2\.77|secret/)
})

for (const [timeZone, at, expected] of [
  ['America/St_Johns', '2026-11-30T12:00:00Z', '[30/Nov/2026:08:30:00 -0330]'],
  ['Asia/Kathmandu', '2026-12-31T18:14:59Z', '[31/Dec/2026:23:59:59 +0545]'],
  ['Asia/Kathmandu', '2026-12-31T18:15:00Z', '[01/Jan/2027:00:00:00 +0545]'],
  ['Europe/Berlin', '2026-10-25T00:59:59Z', '[25/Oct/2026:02:59:59 +0200]'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z', '[25/Oct/2026:02:00:00 +0100]'],
] as const) {
  test(`time is that of the library: ${timeZone} at ${at}`, (t) => {
    t.is(linesWith({ format: '%t', timeZone })({ ...event, at: Date.parse(at) }), expected)
  })
}

function setUp(t: ExecutionContext, more: { readonly keepDays?: number } = {}) {
  const folder = join(mkdtempSync(join(tmpdir(), 'darbaza-access-')), 'access')
  const time = { now: noon }
  const troubles: string[] = []
  const bus = createEventBus((error) => {
    throw error
  })
  const log = startAccessLog({
    bus,
    clock: { now: () => time.now, steady: () => 0 },
    folder,
    keepDays: more.keepDays ?? 31,
    pieces: readLogFormat('%t %r %s').pieces,
    timeZone: 'Asia/Bishkek',
    pseudonymKey,
    queryParameters: [],
    onTrouble: (message) => troubles.push(message),
  })
  t.teardown(() => log.stop())
  const tell = (path: string, at = time.now) => bus.emit({ ...event, path, at })
  const files = () =>
    readdirSync(folder)
      .filter((name) => name !== 'access.turn')
      .toSorted()
  const read = (name: string) => readFileSync(join(folder, name), 'utf8')
  const paths = (name: string) => [...read(name).matchAll(/:443\/(\S*)/g)].map(([, path]) => path)
  return { folder, time, troubles, bus, log, tell, files, read, paths }
}

const minute = 60_000
const hour = 60 * minute

test('the file of a day is made when the day is over, with its lines in the order of time', async (t) => {
  const { folder, time, log, tell, files, paths } = setUp(t)
  tell('/1')
  await log.flush()
  // Another process of this folder.
  const other = [timedLine(noon - 1000, 'x:443/0'), timedLine(noon + 2000, 'x:443/3')]
  writeFileSync(join(folder, 'access-2026-11-30.999999999.part'), other.join(''))
  time.now += 1000
  tell('/2')
  time.now = noon + 12 * hour - 1
  tell('/4')
  time.now += 1
  tell('/5')
  await log.flush()
  time.now += 9 * minute
  await log.tend()
  t.false(files().includes('access-2026-11-30.log'), 'somebody might still write')
  time.now += minute
  await log.tend()
  t.deepEqual(files(), ['access-2026-11-30.log', `access-2026-12-01.${process.pid}.part`])
  t.deepEqual(paths('access-2026-11-30.log'), ['0', '1', '2', '3', '4'])
})

test('a clock that is set back does not put lines out of order', async (t) => {
  const { time, log, tell, read } = setUp(t)
  tell('/1')
  tell('/2', noon - 5 * minute)
  await log.flush()
  time.now += 24 * hour
  await log.tend()
  const times = [...read('access-2026-11-30.log').matchAll(/\[(\S+)/g)].map(([, at]) => at)
  t.deepEqual(times, ['30/Nov/2026:12:00:00', '30/Nov/2026:12:00:00'])
})

test('files are kept as long as is wished', async (t) => {
  const { folder, log, files } = setUp(t, { keepDays: 2 })
  await log.tend()
  for (const day of ['27', '28', '29', '29.2'])
    writeFileSync(join(folder, `access-2026-11-${day}.log`), '')
  writeFileSync(join(folder, 'notes.txt'), '')
  await log.tend()
  t.deepEqual(files(), [
    'access-2026-11-28.log',
    'access-2026-11-29.2.log',
    'access-2026-11-29.log',
    'notes.txt',
  ])
})

test('a process that dies while it merges leaves nothing lost and nothing twice', async (t) => {
  const { folder, log, files, paths } = setUp(t)
  await log.tend()
  const part = (day: string, end = '') => join(folder, `access-${day}.999999999.part${end}`)
  // Before the file of the day was there, with half of it written.
  writeFileSync(part('2026-11-29', '.1'), timedLine(1, 'x:443/a') + timedLine(2, 'x:443/b'))
  writeFileSync(join(folder, 'access.merging'), 'x:443/a\n')
  // After that, before the part was removed.
  writeFileSync(part('2026-11-30', '.1'), timedLine(1, 'x:443/c'))
  writeFileSync(join(folder, 'access-2026-11-30.log'), 'x:443/c\n')
  // Of what came late, before its file was there.
  writeFileSync(part('2026-11-30', '.2'), timedLine(1, 'x:443/late'))
  // Of a process with the number of one that died.
  writeFileSync(part('2026-11-30'), timedLine(1, 'x:443/later'))
  await tendDayFiles(folder, { today: '2026-12-01', keptFrom: '2026-01-01' })
  t.deepEqual(paths('access-2026-11-30.2.log'), ['late'])
  await tendDayFiles(folder, { today: '2026-12-01', keptFrom: '2026-01-01' })
  t.deepEqual(files(), [
    'access-2026-11-29.log',
    'access-2026-11-30.2.log',
    'access-2026-11-30.3.log',
    'access-2026-11-30.log',
  ])
  t.deepEqual(paths('access-2026-11-29.log'), ['a', 'b'])
  t.deepEqual(paths('access-2026-11-30.log'), ['c'])
  t.deepEqual(paths('access-2026-11-30.3.log'), ['later'])
})

test('whoever comes while another tends the folder leaves it alone', async (t) => {
  const { folder, log } = setUp(t)
  await log.tend()
  const file = join(folder, 'access.turn')
  const answers = await Promise.all([
    aloneWith(file, () => new Promise((resolve) => setTimeout(resolve, 50))),
    aloneWith(file, () => Promise.resolve()),
  ])
  t.deepEqual(answers, [true, false])
  t.true(await aloneWith(file, () => Promise.resolve()))
  await t.throwsAsync(
    aloneWith(file, () => Promise.reject(new Error('full'))),
    { message: 'full' },
  )
  t.true(await aloneWith(file, () => Promise.resolve()))
})

test('processes killed while they merge, and many at once: each line once, in order', async (t) => {
  const { folder, log, files, paths } = setUp(t)
  await log.tend()
  const count = 20_000
  const parts = [0, 1, 2].map((number) => ({ number, lines: [] as string[] }))
  for (let line = 0; line < count; line += 1) {
    parts[line % 3]?.lines.push(timedLine(line, `x:443/${line}`))
  }
  for (const { number, lines } of parts) {
    writeFileSync(join(folder, `access-2026-11-30.99999999${number}.part`), lines.join(''))
  }
  const module = new URL('../../src/usage/day-files.ts', import.meta.url).href
  const script = `
    import { tendDayFiles } from ${JSON.stringify(module)}
    process.stdout.write('begun')
    await tendDayFiles(${JSON.stringify(folder)}, { today: '2026-12-01', keptFrom: '2026-01-01' })`
  const merge = async (killAfterMs?: number) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    endWithParent(child)
    const end = once(child, 'exit')
    if (killAfterMs !== undefined) {
      await once(child.stdout, 'data')
      setTimeout(() => child.kill('SIGKILL'), killAfterMs)
    }
    await end
  }
  for (const killAfterMs of [0, 15, 40]) await merge(killAfterMs)
  await Promise.all([merge(), merge()])
  await tendDayFiles(folder, { today: '2026-12-01', keptFrom: '2026-01-01' })
  t.deepEqual(files(), ['access-2026-11-30.log'])
  const found = paths('access-2026-11-30.log')
  t.is(found.length, count)
  t.true(found.every((path, index) => path === String(index)))
})

test('of a line that was cut off nothing is left, and the next is whole', async (t) => {
  const { folder, time, log, tell, paths } = setUp(t)
  writeFileSync(partFile(folder, '2026-11-30'), timedLine(1, 'x:443/0') + '1764482400000 x:443/cut')
  tell('/1')
  await log.flush()
  time.now += 24 * hour
  await log.tend()
  t.deepEqual(paths('access-2026-11-30.log'), ['0', '1'])
})

test('a disk that cannot be written is told of once, and the log goes on when it can', async (t) => {
  const { folder, troubles, log, tell } = setUp(t)
  const file = partFile(folder, '2026-11-30')
  mkdirSync(file)
  for (let round = 0; round < 3; round += 1) {
    tell('/lost')
    await log.flush()
  }
  t.deepEqual(troubles, ['the access log cannot be written: lines are lost'])
  t.deepEqual({ ...log.facts() }, { written: 0, lost: 3 })
  rmSync(file, { recursive: true })
  tell('/kept')
  await log.flush()
  t.deepEqual({ ...log.facts() }, { written: 1, lost: 3 })
})

test('what waits for the disk is bounded, and nobody waits with it', async (t) => {
  const { troubles, log, tell } = setUp(t)
  for (let line = 0; line < limits.usage.accessLogLines + 5; line += 1) tell('/')
  t.is(log.facts().lost, 5)
  t.is(troubles.length, 1)
  await log.flush()
  t.is(log.facts().written, limits.usage.accessLogLines)
})

test('WebSockets leave no line', async (t) => {
  const { bus, log } = setUp(t)
  bus.emit({ ...event, isWebSocket: true })
  await log.flush()
  t.deepEqual({ ...log.facts() }, { written: 0, lost: 0 })
})

test('a format is read whatever it is, and every directive is known or told', (t) => {
  fc.assert(
    fc.property(fc.string(), (format) => {
      const { pieces, unknown } = readLogFormat(format)
      const text = pieces
        .map((piece) => (piece.kind === 'text' ? piece.text : piece.field))
        .join('')
      if (unknown.length === 0) t.is(text.toLowerCase(), format.toLowerCase())
      t.true(pieces.every((piece) => piece.kind === 'field' || !piece.text.includes('%')))
    }),
  )
  t.deepEqual(readLogFormat('%{User-Agent}i').pieces, [{ kind: 'field', field: '%{user-agent}i' }])
  t.deepEqual(readLogFormat('%h %{referer}i %T %200s %').unknown, [
    '%{referer}i',
    '%T',
    '%200s',
    '%',
  ])
})
