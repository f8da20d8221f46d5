import test from 'ava'

import type { HeaderLines } from '../../src/core/context.ts'
import {
  anonymousMark,
  anonymousName,
  isAnonymousPart,
  isMarkedAnonymous,
  isPreflightOfMark,
  openToSister,
  unconditional,
  withoutMark,
  withoutMarkName,
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
  ['what it asks for with a weight', part('empty', [['Accept', `${anonymousMark};q=1`]]), true],
  ['what it asks for with a header', part('empty', [['X-Darbaza-Anonymous', '1']]), true],
  ['what only looks marked', part('empty', [['Accept', `x${anonymousMark}`]]), false],
  ['a font, which has no cookie anyway', part('font'), false],
  ['a module of the own host', part('script').with(1, ['Sec-Fetch-Site', 'same-origin']), false],
  ['a classic script', part('script').with(0, ['Sec-Fetch-Mode', 'no-cors']), false],
] as const) {
  test(`${what} is asked for ${expected ? 'without' : 'with'} the publisher's cookies`, (t) => {
    t.is(isAnonymousPart(lines) || isMarkedAnonymous(lines), expected)
  })
}

test('the mark leaves Accept as the page wrote it', (t) => {
  t.is(withoutMark('application/json, text/*;q=0.5'), 'application/json, text/*;q=0.5')
  t.is(withoutMark(`application/json, ${anonymousMark}`), 'application/json')
  t.is(withoutMark(`text/html , X-Darbaza/Anonymous;q=1 ,*/*`), 'text/html ,*/*')
  t.is(withoutMark(anonymousMark), '*/*')
})

test("a preflight asks the publisher for the page's own headers alone", (t) => {
  t.is(withoutMarkName('x-a,x-b'), 'x-a,x-b')
  t.is(withoutMarkName(`x-a,${anonymousName},x-b`), 'x-a,x-b')
  t.is(withoutMarkName('X-Darbaza-Anonymous'), undefined)
})

for (const [method, names, expected] of [
  ['GET', anonymousName, true],
  ['POST', 'X-Darbaza-Anonymous', true],
  ['PUT', anonymousName, false],
  ['GET', `${anonymousName},x-a`, false],
  ['GET', 'x-a', false],
] as const) {
  test(`a preflight for ${method} with ${names} is ${expected ? "the gateway's own" : "the page's"}`, (t) => {
    const lines: HeaderLines = [
      ['Access-Control-Request-Method', method],
      ['Access-Control-Request-Headers', names],
    ]
    t.is(isPreflightOfMark(lines), expected)
  })
}

test('no validator that was got with cookies is asked about without them', (t) => {
  const kept: HeaderLines = [['Range', 'bytes=0-1']]
  t.deepEqual(unconditional([['If-None-Match', '"a"'], ['IF-Modified-Since', 'x'], ...kept]), kept)
  t.deepEqual(unconditional([['If-Range', '"a"'], ...kept]), [])
})

function asking(lines: HeaderLines, method: string) {
  const isAnonymous = isAnonymousPart(lines) || isMarkedAnonymous(lines)
  return { lines, method, upstream, hosts: secureHosts, isAnonymous }
}

function open(answer: HeaderLines, lines: HeaderLines, method = 'GET'): Record<string, string> {
  const result = openToSister(answer, asking(lines, method))
  return Object.fromEntries(result.map(([name, value]) => [name.toLowerCase(), value]))
}

const toAll: [string, string] = ['Access-Control-Allow-Origin', '*']
const opened = {
  'access-control-allow-origin': page,
  'access-control-allow-credentials': 'true',
  vary: `Origin, Accept, ${anonymousName}`,
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
    ['Access-Control-Request-Headers', `authorization,x-client,${anonymousName}`],
  ]
  const allowed: HeaderLines = [
    toAll,
    ['Access-Control-Allow-Methods', '*'],
    ['Access-Control-Allow-Headers', '*'],
  ]
  t.deepEqual(open(allowed, preflight, 'OPTIONS'), {
    ...opened,
    'access-control-allow-methods': 'PUT',
    'access-control-allow-headers': `x-client, ${anonymousName}`,
  })
  const listed = allowed.with(2, ['Access-Control-Allow-Headers', 'Authorization, *'])
  const { 'access-control-allow-headers': headers } = open(listed, preflight, 'OPTIONS')
  t.is(headers, `Authorization, x-client, ${anonymousName}`)
})

