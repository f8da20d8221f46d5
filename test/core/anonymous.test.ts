import test from 'ava'
import * as fc from 'fast-check'

import { isAnonymousPath } from '../../src/core/anonymous.ts'
import type { GatewayContext, GatewayState } from '../../src/core/context.ts'
import { compileScope } from '../../src/resources/path-patterns.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { emptyRulebook } from '../support/application.ts'

const hosts = [ruleOf('www.jstor.org', 'exact')]
const resource = {
  ...resourceWith(hosts),
  rewriting: {
    anonymousPaths: [
      { scope: compileScope([], ['/open/**', '/feed.xml'], []), methods: ['GET'] },
      { scope: compileScope(hosts, ['/**'], ['www.jstor.org']), methods: ['OPTIONS'] },
    ],
  },
}

interface Asked {
  readonly method?: string
  readonly host?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly state?: Partial<GatewayState>
}

/** As much of a request as decides. */
function isOpen(target: string, asked: Asked = {}): boolean {
  const { method = 'GET', host = 'www.jstor.org', headers = {} } = asked
  const upstream = {
    scheme: 'https',
    host,
    port: 443,
    authority: host,
    origin: `https://${host}`,
    resource,
  } as const
  const context: Partial<Omit<GatewayContext, 'req' | 'state'>> & {
    req: { url: string }
    state: Partial<GatewayState>
  } = {
    method,
    req: { url: target },
    get: (name: string) => headers[name] ?? '',
    state: { rulebook: emptyRulebook, route: { kind: 'proxied', upstream }, ...asked.state },
  }
  return isAnonymousPath(context as GatewayContext)
}

/** [what, target, what else, whether it is open] */
const cases: readonly (readonly [string, string, Asked, boolean])[] = [
  ['a path of the pattern', '/open/a/b.css', {}, true],
  ['its query does not matter', '/open/a?x=/../..', {}, true],
  ['plain percent-encoding', '/open/%D0%B0%20b', {}, true],
  ['a slash at the end', '/open/a/', {}, true],
  ['an exact path', '/feed.xml', {}, true],
  ['a path above it', '/open', {}, false],
  ['a longer name', '/opening/a', {}, false],
  ['another method', '/open/a', { method: 'HEAD' }, false],
  ['a method of its own', '/x', { method: 'OPTIONS' }, true],
  ['a host that it is not for', '/x', { method: 'OPTIONS', host: 'api.jstor.org' }, false],
  ['a body', '/open/a', { headers: { 'Content-Length': '1' } }, false],
  ['a body of unknown length', '/open/a', { headers: { 'Transfer-Encoding': 'chunked' } }, false],
  ['the portal', '/open/a', { state: { route: { kind: 'portal' } } }, false],
  ['a target that is no path', 'http://www.jstor.org/open/a', {}, false],
  ['a fragment', '/open/a#/../b', {}, false],
  ['a question mark in disguise', '/open/a%3f.css', {}, false],
  ['a number sign in disguise', '/open/a%23.css', {}, false],
  ['a line end', '/open/a%0a.css', {}, false],
  ['a dot in more bytes than it takes', '/open/%c0%ae%c0%ae/a', {}, false],
]

for (const [what, target, asked, isIt] of cases) {
  test(`${what} is ${isIt ? 'open to everybody' : 'not open'}`, (t) => {
    t.is(isOpen(target, asked), isIt)
  })
}

test('who has a session asks with it', (t) => {
  const session = {
    id: 's',
    patron: { issuer: 'i', subject: 's', categories: [], groups: [] },
    startedAt: 0,
    endsAt: 1,
  }
  t.false(isOpen('/open/a', { state: { session } }))
})

/** Everything that servers are known to make of a path before they look for a file. */
function readings(path: string): string[] {
  const decoded = [path]
  for (let round = 0; round < 3; round += 1) {
    decoded.push(
      (decoded.at(-1) ?? '').replace(/%([\da-f]{2})/gi, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      ),
    )
  }
  return decoded
    .flatMap((text) => [text, text.replaceAll('\\', '/'), text.replace(/;[^/]*/g, '')])
    .flatMap((text) => [text, text.replace(/\/+/g, '/'), text.split('\0')[0] ?? ''])
    .map((text) => new URL(text.replace(/[?#].*$/s, ''), 'https://x').pathname)
}

test('no path that a server may read as one outside is open', (t) => {
  const pieces =
    '/ / . .. %2e %2E. %2f %5c \\ ; ;x %3b %00 %25 %252e a open ? # % // é \t %c0%ae %u002e'
  const piece = fc.constantFrom(...pieces.split(' '), ' ')
  const path = fc.array(piece, { maxLength: 8 }).map((list) => `/open/${list.join('')}`)
  fc.assert(
    fc.property(path, (target) => {
      if (!isOpen(target)) return
      for (const reading of readings(target.split('?')[0] ?? '')) t.regex(reading, /^\/open\//)
    }),
    { numRuns: 5000 },
  )
})
