/**
 * The rules in force on the console: what staff see of them, overrides begun and ended and an earlier
 * set brought back, by the same code as the command line and with the same entries of the audit log.
 */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

import test, { type ExecutionContext } from 'ava'

import { entryOf } from '../../src/control/audit.ts'
import { overrideOf } from '../../src/control/overrides.ts'
import { verifyAudit } from '../../src/control/verify.ts'
import { systemClock } from '../../src/core/clock.ts'
import { issuerText, patronKey } from '../../src/core/types.ts'
import { until } from '../support/gateway.ts'
import { startConsole, type Answer, type Reader } from './house.ts'

type House = Awaited<ReturnType<typeof startConsole>>

async function opened(t: ExecutionContext): Promise<House> {
  const house = await startConsole()
  t.teardown(() => house.close())
  return house
}

const unescaped = (text: string) =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&')

/** The hidden fields of the form that a page has. */
function hidden({ text }: Answer): Record<string, string> {
  const found = [...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
  return Object.fromEntries(found.map(([, name = '', value = '']) => [name, unescaped(value)]))
}

/** Sends the form of a page with what was typed. */
async function send(
  house: House,
  [page, action]: readonly [page: string, action: string],
  typed: Record<string, string>,
  as: Reader = 'editor',
): Promise<Answer> {
  const form = { ...hidden(await house.ask(page, { as })), ...typed }
  return house.ask(action, { as, form })
}

const begin = (house: House, kind: string, typed: Record<string, string>) =>
  send(house, [`/staff/rules/override?kind=${kind}`, '/staff/rules/override'], {
    until: '3d',
    why: 'ticket 12',
    ...typed,
  })

async function overrides({ store }: House) {
  return (await store.control.overrides()).map((row) => overrideOf(row)?.what)
}

async function lastEntry({ store }: House) {
  const { log } = await store.control.state()
  const [row] = await store.control.rows(log.sequence, 1)
  return row && entryOf(row)
}

const noReader = {
  issuer: 'https://login.example.edu/realms/university',
  subject: 'a{b}:*c',
}

for (const [kind, typed, what, target] of [
  [
    'closure',
    { resource: 'SCOPUS', message_ky: 'Дүйшөмбүгө чейин', message_en: ' Until Monday ' },
    {
      kind: 'closure',
      resource: 'scopus',
      message: { ky: 'Дүйшөмбүгө чейин', en: 'Until Monday' },
    },
    'resource scopus',
  ],
  ['closure', { resource: 'jstor' }, { kind: 'closure', resource: 'jstor' }, 'resource jstor'],
  [
    'seats',
    { pool: 'scopus', seats: '8' },
    { kind: 'seats', pool: 'scopus', seats: 8 },
    'pool scopus',
  ],
  [
    'block',
    { range: '198.51.100.7 ' },
    { kind: 'block', range: '198.51.100.7' },
    'address 198.51.100.0/24',
  ],
  [
    'suspension',
    { subject: noReader.subject },
    { kind: 'suspension', patron: patronKey({ ...noReader, issuer: issuerText(noReader.issuer) }) },
    `patron ${patronKey(noReader)}`,
  ],
  [
    'suspension',
    { patron: patronKey(noReader) },
    { kind: 'suspension', patron: patronKey(noReader) },
    `patron ${patronKey(noReader)}`,
  ],
] as const) {
  test(`an editor begins it, sees it and ends it: ${JSON.stringify(typed)}`, async (t) => {
    const house = await opened(t)
    const begun = await begin(house, kind, typed)
    t.is(begun.status, 303, begun.text)
    t.is(begun.headers['location'], `${house.portalOrigin}/staff/rules?begun`)
    t.deepEqual(await overrides(house), [what])
    t.like(await lastEntry(house), {
      action: 'override-add',
      by: '(editor)',
      why: 'ticket 12',
      target,
    })
    const count = () => Object.values(house.rules.facts().overrides).reduce((sum, n) => sum + n, 0)
    await until(() => count() === 1, 'it does not hold', 1000)

    const { text } = await house.ask('/staff/rules?begun', { as: 'viewer' })
    t.regex(text, /role="status">The override holds\./)
    t.regex(text, /<dt>Why<\/dt><dd>ticket 12<\/dd>/)
    t.notRegex(text, /\?end=/, 'a viewer does not act')
    const [, id = ''] =
      /\?end=(\d+)"/.exec((await house.ask('/staff/rules', { as: 'editor' })).text) ?? []
    const path = [`/staff/rules?end=${id}`, '/staff/rules/override/end'] as const
    const unexplained = await send(house, path, { why: ' ' })
    t.is(unexplained.status, 400)
    t.regex(unexplained.text, /id="why"[^>]* aria-invalid="true"/)
    t.is((await send(house, path, { why: 'spoke with them' })).status, 303)
    t.deepEqual(await overrides(house), [])
    t.like(await lastEntry(house), { action: 'override-end', why: 'spoke with them' })
    await until(() => count() === 0, 'it still holds', 1000)
    const gone = await send(house, ['/staff/rules/override?kind=block', path[1]], { id, why: 'w' })
    t.is(gone.headers['location'], `${house.portalOrigin}/staff/rules?gone`)
    t.is(
      (await verifyAudit({ control: house.store.control, clock: systemClock })).broken,
      undefined,
    )
    t.deepEqual(
      house.events.flatMap((event) => (event.kind === 'staff' ? [event.action] : [])),
      ['override-add', 'override-end'],
    )
  })
}

let quiet: House
test.before(async () => {
  quiet = await startConsole()
})
test.after.always(() => quiet.close())

for (const [kind, typed, field] of [
  ['closure', { resource: 'scopu' }, 'resource'],
  ['closure', { resource: 'scopus', message_ru: 'я'.repeat(501) }, 'message_ru'],
  ['closure', { resource: 'scopus', why: '' }, 'why'],
  ['closure', { resource: 'scopus', why: 'x'.repeat(501) }, 'why'],
  ['closure', { resource: 'scopus', until: '2020-01-01T00:00' }, 'until'],
  ['closure', { resource: 'scopus', until: '' }, 'until'],
  ['seats', { pool: 'scopus', seats: '0' }, 'seats'],
  ['seats', { pool: 'none', seats: '1' }, 'pool'],
  ['block', { range: '010.0.0.1' }, 'range'],
  ['block', { range: '10.0.0.9-10.0.0.1' }, 'range'],
  ['block', { range: '0.0.0.0/0' }, 'range'],
  ['suspension', {}, 'subject'],
  ['suspension', { subject: 'x'.repeat(1999) }, 'subject'],
  ['suspension', { patron: 'short' }, 'patron'],
  ['suspension', { patron: patronKey(noReader), subject: 'a' }, 'patron'],
] as const satisfies readonly [string, Record<string, string>, string][]) {
  test(`what does not do is told at its field and changes nothing: ${kind} ${field} ${JSON.stringify(typed).slice(0, 60)}`, async (t) => {
    const answer = await begin(quiet, kind, typed)
    t.is(answer.status, 400)
    t.regex(answer.text, new RegExp(`id="${field}"[^>]* aria-invalid="true"`))
    t.regex(answer.text, /role="alert"/)
    t.is((await quiet.store.control.state()).log.sequence, 0)
  })
}

test('nothing that is typed becomes markup', async (t) => {
  const payload = `"'><svg onload=alert(1)><script>alert(2)</script>`
  for (const [kind, field] of [
    ['closure', 'resource'],
    ['closure', 'message_ru'],
    ['seats', 'pool'],
    ['block', 'range'],
    ['suspension', 'patron'],
  ] as const) {
    const { status, text } = await begin(quiet, kind, { [field]: payload })
    t.is(status, 400)
    t.notRegex(text, /<script|<svg onload/, field)
  }
  for (const path of [
    `/staff/rules?end=${encodeURIComponent(payload)}`,
    `/staff/rules/override?kind=closure&resource=${encodeURIComponent(payload)}`,
  ]) {
    const { status, text } = await quiet.ask(path, { as: 'editor' })
    t.is(status, 200)
    t.notRegex(text, /<script|<svg onload/, path)
  }
})

test('a form without its token, or a kind that is none, does nothing', async (t) => {
  const form = { kind: 'closure', resource: 'scopus', until: '3d', why: 'w' }
  t.is((await quiet.ask('/staff/rules/override', { as: 'editor', form })).status, 403)
  t.is((await begin(quiet, 'closure', { kind: 'sessions' })).status, 404)
  t.is((await quiet.ask('/staff/rules/override?kind=none', { as: 'editor' })).status, 404)
  for (const path of ['/staff/rules/override?kind=block', '/staff/rules/rollback?version=1']) {
    t.is((await quiet.ask(path, { as: 'viewer' })).status, 403, path)
  }
  t.is((await quiet.ask('/staff/rules/rollback?version=1', { as: 'editor' })).status, 404)
  t.deepEqual(await overrides(quiet), [])
})

test('while nothing is published the page says so', async (t) => {
  const { text } = await quiet.ask('/staff/rules', { as: 'viewer' })
  t.regex(text, /not published: the files \([0-9a-f]{12}\)/)
  t.regex(text, /There is no version before\./)
  t.regex(text, /No override holds now\./)
})

function change(house: House, from: string, to: string): void {
  const file = join(house.folder, 'rules/scopus.yaml')
  writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
}

test('an earlier set is brought back after its differences were read', async (t) => {
  const house = await opened(t)
  await house.publish('The first set')
  change(house, 'seats: 5', 'seats: 9')
  await house.publish('Renewed')
  const { text } = await house.ask('/staff/rules', { as: 'viewer' })
  t.regex(text, /<h3>Version 2<\/h3>[^]*<dd>Aida<\/dd>[^]*<dd>Renewed<\/dd>/)
  t.regex(text, /<li>adds 4 seats to scopus \(5 before, 9 now\)<\/li>/)
  t.regex(text, /<h3>Version 1<\/h3>[^]*The first set/)

  const path = ['/staff/rules/rollback?version=1', '/staff/rules/rollback'] as const
  const page = await house.ask(path[0], { as: 'editor' })
  t.regex(page.text, /What changes against version 2/)
  t.regex(page.text, /<li>takes 4 seats from scopus \(9 before, 5 now\)<\/li>/)
  const unexplained = await send(house, path, { why: '' })
  t.is(unexplained.status, 400)
  t.regex(unexplained.text, /id="why"[^>]* aria-invalid="true"/)

  // Somebody publishes between the reading and the deciding.
  const read = hidden(page)
  change(house, 'seats: 9', 'seats: 7')
  await house.publish('Meanwhile')
  const overtaken = await house.ask(path[1], { as: 'editor', form: { ...read, why: 'back' } })
  t.is(overtaken.status, 400)
  t.regex(overtaken.text, /role="alert">Another version was put into force meanwhile/)
  t.regex(overtaken.text, /takes 2 seats from scopus \(7 before, 5 now\)/)
  t.is((await house.store.control.state()).rules.version, 3)

  const done = await send(house, path, { why: 'Not paid yet' })
  t.is(done.headers['location'], `${house.portalOrigin}/staff/rules?restored`)
  await until(() => house.rules.facts().version === 4, 'it is not in force', 1000)
  t.is(house.rules.current().resources.get('scopus')?.licence.seats, 5)
  t.like(await lastEntry(house), { action: 'rollback', by: '(editor)', why: 'Not paid yet' })
  t.regex((await house.ask('/staff/rules', { as: 'viewer' })).text, /Version 4 · version 1 again/)
  const same = await house.ask(path[0], { as: 'editor' })
  t.regex(same.text, /there is nothing to do/)
  t.notRegex(same.text, /<form class="ask"/)
})

test('a kept set that is damaged cannot be brought back, and the page says why', async (t) => {
  const house = await opened(t)
  await house.publish('The first set')
  change(house, 'seats: 5', 'seats: 9')
  await house.publish('Renewed')
  const database = new DatabaseSync(join(house.folder, 'data/darbaza.sqlite'))
  database.exec(`UPDATE rule_sets SET body = '{' WHERE version = 1`)
  database.close()
  const { status, text } = await house.ask('/staff/rules/rollback?version=1', { as: 'editor' })
  t.is(status, 200)
  t.regex(text, /does not do for the settings of now, or is damaged/)
  t.regex(text, /<li>rule set 1 is damaged: its hash is not that of its content<\/li>/)
  t.notRegex(text, /<form class="ask"/)
})

test('a store that has lost its sets is told, while the process goes on with what it has', async (t) => {
  const house = await opened(t)
  await house.publish('The first set')
  const database = new DatabaseSync(join(house.folder, 'data/darbaza.sqlite'))
  database.exec('DELETE FROM rule_sets')
  database.close()
  const { text } = await house.ask('/staff/rules', { as: 'viewer' })
  t.regex(
    text,
    /role="status">The store has lost the published rules\. [^<]* version 1: publish again/,
  )
  t.is(house.rules.facts().version, 1)
})

test('what the page began the command lists, and what the command began the page shows', async (t) => {
  const house = await opened(t)
  const main = join(import.meta.dirname, '../../src/main.ts')
  const darbaza = (...words: string[]): Promise<string> =>
    new Promise((resolve) => {
      const all = [main, 'override', ...words, '--config', house.configFile]
      execFile(process.execPath, all, { cwd: house.folder }, (_, out, errors) =>
        resolve(out + errors),
      )
    })
  await begin(house, 'seats', { pool: 'scopus', seats: '8' })
  t.regex(await darbaza('list'), /the pool scopus has 8 seats {2}\(editor\): ticket 12/)
  const why = ['--until', '2h', '--why', 'crawler', '--by', 'Bek']
  t.regex(await darbaza('add', 'block', '198.51.100.0/28', ...why), /^Override 2 holds until/)
  const { text } = await house.ask('/staff/rules', { as: 'viewer' })
  t.regex(text, /Address blocked[^]*198\.51\.100\.0\/28[^]*Bek[^]*crawler/)
})

test('with the store away the page says so, and acts are refused', async (t) => {
  const house = await opened(t)
  const form = hidden(await house.ask('/staff/rules/override?kind=block', { as: 'editor' }))
  await house.store.close()
  const { status, text } = await house.ask('/staff/rules', { as: 'editor' })
  t.is(status, 200)
  t.regex(text, /The store does not answer: it tells neither history nor overrides\./)
  const typed = { ...form, range: '198.51.100.7', until: '3d', why: 'w' }
  t.is((await house.ask('/staff/rules/override', { as: 'editor', form: typed })).status, 503)
})
