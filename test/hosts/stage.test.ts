import { once } from 'node:events'
import { connect } from 'node:net'

import test from 'ava'

import type { GatewayContext, Stage } from '../../src/core/context.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { createHostsStage } from '../../src/hosts/stage.ts'
import { emptyRulebook, serveStage } from '../support/application.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'

const portalOrigin = 'https://library.example.edu'
const zoneOrigin = 'https://proxy.example.edu'
const resources = [resourceWith([ruleOf('my-site.com', 'exact'), ruleOf('jstor.org', 'domain')])]
const hosts = createHostMap({ resources, zoneOrigin })
const hostsStage = createHostsStage({ portalOrigin, zoneOrigin })

/** Answers with the route, as JSON. */
const pipeline: Stage = async (context: GatewayContext) => {
  context.state.rulebook = { ...emptyRulebook, hosts }
  await hostsStage(context, async () => {
    const { route } = context.state
    context.body = 'upstream' in route ? `${route.kind} ${route.upstream.origin}` : route.kind
  })
}

const { server } = await serveStage(pipeline)
test.after(() => server.stop())

async function ask(head: string): Promise<string> {
  const socket = connect(server.address.port, '127.0.0.1')
  socket.end(head.replaceAll('\n', '\r\n'))
  let answer = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk))
  await once(socket, 'close')
  return answer
}

const answers: readonly [rule: string, head: string, expected: RegExp][] = [
  ['the portal', 'GET / HTTP/1.1\nHost: library.example.edu', /^HTTP\/1.1 200[^]*portal$/],
  [
    'the portal in capitals, with the port',
    'GET / HTTP/1.1\nHost: LIBRARY.example.edu:443',
    /portal$/,
  ],
  ['the landing', 'GET /.darbaza/hop HTTP/1.1\nHost: login.proxy.example.edu', /landing$/],
  [
    'a proxied host',
    'GET /a?b#c HTTP/1.1\nHost: my--site-com.proxy.example.edu',
    /proxied https:\/\/my-site\.com$/,
  ],
  [
    'a host of a domain',
    'GET / HTTP/1.1\nHost: a-jstor-org.proxy.example.edu',
    /proxied https:\/\/a\.jstor\.org$/,
  ],
  [
    'the reserved prefix',
    'GET /.darbaza/t HTTP/1.1\nHost: my--site-com.proxy.example.edu',
    /reserved /,
  ],
  [
    'the reserved prefix within a path',
    'GET /a/.darbaza/ HTTP/1.1\nHost: my--site-com.proxy.example.edu',
    /proxied /,
  ],
  ['an unknown label', 'GET / HTTP/1.1\nHost: www-google-com.proxy.example.edu', /^HTTP\/1.1 421/],
  ['an unknown host', 'GET / HTTP/1.1\nHost: evil.example', /^HTTP\/1.1 421/],
  ['another port', 'GET / HTTP/1.1\nHost: library.example.edu:99', /^HTTP\/1.1 421/],
  ['a name below the portal', 'GET / HTTP/1.1\nHost: a.library.example.edu', /^HTTP\/1.1 421/],
  ['an address', 'GET / HTTP/1.1\nHost: [::1]', /^HTTP\/1.1 400/],
  ['no host', 'GET / HTTP/1.1\nHost:', /^HTTP\/1.1 400/],
  ['a path in the host', 'GET / HTTP/1.1\nHost: library.example.edu/..', /^HTTP\/1.1 400/],
  ['a query in the host', 'GET / HTTP/1.1\nHost: library.example.edu?a', /^HTTP\/1.1 400/],
  ['a fragment in the host', 'GET / HTTP/1.1\nHost: library.example.edu#a', /^HTTP\/1.1 400/],
  ['userinfo in the host', 'GET / HTTP/1.1\nHost: a@library.example.edu', /^HTTP\/1.1 400/],
  ['a port out of range', 'GET / HTTP/1.1\nHost: library.example.edu:999999', /^HTTP\/1.1 400/],
  [
    'two hosts',
    'GET / HTTP/1.1\nHost: library.example.edu\nHost: library.example.edu',
    /^HTTP\/1.1 400/,
  ],
  [
    'an absolute target',
    'GET http://127.0.0.1:6379/ HTTP/1.1\nHost: library.example.edu',
    /^HTTP\/1.1 400/,
  ],
  [
    'an absolute target of the portal',
    'GET https://library.example.edu/ HTTP/1.1\nHost: library.example.edu',
    /^HTTP\/1.1 400/,
  ],
  ['an asterisk', 'OPTIONS * HTTP/1.1\nHost: library.example.edu', /^HTTP\/1.1 400/],
  [
    'dot segments',
    'GET /a/../.darbaza/ HTTP/1.1\nHost: my--site-com.proxy.example.edu',
    /^HTTP\/1.1 400/,
  ],
  [
    'encoded dot segments',
    'GET /a/%2E%2e HTTP/1.1\nHost: my--site-com.proxy.example.edu',
    /^HTTP\/1.1 400/,
  ],
  ['a backslash', 'GET /a\\b HTTP/1.1\nHost: my--site-com.proxy.example.edu', /^HTTP\/1.1 400/],
  [
    'dots that are no segment',
    'GET /a..b/...?x=/../ HTTP/1.1\nHost: my--site-com.proxy.example.edu',
    /proxied /,
  ],
  [
    'an old spelling',
    'GET /a?b=%2F HTTP/1.1\nHost: my-site-com.proxy.example.edu',
    /^HTTP\/1.1 303[^]*Location: https:\/\/my--site-com\.proxy\.example\.edu\/a\?b=%2F\r/,
  ],
  [
    'a form to an old spelling',
    'POST /a HTTP/1.1\nContent-Length: 0\nHost: my-site-com.proxy.example.edu',
    /^HTTP\/1.1 421/,
  ],
  [
    "EZproxy's login address",
    'GET /login?url=https://my-site.com/?a&b HTTP/1.1\nHost: proxy.example.edu',
    /^HTTP\/1.1 303[^]*Location: https:\/\/library\.example\.edu\/login\?url=https:\/\/my-site\.com\/\?a&b\r/,
  ],
  [
    'slashes that look like a host',
    'GET //evil.example/ HTTP/1.1\nHost: login.proxy.example.edu',
    /Location: https:\/\/library\.example\.edu\/\/evil\.example\/\r/,
  ],
]
for (const [rule, head, expected] of answers) {
  test(`${rule}: ${expected.source.slice(0, 60)}`, async (t) => {
    const [line, ...lines] = head.split('\n')
    const answer = await ask([line, ...lines, 'Connection: close', '', ''].join('\n'))
    t.regex(answer, expected)
  })
}
