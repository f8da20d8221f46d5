/** The waiting room as a program sees it: where it leads, what it tells, who may listen. */
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'

import test, { type ExecutionContext } from 'ava'

import { limits } from '../../src/core/limits.ts'
import { startPortal, type PortalTestOptions } from './gateway.ts'

const student = { cookie: 'reader=student; darbaza-language=en' }
const page = { ...student, 'sec-fetch-mode': 'navigate' }
const wanted = 'https://www.full.org/a%2Fb?q=%D0%B0&c=1'
const to = encodeURIComponent(wanted)

async function portalOf(t: ExecutionContext, options?: PortalTestOptions) {
  const portal = await startPortal(options)
  t.teardown(() => portal.close())
  return portal
}

test('it tells the place, who is before, and what can be read meanwhile', async (t) => {
  const portal = await portalOf(t)
  const { status, headers, text } = await portal.ask(`/wait?to=${to}`, { headers: page })
  t.is(status, 200)
  t.regex(text, /<h1>You are in the queue<\/h1>/)
  t.regex(text, /data-place>Your place in the queue: 3</)
  t.regex(text, /data-ahead>2 readers are before you\.</)
  // Three turns at a seat in 170 seconds: eight and a half minutes, told as ten.
  t.regex(text, /data-estimate>10 minutes</)
  t.regex(text, /<noscript><meta http-equiv="refresh" content="10; url=[^"]*&amp;again"/)
  const policy = String(headers['content-security-policy'])
  t.regex(
    policy,
    /^default-src 'none';.*frame-ancestors 'none'; script-src 'self'; connect-src 'self'$/,
  )
  t.is(headers['cache-control'], 'no-store')
  t.is(text.match(/<script/g)?.length, 1)
})

test('a queue of one without a pace tells nothing that it does not know', async (t) => {
  const portal = await portalOf(t, { place: 1 })
  const { text } = await portal.ask(`/wait?to=${to}`, { headers: page })
  t.regex(text, /You are next\./)
  const away = await portalOf(t, { isStoreAway: true })
  const unknown = await away.ask(`/wait?to=${to}`, { headers: page })
  t.is(unknown.status, 200)
  t.regex(unknown.text, /place in the queue cannot be told/)
  t.regex(unknown.text, /http-equiv="refresh"/)
})

test('when the turn has come it leads to the very page, whatever address named it', async (t) => {
  const portal = await portalOf(t)
  const path = '/a%2Fb?q=%D0%B0&c=1#here'
  const proxied = `${portal.zoneOrigin.replace('://', '://www-jstor-org.')}${path}`
  for (const url of [`https://www.jstor.org${path}`, proxied]) {
    const { status, headers } = await portal.ask(`/wait?to=${encodeURIComponent(url)}`, {
      headers: page,
    })
    t.is(status, 303)
    t.is(headers['location'], proxied)
  }
})

test('it leads to hosts of the table and nowhere else', async (t) => {
  const portal = await portalOf(t)
  for (const url of [
    '',
    'https://evil.example/',
    '//evil.example',
    'javascript:alert(1)',
    `${wanted}\t`,
  ]) {
    const query = `to=${encodeURIComponent(url)}`
    for (const path of [`/wait?${query}`, `/wait/events?${query}`, `/wait?${query}&${query}`]) {
      const { status, headers } = await portal.ask(path, { headers: page })
      t.is(status, 421, path)
      t.is(headers['location'], undefined)
    }
  }
})

test('what needs no waiting goes where it is decided, who is signed out to sign-in', async (t) => {
  const portal = await portalOf(t)
  // No seats are counted; the licence has ended.
  for (const id of ['eurasia', 'ended']) {
    const url = encodeURIComponent(`https://www.${id}.org/x`)
    const { status, headers } = await portal.ask(`/wait?to=${url}`, { headers: page })
    t.is(status, 303)
    t.regex(String(headers['location']), new RegExp(`//www-${id}-org\\..*/x$`))
  }
  const { headers } = await portal.ask(`/wait?to=${to}`)
  t.is(
    headers['location'],
    `${portal.portalOrigin}/sign-in?to=${encodeURIComponent(`/wait?to=${to}`)}`,
  )
  const script = { ...student, 'sec-fetch-mode': 'cors' }
  t.is((await portal.ask(`/wait?to=${to}`, { headers: script })).status, 403)
})

