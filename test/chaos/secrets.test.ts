import test from 'ava'

import { clientSecret, ruleOf, until } from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import type { Answer } from '../support/reader.ts'
import { canaryAccounts, openHouse } from './house.ts'
import { byPath } from './mishaps.ts'

const subject = 'canary-subject'
const address = '203.0.113.77'
const query = 'canary-query'

test('no secret and no person is in a log line, an error page, a metric or a stored event', async (t) => {
  const publisher = await startPublisher(
    byPath({
      [`/reset?q=${query}`]: (socket) => socket.resetAndDestroy(),
      [`/cut?q=${query}`]: (socket) =>
        socket.end(
          'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99\r\n\r\n<p>cut',
        ),
      '/cookies': (socket) =>
        socket.write(
          reply(
            'set',
            'Content-Type: text/html\r\nSet-Cookie: sid=canary-publisher-cookie; Path=/',
          ),
        ),
    }),
  )
  const {
    gateway,
    reader: readerOf,
    close,
  } = await openHouse({
    rules: {
      press: ruleOf('www.press.test', { seats: 5 }),
      gone: ruleOf('www.gone.test'),
      staff: ruleOf('www.staff.test', { categories: ['staff'] }),
    },
    hosts: { 'www.press.test': publisher.port, 'www.gone.test': 9, 'www.staff.test': 9 },
  })
  t.teardown(async () => {
    await close()
    await publisher.close()
  })
  const reader = readerOf(subject)
  const headers = { 'X-Forwarded-For': address, 'User-Agent': 'test' }
  const secrets = new Set<string>([clientSecret, subject, address, 'canary-publisher-cookie'])
  for (const { name } of Object.values(canaryAccounts)) secrets.add(name)

  /** Follows a redirect chain by hand, keeping every secret that passes. */
  async function visit(url: string): Promise<Answer> {
    const answer = await reader.ask(url, { headers })
    for (const name of ['t', 'code', 'state', 'nonce', 'id_token_hint', 'code_challenge', 'ask']) {
      const value = URL.parse(answer.location, url)?.searchParams.get(name)
      if (typeof value === 'string') secrets.add(value)
    }
    for (const line of answer.headers['set-cookie'] ?? []) {
      const value = /^[^=]+=([^;]+)/.exec(line)?.[1]
      if (value !== undefined && value.length > 20) secrets.add(value)
    }
    return answer
  }

  const press = (path: string) => gateway.proxied(`http://www.press.test${path}`)
  t.is((await reader.visit(press('/'))).status, 200)
  for (const { value } of await reader.jar.getCookies(press('/'))) secrets.add(value)
  for (const { value } of await reader.jar.getCookies(gateway.portal)) secrets.add(value)

  // A second way in, by hand, so that tickets are seen; then everything that can go wrong.
  const stranger = readerOf('r1')
  t.is((await stranger.visit(press('/'))).status, 200)
  const hop = await visit(
    `${gateway.portal}/enter?to=${encodeURIComponent('http://www.press.test/')}&ask=${'a'.repeat(43)}`,
  )
  t.regex(hop.location, /\/\.darbaza\/ticket\?t=/)
  const pages: Answer[] = [
    await stranger.ask(hop.location, { headers }),
    await visit(hop.location),
    await visit(press(`/reset?q=${query}`)),
    await visit(gateway.proxied(`http://www.gone.test/?q=${query}`)),
    await visit(gateway.proxied(`http://www.staff.test/?q=${query}`)),
    await visit(
      `${gateway.portal}/callback/university?code=canary-code&state=canary-state&error=canary-error`,
    ),
    await visit(`${gateway.portal}/none?q=${query}`),
    await reader.ask(press('/'), { method: 'TRACE', headers }),
    await reader.ask(press('/'), {
      headers: {
        ...headers,
        Cookie: `darbaza-zone=${'c'.repeat(43)}; darbaza-zone=${'d'.repeat(43)}`,
      },
    }),
    await reader.ask(press(`/${'a'.repeat(70_000)}?q=${query}`), { headers }),
  ]
  for (const value of ['canary-code', 'canary-state', 'c'.repeat(43), 'd'.repeat(43)]) {
    secrets.add(value)
  }
  t.deepEqual(
    pages.map(({ status }) => status),
    [400, 400, 502, 502, 403, 400, 404, 405, 400, 431],
  )
  // The cookie that came twice was cleared.
  t.is((await reader.visit(press('/'))).status, 200)
  t.is((await visit(press('/cookies'))).status, 200)
  await visit(press(`/cut?q=${query}`))
  await visit(press(`/search?q=${query}`))
  const account = await visit(`${gateway.portal}/account`)
  const token = /name="form_token" value="([^"]+)"/.exec(account.text)?.[1] ?? ''
  for (const part of token.split('.')) secrets.add(part)
  const form = (value: string) =>
    reader.ask(`${gateway.portal}/sign-out`, {
      method: 'POST',
      body: new URLSearchParams({ form_token: value }).toString(),
      headers: {
        ...headers,
        Origin: gateway.portal,
        'Content-Type': 'application/x-www-form-urlencoded',
      },
    })
  pages.push(await form(`${token.slice(0, -2)}AA`))
  t.is(pages.at(-1)?.status, 403)
  const farewell = await form(token)
  const idToken = new URL(farewell.location).searchParams.get('id_token_hint') ?? ''
  t.regex(idToken, /^ey[\w-]+\.[\w-]+\.[\w-]+$/)
  secrets.add(idToken)
  t.true(secrets.size > 12, `${secrets.size} secrets`)

  await until(
    async () => (await gateway.usage()).some(({ path }) => path === '/search'),
    'the last event is not stored',
  )
  const events = JSON.stringify(await gateway.usage())
  const { body: metrics } = await gateway.manage('/metrics')
  const { body: ready } = await gateway.manage('/readyz')
  const { log, errors } = gateway.said
  t.true(events.includes('"network24":"203.0.113.0/24"'))
  const places = { log, errors, events, metrics, ready }
  for (const secret of [...secrets, query]) {
    for (const [place, text] of Object.entries(places)) {
      t.false(text.includes(secret), `${secret} is in ${place}`)
    }
  }
  // The way back to what the reader asked for, with its query, belongs on the page; no secret does.
  for (const secret of secrets) {
    for (const { text, status } of pages) {
      t.false(text.includes(secret), `${secret} is on a page of ${status}`)
    }
  }
})
