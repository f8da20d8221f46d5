/** "This does not work": who may tell, what is taken, and that what is typed stays text. */
import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { startPortal, type PortalTestOptions } from './gateway.ts'

const student = { cookie: 'reader=student; darbaza-language=en' }

async function portalOf(
  t: { teardown(fn: () => Promise<void>): void },
  options?: PortalTestOptions,
) {
  const portal = await startPortal(options)
  t.teardown(() => portal.close())
  const post = (fields: Record<string, string>, headers: Record<string, string> = student) =>
    portal.ask('/problem', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ form_token: 'token-of-this-session', ...fields }).toString(),
    })
  return { ...portal, post }
}

const whole = { resource: 'jstor', kind: 'full_text', text: 'no PDF', about: '7K3M-QX2P-9DTF' }

test('a report is kept, said once without its words, and thanked for with its reference', async (t) => {
  const portal = await portalOf(t)
  const { status, headers } = await portal.post(whole)
  t.is(status, 303)
  const [report, ...more] = await portal.linkReports.open()
  t.deepEqual(more, [])
  t.like(report, {
    resourceId: 'jstor',
    kind: 'full_text',
    text: 'no PDF',
    about: '7K3M-QX2P-9DTF',
    channel: 'remote',
  })
  const [event, ...others] = portal.events
  t.deepEqual(others, [])
  t.like(event, { kind: 'link-report', resourceId: 'jstor', problem: 'full_text' })
  t.notRegex(JSON.stringify(event), /no PDF/)
  const thanks = new URL(String(headers['location']))
  t.is(thanks.searchParams.get('reference'), report?.reference ?? '')
  const { text } = await portal.ask(thanks.pathname + thanks.search, { headers: student })
  t.true(text.includes('<h1>Thank you</h1>'))
  t.true(text.includes(`>${report?.reference}</code>`))
})

test('who is not signed in is led to sign-in and back to the very form, and can send nothing', async (t) => {
  const portal = await portalOf(t)
  const { status, headers } = await portal.ask('/problem?resource=jstor&kind=refused')
  t.is(status, 303)
  const to = new URL(String(headers['location'])).searchParams.get('to')
  t.is(to, '/problem?resource=jstor&kind=refused')
  t.is((await portal.post(whole, {})).status, 303)
  t.deepEqual(await portal.linkReports.open(), [])
})

test('a forged form keeps nothing', async (t) => {
  const portal = await portalOf(t)
  t.is((await portal.post({ ...whole, form_token: 'guessed' })).status, 403)
  t.deepEqual(await portal.linkReports.open(), [])
})

const long = 'x'.repeat(limits.linkReports.textChars + 1)
for (const [name, fields, field, words] of [
  ['no such database', { resource: 'nothing' }, 'resource', 'choose a database'],
  ['no database', { resource: '' }, 'resource', 'choose a database'],
  ['no such kind', { kind: 'constructor' }, 'kind', 'choose what is wrong'],
  ['a text that is too long', { text: long }, 'text', 'longer than 500'],
] as const) {
  test(`${name}: the form is shown again as it was filled in`, async (t) => {
    const portal = await portalOf(t)
    const { status, text } = await portal.post({ ...whole, ...fields })
    t.is(status, 400)
    t.true(text.includes(words))
    t.regex(text, new RegExp(`<(?:select|fieldset|textarea)[^>]*aria-invalid="true"`), field)
    t.true(text.includes('value="7K3M-QX2P-9DTF"'))
    if (!('text' in fields)) t.true(text.includes('no PDF'))
    if (!('kind' in fields)) t.true(text.includes('value="full_text" required checked'))
    t.deepEqual(await portal.linkReports.open(), [])
  })
}

test('what is told twice, or while the store is away, is told so and not lost from the form', async (t) => {
  const portal = await portalOf(t)
  await portal.post(whole)
  const twice = await portal.post({ ...whole, text: 'and more' })
  t.is(twice.status, 429)
  t.true(twice.text.includes('and more'))
  t.is((await portal.linkReports.open()).length, 1)
  const away = await portalOf(t, { isStoreAway: true })
  const { status, text } = await away.post(whole)
  t.is(status, 503)
  t.true(text.includes('no PDF'))
  t.deepEqual(away.events, [])
})

test('a text becomes one line without control characters, and a reference is one or nothing', async (t) => {
  const portal = await portalOf(t)
  await portal.post({ ...whole, text: '  first\r\n\u001b[2Jsecond\u202e ', about: '=cmd|calc' })
  const [report] = await portal.linkReports.open()
  t.is(report?.text, 'first [2Jsecond')
  t.is(report?.about, undefined)
})

const linkIn = (text: string) => /href="([^"]*\/problem[^"]*)"/.exec(text)?.[1]

test('pages about a database lead to the form, with what they know; others do not', async (t) => {
  const portal = await portalOf(t)
  const host = new URL(portal.zoneOrigin.replace('://', '://www-jstor-org.')).host
  const ask = async (path: string, on?: string) => {
    const { text } = await portal.ask(path, { headers: student, ...(on && { host: on }) })
    const reference = /class="reference">([^<]*)</.exec(text)?.[1] ?? 'none'
    return linkIn(text)
      ?.replaceAll('&amp;', '&')
      .replace(portal.portalOrigin, '')
      .replace(reference, 'REF')
  }
  t.is(await ask('/db/jstor'), '/problem?resource=jstor')
  t.is(await ask('/help'), '/problem')
  const failed = '/problem?resource=jstor&kind=unreachable&about=REF'
  t.is(await ask('/fail/ERR_UPSTREAM_SLOW', host), failed)
  const refused = '/problem?resource=jstor&kind=refused&about=REF'
  t.is(await ask('/refuse/category_not_entitled', host), refused)
  for (const reason of ['not_signed_in', 'seats_full']) {
    t.is(await ask(`/refuse/${reason}`, host), undefined, reason)
  }
  t.is(await ask('/nothing'), undefined)
})
