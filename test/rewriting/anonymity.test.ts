import test from 'ava'

import type { HeaderLines } from '../../src/core/context.ts'
import {
  anonymousMark,
  isAnonymous,
  openToSister,
  withoutMark,
} from '../../src/rewriting/anonymity.ts'
import { createBodyTransform } from '../../src/rewriting/text-body.ts'
import { feed } from '../support/conformance-body.ts'
import { secureHosts, upstreamOf } from './hosts.ts'

const page = 'https://www-jstor-org.proxy.example.edu'
const upstream = upstreamOf(secureHosts, 'https://api.acs.org/')
const marked: [string, string] = ['Accept', `*/*, ${anonymousMark}`]

function part(dest: string, more: HeaderLines = []): HeaderLines {
  return [
    ['Sec-Fetch-Mode', 'cors'],
    ['Sec-Fetch-Site', 'same-site'],
    ['Sec-Fetch-Dest', dest],
    ...more,
  ]
}

for (const [what, lines, expected] of [
  ['a module of a sister host', part('script'), true],
  ['a picture for a canvas', part('image'), true],
  ['what a script asks for, unmarked', part('empty'), false],
  ['what a script asks for, marked', part('empty', [marked]), true],
  ['a font, which has no cookie anyway', part('font'), false],
  ['a module of the own host', part('script').with(1, ['Sec-Fetch-Site', 'same-origin']), false],
  ['a classic script', part('script').with(0, ['Sec-Fetch-Mode', 'no-cors']), false],
] as const) {
  test(`${what} is asked for ${expected ? 'without' : 'with'} the publisher's cookies`, (t) => {
    t.is(isAnonymous(lines), expected)
  })
}

test('the mark leaves Accept as the page wrote it', (t) => {
  t.is(withoutMark('application/json, text/*;q=0.5'), 'application/json, text/*;q=0.5')
  t.is(withoutMark(`application/json, ${anonymousMark}`), 'application/json')
  t.is(withoutMark(anonymousMark), '*/*')
})

function open(answer: HeaderLines, lines: HeaderLines, method = 'GET'): Record<string, string> {
  const opened = openToSister(answer, { lines, method, upstream, hosts: secureHosts })
  return Object.fromEntries(opened.map(([name, value]) => [name.toLowerCase(), value]))
}

const toAll: [string, string] = ['Access-Control-Allow-Origin', '*']
const opened = {
  'access-control-allow-origin': page,
  'access-control-allow-credentials': 'true',
  vary: 'Origin',
}

test('an answer without cookies is opened to the sister that the publisher opened it to', (t) => {
  const lines: HeaderLines = [['Origin', page], marked]
  t.deepEqual(open([toAll], lines), opened)
  t.deepEqual(open([['Access-Control-Allow-Origin', page]], lines), opened)
  t.deepEqual(open([toAll], part('script', [['Origin', page]])), opened)
})

test('wildcards, which mean nothing with credentials, are written out', (t) => {
  const exposed: HeaderLines = [toAll, ['X-Total', '3'], ['Access-Control-Expose-Headers', '*']]
  const { 'access-control-expose-headers': names } = open(exposed, [['Origin', page], marked])
  t.is(names, 'access-control-allow-origin, x-total, access-control-expose-headers')
  const preflight: HeaderLines = [
    ['Origin', page],
    ['Access-Control-Request-Method', 'PUT'],
    ['Access-Control-Request-Headers', 'x-client'],
  ]
  const allowed: HeaderLines = [
    toAll,
    ['Access-Control-Allow-Methods', '*'],
    ['Access-Control-Allow-Headers', '*'],
  ]
  t.deepEqual(open(allowed, preflight, 'OPTIONS'), {
    ...opened,
    'access-control-allow-methods': 'PUT',
    'access-control-allow-headers': 'x-client',
  })
})

for (const [what, answer, lines, method] of [
  ['got with cookies', [toAll], [['Origin', page]], 'GET'],
  ['that the publisher opened to nobody', [], [['Origin', page], marked], 'GET'],
  ['for a foreign origin', [toAll], [['Origin', 'https://evil.example'], marked], 'GET'],
  ['for no origin', [toAll], [marked], 'GET'],
  ['for an opaque origin', [toAll], [['Origin', 'null'], marked], 'GET'],
  ['to a foreign preflight', [toAll], [['Origin', 'https://evil.example']], 'OPTIONS'],
  [
    'opened to another sister',
    [['Access-Control-Allow-Origin', 'https://pubs-acs-org.proxy.example.edu']],
    [['Origin', page], marked],
    'GET',
  ],
] as const) {
  test(`an answer ${what} stays as it is`, (t) => {
    t.is(openToSister(answer, { lines, method, upstream, hosts: secureHosts }), answer)
  })
}

const sister = 'https://api-acs-org.proxy.example.edu/x.js'
for (const [markup, expected] of [
  [
    '<script type="module" src="https://api.acs.org/x.js"></script>',
    `<script type="module" crossorigin="use-credentials" src="${sister}"></script>`,
  ],
  [
    '<script crossorigin src="https://api.acs.org/x.js"></script>',
    `<script crossorigin="use-credentials" src="${sister}"></script>`,
  ],
  [
    '<img src="https://api.acs.org/x.js" crossorigin=anonymous>',
    `<img src="${sister}" crossorigin="use-credentials">`,
  ],
  [
    '<link rel=preload as=font crossorigin href="https://api.acs.org/x.js">',
    `<link rel=preload as=font crossorigin href="${sister}">`,
  ],
  ['<script src="https://api.acs.org/x.js"></script>', `<script src="${sister}"></script>`],
  ['<script type="module" src="/x.js"></script>', '<script type="module" src="/x.js"></script>'],
  [
    '<script crossorigin src="https://cdn.example/x.js"></script>',
    '<script crossorigin src="https://cdn.example/x.js"></script>',
  ],
] as const) {
  test(`markup asks a sister host with the gateway's cookie: ${markup}`, (t) => {
    const url = 'https://www.jstor.org/'
    const facts = { hosts: secureHosts, upstream: upstreamOf(secureHosts, url), url }
    const transform = createBodyTransform({ kind: 'html', page: facts, contentType: 'text/html' })
    t.is(feed(transform, [Buffer.from(markup)]).toString(), expected)
  })
}