test('the queue is left by its own form alone, and a page that refreshes itself stays out', async (t) => {
  const portal = await portalOf(t)
  const leave = (body: string) =>
    portal.ask('/wait/leave', {
      method: 'POST',
      headers: { ...student, 'content-type': 'application/x-www-form-urlencoded' },
      body,
    })
  t.is((await leave(`to=${to}`)).status, 403)
  t.is((await portal.ask('/wait/leave', { headers: page })).status, 405)
  t.deepEqual(portal.left, [])
  const { status, headers } = await leave(`to=${to}&form_token=token-of-this-session`)
  t.is(status, 303)
  t.is(headers['location'], `${portal.portalOrigin}/db/full`)
  t.deepEqual(portal.left, ['full'])
  const again = await portal.ask(`/wait?to=${to}&again`, { headers: page })
  t.regex(again.text, /<h1>You are no longer in the queue<\/h1>/)
  t.regex(again.text, /href="[^"]*\/wait\?to=[^"&]*">Wait again</)
  t.notRegex(again.text, /http-equiv="refresh"|<script/)
})

/** The events of a stream until it ends or enough of them came. */
async function listen(
  portal: Awaited<ReturnType<typeof startPortal>>,
  path: string,
  headers: Record<string, string>,
) {
  const { port, host } = new URL(portal.portalOrigin)
  const call = request({ host: '127.0.0.1', port, path, headers: { host, ...headers } })
  call.end()
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  answer.on('error', () => undefined)
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: () => text,
    ended: new Promise((resolve) => answer.once('close', resolve)),
    leave: () => call.destroy(),
  }
}

const script = { ...student, 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }

test('the place comes by events, each once, and the turn ends them', async (t) => {
  const portal = await portalOf(t)
  const stream = await listen(portal, `/wait/events?to=${to}`, script)
  t.is(stream.status, 200)
  t.is(stream.headers['content-type'], 'text/event-stream; charset=utf-8')
  t.is(stream.headers['cache-control'], 'no-store')
  await new Promise((resolve) => setTimeout(resolve, limits.portal.waitTickMs + 500))
  t.is(stream.text().match(/^event: place$/gm)?.length, 1)
  t.regex(stream.text(), /data: \{"place":"Your place in the queue: 3","ahead":"2 readers are/)
  stream.leave()
  const turn = await listen(
    portal,
    `/wait/events?to=${encodeURIComponent('https://www.jstor.org/')}`,
    script,
  )
  await turn.ended
  t.regex(turn.text(), /event: turn\ndata: \{"place":"A seat is yours/)
})

test('events are for the pages of the portal, so many of a reader, and end with the gateway', async (t) => {
  const portal = await portalOf(t)
  const path = `/wait/events?to=${to}`
  for (const site of ['cross-site', 'same-site', 'none']) {
    t.is((await portal.ask(path, { headers: { ...script, 'sec-fetch-site': site } })).status, 403)
  }
  t.is((await portal.ask(path, { headers: { 'sec-fetch-site': 'same-origin' } })).status, 403)
  const streams = await Promise.all(
    Array.from({ length: limits.portal.waitStreamsPerReader }, () => listen(portal, path, script)),
  )
  t.is((await portal.ask(path, { headers: script })).status, 503)
  streams[0]?.leave()
  await streams[0]?.ended
  await new Promise((resolve) => setTimeout(resolve, 100))
  const next = await listen(portal, path, script)
  t.is(next.status, 200)
  const startedAt = performance.now()
  portal.stop()
  await Promise.all([next.ended, ...streams.slice(1).map(({ ended }) => ended)])
  t.true(performance.now() - startedAt < 1000)
})
