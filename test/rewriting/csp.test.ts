import test from 'ava'

import { mapPolicies, scriptNonce } from '../../src/rewriting/csp.ts'
import { plainHosts, secureHosts, upstreamOf } from './hosts.ts'

const jstor = { hosts: secureHosts, upstream: upstreamOf(secureHosts, 'https://www.jstor.org/') }
const shimmed = { ...jstor, hasShim: true }
const plain = { hosts: plainHosts, upstream: upstreamOf(plainHosts, 'https://www.jstor.org/') }
const proxied = 'https://www-jstor-org.proxy.example.edu'

const policies: readonly (readonly [given: string, expected: string | undefined])[] = [
  ["default-src 'self' https://www.jstor.org/js/", `default-src 'self' ${proxied}/js/`],
  [
    "img-src pubs.acs.org data:; script-src 'self'",
    "img-src pubs-acs-org.proxy.example.edu data:; script-src 'self'",
  ],
  [
    'connect-src wss://www.jstor.org https://unknown.example',
    `connect-src wss://www-jstor-org.proxy.example.edu https://unknown.example ${proxied}/.darbaza/`,
  ],
  // A domain rule opens every host below it, and a proxied host is one label: only the zone will do.
  ['img-src https://*.jstor.org', 'img-src https://*.proxy.example.edu https://*.jstor.org'],
  [
    'img-src https://*.acs.org',
    'img-src https://pubs-acs-org.proxy.example.edu https://api-acs-org.proxy.example.edu https://*.acs.org',
  ],
  // The shim runs from the page's own host, and only from there.
  ["script-src 'none'", `script-src ${proxied}/.darbaza/`],
  ['default-src https://cdn.example', `default-src https://cdn.example ${proxied}/.darbaza/`],
  [
    "script-src 'self'; script-src-elem https://cdn.example",
    `script-src 'self'; script-src-elem https://cdn.example ${proxied}/.darbaza/`,
  ],
  // It tells of cookies there, too.
  ["connect-src 'none'; img-src 'none'", `connect-src ${proxied}/.darbaza/; img-src 'none'`],
  [
    "connect-src 'self'; default-src 'none'",
    `connect-src 'self'; default-src ${proxied}/.darbaza/`,
  ],
  ["img-src 'self'; report-uri /r; report-to d", "img-src 'self'"],
  ['report-uri /r', undefined],
  ["script-src 'sha256-AAAA'", undefined],
  ["require-trusted-types-for 'script'; img-src *", undefined],
  ["style-src 'sha384-AAAA', img-src 'self'", "img-src 'self'"],
  [
    'sandbox allow-scripts; upgrade-insecure-requests',
    'sandbox allow-scripts; upgrade-insecure-requests',
  ],
  ['frame-ancestors https://www.jstor.org', `frame-ancestors ${proxied}`],
]

for (const [given, expected] of policies) {
  test(`policy: ${given}`, (t) => {
    t.is(mapPolicies(given, shimmed), expected)
  })
}

for (const [given, expected] of [
  [
    "default-src 'self';img-src\t pubs.acs.org ;",
    "default-src 'self';img-src\t pubs-acs-org.proxy.example.edu ;",
  ],
  ['IMG-SRC HTTPS://cdn.example;;sandbox', 'IMG-SRC HTTPS://cdn.example;;sandbox'],
  ["img-src 'self';report-uri /r;style-src *", "img-src 'self';style-src *"],
  ["img-src 'none',style-src 'self'", "img-src 'none',style-src 'self'"],
  ["script-src 'none'", "script-src 'none'"],
] as const) {
  test(`only hosts move in the policy of a page without the shim: ${given}`, (t) => {
    t.is(mapPolicies(given, jstor), expected)
  })
}

test('in a plain zone, https: admits the zone and upgrades are left out', (t) => {
  t.is(
    mapPolicies('img-src https: wss:; upgrade-insecure-requests', plain),
    'img-src https: http://*.proxy.localhost:8080 wss: ws://*.proxy.localhost:8080',
  )
  t.is(
    mapPolicies('img-src https://www.jstor.org', plain),
    'img-src http://www-jstor-org.proxy.localhost:8080',
  )
})

test('the nonce is that of the directive that governs script elements', (t) => {
  t.is(scriptNonce(["script-src 'nonce-abc' 'strict-dynamic'"]), 'abc')
  t.is(scriptNonce(["default-src 'nonce-a+/='; style-src 'nonce-no'"]), 'a+/=')
  t.is(scriptNonce(["style-src 'nonce-no'", "script-src 'self'"]), undefined)
  t.is(scriptNonce([`script-src 'nonce-"><x'`]), undefined)
})