test('a permission is remembered only among hosts of one resource', (t) => {
  const preflight: HeaderLines = [
    ['Origin', page],
    ['Access-Control-Request-Method', 'PUT'],
    ['Access-Control-Request-Headers', anonymousName],
  ]
  const allowed: HeaderLines = [toAll, ['Access-Control-Max-Age', '600']]
  t.is(open(allowed, preflight, 'OPTIONS')['access-control-max-age'], '600')
  const other = { ...upstream, resource: { ...upstream.resource, id: 'other' } }
  const elsewhere = openToSister(allowed, { ...asking(preflight, 'OPTIONS'), upstream: other })
  t.deepEqual(
    elsewhere.filter(([name]) => name === 'Access-Control-Max-Age'),
    [['Access-Control-Max-Age', '0']],
  )
})

const simply: HeaderLines = [
  ['Origin', page],
  ['Access-Control-Request-Method', 'PUT'],
]
for (const [what, answer, lines, method] of [
  ['got with cookies', [toAll], [['Origin', page]], 'GET'],
  ['that the publisher opened to nobody', [], [['Origin', page], marked], 'GET'],
  ['for a foreign origin', [toAll], [['Origin', 'https://evil.example'], marked], 'GET'],
  ['for no origin', [toAll], [marked], 'GET'],
  ['for an opaque origin', [toAll], [['Origin', 'null'], marked], 'GET'],
  ['to a foreign preflight', [toAll], [['Origin', 'https://evil.example']], 'OPTIONS'],
  ['to a preflight of a request with credentials', [toAll], simply, 'OPTIONS'],
  [
    'opened to another sister',
    [['Access-Control-Allow-Origin', 'https://pubs-acs-org.proxy.example.edu']],
    [['Origin', page], marked],
    'GET',
  ],
] as const) {
  test(`an answer ${what} is opened no further`, (t) => {
    const result = openToSister(answer, asking(lines, method))
    t.deepEqual(
      result.filter(([name]) => name !== 'Vary'),
      answer,
    )
  })
}

test('what a browser keeps for one kind of request is not taken for another', (t) => {
  t.is(open([toAll], [])['vary'], 'Origin')
  t.is(open([toAll], [['Origin', page]])['vary'], `Origin, Accept, ${anonymousName}`)
  t.is(open([toAll], [['Origin', 'https://evil.example']])['vary'], undefined)
})

const sister = 'https://api-acs-org.proxy.example.edu/x.js'
for (const [markup, expected] of [
  [
    '<script type="module" src="https://api.acs.org/x.js"></script>',
    `<script type="module" crossorigin="use-credentials" src="${sister}"></script>`,
  ],
  [
    '<link rel="modulepreload" href="https://api.acs.org/x.js">',
    `<link rel="modulepreload" crossorigin="use-credentials" href="${sister}">`,
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
  [
    '<link rel=preload as=fetch crossorigin href="https://api.acs.org/x.js">',
    `<link rel=preload as=fetch media="not all" href="${sister}">`,
  ],
  [
    '<link rel=preload as=fetch crossorigin=use-credentials href="https://api.acs.org/x.js">',
    `<link rel=preload as=fetch crossorigin="use-credentials" href="${sister}">`,
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
    const facts = {
      hosts: secureHosts,
      upstream: upstreamOf(secureHosts, url),
      url,
      asksWithCredentials: true,
    }
    const transform = createBodyTransform({ kind: 'html', page: facts, contentType: 'text/html' })
    t.is(feed(transform, [Buffer.from(markup)]).toString(), expected)
  })
}
