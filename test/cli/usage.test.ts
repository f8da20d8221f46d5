import { execFile } from 'node:child_process'
import { join } from 'node:path'

import test from 'ava'

import { systemClock, timeOrderedId } from '../../src/core/clock.ts'
import type { GatewayEvent } from '../../src/core/events.ts'
import { issuerText, patronKey } from '../../src/core/types.ts'
import type { Figures } from '../../src/core/figures.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { pseudonymKeyFor } from '../../src/usage/pseudonym-key.ts'
import { createPseudonyms } from '../../src/usage/pseudonyms.ts'
import { createEventKeeping } from '../../src/usage/stored-event.ts'
import { createWorld } from '../control/world.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
/** As it is typed; patrons carry it by `issuerText`. */
const typed = 'https://id.example.edu'
const issuer = issuerText(typed)
const dayMs = 86_400_000

/** A week ago, so that no event lies in a day to come. */
const firstAt = Math.floor(Date.now() / dayMs - 7) * dayMs + dayMs / 2

/** Somebody reads an item on a day, then signs out. */
function visit(subject: string, day: number, item: string): GatewayEvent[] {
  const at = firstAt + day * dayMs
  const sessionId = `session-of-${subject}-${day}`
  const patron = { issuer, subject, categories: ['student' as const], groups: [] }
  const shared = { reference: `REF-${subject}`, address: '192.0.2.7', channel: 'remote' as const }
  return [
    {
      ...shared,
      kind: 'exchange',
      id: timeOrderedId(at),
      at,
      sessionId,
      patron,
      resourceId: 'press',
      method: 'GET',
      host: 'www.press.example',
      path: `/pdf/${item}`,
      url: `www.press.example/pdf/${item}?q=1`,
      status: 200,
      contentType: 'application/pdf',
      bytes: 1000,
      durationMs: 1,
      isComplete: true,
      userAgent: `Mozilla/5.0 (the rare browser of ${subject}) Firefox/140.0`,
      isWebSocket: false,
      use: { kind: 'request', format: 'pdf', item: `id:${item}` },
    },
    {
      kind: 'sign-out',
      id: timeOrderedId(at + 1),
      at: at + 1,
      reference: 'R',
      by: 'reader',
      sessionId,
      patron,
    },
  ]
}

const textOf = (all: readonly Figures[]) => JSON.stringify(all)

test('a person is told what is kept of them; erased, nothing leads to them and no figure changes', async (t) => {
  const world = createWorld()
  const store = world.open()
  t.teardown(async () => {
    await store.close()
    world.remove()
  })
  const { config } = world
  const { timeZone } = config.institution
  const key = pseudonymKeyFor(config.pseudonymKey, config.dataFolder)
  const pseudonyms = createPseudonyms({ key, period: config.pseudonymPeriod, timeZone })
  const keep = createEventKeeping(pseudonyms)
  const visits = [
    ...visit('aigul', 0, 'a'),
    ...visit('aigul', 2, 'b'),
    ...visit('bakyt', 0, 'a'),
    ...visit('bakyt', 2, 'c'),
  ]
  await store.usage.append(visits.map(keep))
  const parts = { store, clock: systemClock, timeZone, keepDays: 100, onUnreadable: t.fail }
  const figures = createFigures(parts)
  await figures.refresh('now')
  const told = async () => [
    textOf(await figures.days('2000-01-01', '2999-12-31')),
    textOf(await figures.months('2000-01', '2999-12')),
  ]
  const before = await told()

  const darbaza = (...words: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { cwd: world.folder, env: { PATH: process.env['PATH'] } }
      const all = [main, 'usage', ...words, '--issuer', typed, '--config', 'gateway.yaml']
      const child = execFile(process.execPath, all, options, (_, stdout, stderr) => {
        resolve({ code: child.exitCode ?? -1, stdout, stderr })
      })
    })
  const ask = (what: string, subject: string) =>
    darbaza(what, '--subject', subject, '--why', 'asked in writing', '--by', 'Aida')

  const exported = await ask('export', 'aigul')
  t.is(exported.stderr, '')
  const document = JSON.parse(exported.stdout) as {
    subject: string
    events: { kind: string; path?: string }[]
  }
  t.is(document.subject, 'aigul')
  t.deepEqual(
    document.events.map(({ kind, path = '' }) => kind + path),
    ['exchange/pdf/a', 'sign-out', 'exchange/pdf/b', 'sign-out'],
  )
  t.deepEqual(JSON.parse((await ask('export', 'nobody')).stdout).events, [])

  const periods = new Set(visits.map(({ at }) => pseudonyms.periodOf(at)))
  const marks = [...periods].flatMap((period) => [
    pseudonyms.person({ issuer, subject: 'aigul' }, period).slice(0, 12),
    ...[0, 2].map((day) => pseudonyms.session(`session-of-aigul-${day}`, period)),
  ])
  const texts = async () => {
    const all = { fromAt: 0, toAt: Date.now() + dayMs, count: 100 }
    const events = await store.usage.read(all)
    const days = await store.figures.read('day-readers', '2000-01-01', '2999-12-31')
    const months = await store.figures.read('month-readers', '2000-01', '2999-12')
    return [...events, ...days, ...months].map(({ body }) => body).join('\n')
  }
  const textBefore = await texts()
  t.true(marks.some((mark) => textBefore.includes(mark)))
  const erased = await ask('erase', 'aigul')
  t.is(erased.stderr, '')
  t.regex(erased.stdout, /^4 events and [34] lists of readers lead to nobody any more\.$/m)
  const text = await texts()
  for (const mark of [...marks, 'aigul']) t.false(text.includes(mark), mark)
  t.true(text.includes('rare browser of bakyt'))
  t.deepEqual(JSON.parse((await ask('export', 'aigul')).stdout).events, [])
  t.is(JSON.parse((await ask('export', 'bakyt')).stdout).events.length, 4)

  t.deepEqual(await told(), before)
  const days = [...(await store.figures.madeFrom('day')).keys()]
  await figures.recount(new Set(days))
  t.deepEqual(await told(), before)

  const log = await new Promise<string>((resolve) => {
    const options = { cwd: world.folder, env: { PATH: process.env['PATH'] } }
    execFile(
      process.execPath,
      [main, 'audit', 'list', '--config', 'gateway.yaml'],
      options,
      (_, out) => {
        resolve(out)
      },
    )
  })
  t.regex(log, /Aida {2}usage-erase {2}patron [\w-]{43}: asked in writing/)
  t.true(log.includes(patronKey({ issuer, subject: 'aigul' })))
  t.notRegex(log, /aigul/)
})
