import test from 'ava'

import type { HeaderLines } from '../../src/core/context.ts'
import { cookieContexts, initiatorOf, relationTo } from '../../src/rewriting/site.ts'
import type { Relation, SameSiteContext } from '../../src/rewriting/site.ts'
import { secureHosts as hosts, upstreamOf } from './hosts.ts'

const names = { hosts, portalOrigin: 'https://library.example.edu' }
const upstream = upstreamOf(hosts, 'https://www.jstor.org/')
const at = (label: string) => `https://${label}.proxy.example.edu`

/** What the browser says, and what the publisher would have been told. */
const relations: readonly (readonly [
  reported: string,
  asker: string | undefined,
  expected: Relation,
])[] = [
  ['same-origin', at('www-jstor-org'), 'same-origin'],
  ['same-site', at('daily-jstor-org'), 'same-site'],
  ['same-site', at('pubs-acs-org'), 'cross-site'],
  ['same-site', undefined, 'cross-site'],
  // A redirect through a sister host is not taken back to same-origin.
  ['same-site', at('www-jstor-org'), 'same-site'],
  ['cross-site', at('www-jstor-org'), 'cross-site'],
  ['cross-site', 'https://www.google.com', 'cross-site'],
  ['cross-site', 'https://library.example.edu', 'none'],
  ['same-site', at('unknown-example'), 'none'],
  ['none', undefined, 'none'],
]

for (const [reported, asker, expected] of relations) {
  test(`${reported} from ${asker ?? 'nowhere'} is ${expected} to the publisher`, (t) => {
    const lines: HeaderLines = asker === undefined ? [] : [['Referer', `${asker}/page`]]
    t.is(relationTo(upstream, initiatorOf(lines, names), reported), expected)
  })
}

test('Origin tells before Referer, unless it is null', (t) => {
  const referer = ['Referer', `${at('pubs-acs-org')}/`] as const
  const origin = ['Origin', at('www-jstor-org')] as const
  t.deepEqual(initiatorOf([referer, origin], names), {
    kind: 'publisher',
    origin: 'https://www.jstor.org',
  })
  t.deepEqual(initiatorOf([['Origin', 'null'], referer], names), {
    kind: 'publisher',
    origin: 'https://pubs.acs.org',
  })
})

function contexts(lines: HeaderLines, method = 'GET') {
  return cookieContexts(lines, { upstream, method, initiator: initiatorOf(lines, names) })
}

function all(context: SameSiteContext) {
  return { jar: context, browser: context }
}

test('SameSite is judged on the publishers for what the browser takes for same-site', (t) => {
  const navigate: HeaderLines = [
    ['Sec-Fetch-Mode', 'navigate'],
    ['Sec-Fetch-Dest', 'document'],
  ]
  const from = (label: string, reported = 'same-site'): HeaderLines => [
    ['Referer', `${at(label)}/`],
    ['Sec-Fetch-Site', reported],
  ]
  t.deepEqual(contexts(from('daily-jstor-org')), all('strict'))
  t.deepEqual(contexts(from('pubs-acs-org')), all('none'))
  t.deepEqual(contexts([...from('pubs-acs-org'), ...navigate]), all('lax'))
  t.deepEqual(contexts([...from('pubs-acs-org'), ...navigate], 'POST'), all('none'))
  t.deepEqual(contexts([['Referer', `${at('pubs-acs-org')}/`]]), all('none'))
  // From outside the zone the browser has judged its own cookies; the jar has nobody else.
  t.deepEqual(contexts([['Sec-Fetch-Site', 'cross-site']]), { jar: 'none', browser: 'strict' })
  t.deepEqual(contexts([]), all('strict'))
})
