/**
 * Cookies that scripts have written for a domain: who gets them, and what is refused.
 * @module
 */
import test from 'ava'

import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { sendRaw, startMessageGateway, type MessageGateway } from '../support/message-gateway.ts'
import { reply } from '../support/publisher.ts'

const zone = 'proxy.example.edu'
const page = `www-jstor-org.${zone}`
let gateway: MessageGateway

test.before(async () => {
  gateway = await startMessageGateway({
    resources: [resourceWith([ruleOf('www.jstor.org', 'exact'), ruleOf('jstor.org', 'domain')])],
    zoneOrigin: `https://${zone}`,
    script: (socket, { head }) => {
      const lines = head.startsWith('GET /hidden')
        ? 'Set-Cookie: secret=1; Domain=jstor.org; HttpOnly; Path=/\r\n' +
          'Set-Cookie: deep=1; Domain=jstor.org; HttpOnly; Path=/account\r\nConnection: close'
        : 'Connection: close'
      socket.end(reply('', lines))
    },
  })
})
test.after.always(() => gateway.close())

/** Tells of cookies as the shim does; gives the status. */
async function tell(lines: string, { method = 'POST', origin = `https://${page}` } = {}) {
  const head = [
    `${method} /.darbaza/cookies/deep/page HTTP/1.1`,
    `Host: ${page}`,
    `Origin: ${origin}`,
    `Content-Length: ${lines.length}`,
    'Connection: close',
  ]
  const answer = await sendRaw(gateway.port, `${head.join('\r\n')}\r\n\r\n${lines}`)
  return Number(answer.split(' ')[1])
}

/** The Cookie header that a sister host gets. */
async function sentTo(host: string, path = '/'): Promise<string | undefined> {
  const before = gateway.secure.requests.length
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}.${zone}\r\nConnection: close\r\n\r\n`
  await sendRaw(gateway.port, request)
  return /^cookie: (.*)$/im.exec(gateway.secure.requests[before]?.head ?? '')?.[1]
}

test.beforeEach(() => {
  gateway.changeReader('signed-in')
})

for (const [title, line, cookie] of [
  ['a domain', 'a=1; Domain=.jstor.org; Path=/', 'a=1'],
  ["the zone's own name, as pages compute it", `a=1; Domain=${zone}; Path=/`, 'a=1'],
  ['its last labels', 'a=1; domain=example.edu; Path=/', 'a=1'],
  ["the page's own host", `a=1; Domain=${page}; Path=/`, undefined],
  ['another domain', 'a=1; Domain=acs.org; Path=/', undefined],
  ['a public suffix', 'a=1; Domain=org; Path=/', undefined],
  ['no domain', 'a=1; Path=/', undefined],
  ['HttpOnly, which scripts may not say', 'a=1; Domain=jstor.org; Path=/; HttpOnly', undefined],
  ['a host prefix', '__Host-a=1; Domain=jstor.org; Path=/; Secure', undefined],
  ['a host prefix in a value without a name', '=__Host-a=1; Domain=jstor.org; Path=/', undefined],
  ["the gateway's own name", '__Host-gw=1; Domain=jstor.org; Path=/', undefined],
  ['no path, so that of the page', 'a=1; Domain=jstor.org', undefined],
  [
    'a cookie and its end',
    'a=1; Domain=jstor.org; Path=/\na=; Domain=jstor.org; Path=/; Max-Age=0',
    undefined,
  ],
] as const) {
  test.serial(`a sister host gets a cookie of ${title}: ${cookie ?? 'none'}`, async (t) => {
    t.is(await tell(line), 204)
    t.is(await sentTo('daily-jstor-org'), cookie)
  })
}

test.serial('without a path it is kept for the folder of the page', async (t) => {
  await tell('a=1; Domain=jstor.org')
  t.is(await sentTo('daily-jstor-org', '/deep/other'), 'a=1')
})

test.serial('a cookie that scripts may not see is not overwritten', async (t) => {
  await sentTo('www-jstor-org', '/hidden')
  await tell('secret=mine; Domain=jstor.org; Path=/')
  t.is(await sentTo('daily-jstor-org'), 'secret=1')
  await tell('deep=mine; Domain=jstor.org; Path=/account')
  await tell('deep=; Domain=jstor.org; Path=/account; Max-Age=0')
  t.is(await sentTo('daily-jstor-org', '/account'), 'deep=1; secret=1')
})

test.serial('letters beyond ASCII are the bytes that the page sent', async (t) => {
  await tell(Buffer.from('a=ж; Domain=jstor.org; Path=/').toString('latin1'))
  await tell('b=1; Domain=jstor.org; Path=/')
  const sent = await sentTo('daily-jstor-org')
  t.is(Buffer.from(sent ?? '', 'latin1').toString(), 'a=ж; b=1')
})

test.serial('only a page of the very host is believed', async (t) => {
  const line = 'a=1; Domain=jstor.org; Path=/'
  for (const origin of [`https://daily-jstor-org.${zone}`, 'https://evil.example', 'null', '']) {
    t.is(await tell(line, { origin }), 403, origin)
  }
  t.is(await tell(line, { method: 'PUT' }), 405)
  t.is(await tell('x'.repeat(70_000)), 400)
  t.is(await sentTo('daily-jstor-org'), undefined)
})

test.serial('nobody tells of cookies', async (t) => {
  gateway.changeReader('nobody')
  t.is(await tell('a=1; Domain=jstor.org; Path=/'), 401)
})
