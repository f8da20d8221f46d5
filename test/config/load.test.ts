import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import * as fc from 'fast-check'
import { stringify } from 'yaml'

import { configFindings } from '../../src/config/findings.ts'
import { inspectConfig, loadConfig } from '../../src/config/load.ts'
import { FindingsError } from '../../src/core/findings.ts'
import { categories } from '../../src/core/types.ts'
import { rangeWords } from '../../src/core/ranges.ts'

const root = mkdtempSync(join(tmpdir(), 'darbaza-config-'))
let count = 0

/** A file of its own in a folder of its own. */
function written(text: string): string {
  const folder = join(root, String(count++))
  mkdirSync(folder)
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, text)
  return file
}

const required = `institution: { name: Misal, contact: help@example.edu }
portal: { url: 'https://library.example.edu' }
zone: { url: 'https://read.example.org' }
identity: { providers: [{ id: uni, issuer: 'https://login.example.edu', client: { id: darbaza } }] }
`

/** `required` with one of its lines (from 1) replaced. */
function replaced(line: number, text: string): string {
  return required
    .split('\n')
    .with(line - 1, text)
    .join('\n')
}

function told(text: string, env = {}): string[] {
  const { findings } = inspectConfig(written(text), { env })
  return findings.map(
    ({ number, line, path, message }) => `${number} ${line ?? '-'} ${path}: ${message}`,
  )
}

const originPhrase =
  'expected https://NAME or https://NAME:PORT without a path (http only for names ending in .localhost)'
const secretPhrase =
  'expected { file: PATH } or { env: NAME }, because a secret never stands in this file'
const redisPhrase =
  'expected redis:// or rediss:// and a host, without a password; one with a password as { file: PATH } or { env: NAME }, because a secret never stands in this file'
const rangePhrase = `expected ${rangeWords}`

/** [what, text, the one finding] */
const mistakes: readonly (readonly [string, string, string])[] = [
  ['an empty file', '\n', 'C006 1 institution: is missing, expected a map of settings'],
  ['a list', '- a\n', 'C006 1 : found a list, expected a map of settings'],
  ['broken YAML', `${required}listen: [`, 'C002 5 '],
  ['a duplicate key', `${required}zone: {}\n`, 'C004 5 zone: stands twice, first in line 3'],
  ['an alias', `${required}data: *x\n`, 'C003 5 data: found the alias *x'],
  ['a merge key', `${required}<<: { data: x }\n`, 'C003 5 : found the key <<'],
  ['__proto__', `${required}__proto__: { data: x }\n`, 'C003 5 : found the key __proto__'],
  ['a tag', `${required}data: !env DATA\n`, 'C003 5 data: found the tag !env'],
  [
    'an unknown section',
    `${required}sotre: {}\n`,
    'C005 5 sotre: is not known here, is "store" meant?',
  ],
  [
    'an unknown setting in depth',
    `${required}upstream:\n  connectSeconds: 3\n  conectSeconds: 3\n`,
    'C005 7 upstream.conectSeconds: is not known here, is "connectSeconds" meant?',
  ],
  [
    'an unknown setting like no other',
    `${required}log:\n  quux: 1\n`,
    'C005 6 log.quux: is not known here, expected one of level',
  ],
  ['a missing setting', replaced(3, 'zone: {}'), `C006 3 zone.url: is missing, ${originPhrase}`],
  [
    'a path in the portal',
    replaced(2, 'portal: { url: https://a.example/x }'),
    `C006 2 portal.url: found "https://a.example/x", ${originPhrase}`,
  ],
  [
    'credentials in the portal',
    replaced(2, 'portal: { url: "https://me:pass@a.example" }'),
    `C006 2 portal.url: found "https://…@a.example", ${originPhrase}`,
  ],
  [
    'plain http on a public name',
    replaced(3, 'zone: { url: http://read.example.org }'),
    `C006 3 zone.url: found "http://read.example.org", ${originPhrase}`,
  ],
  [
    'an address as zone',
    replaced(3, 'zone: { url: https://0x7f.1 }'),
    `C006 3 zone.url: found "https://0x7f.1", ${originPhrase}`,
  ],
  [
    'a port as text',
    `${required}listen:\n  port: "80"\n`,
    'C006 6 listen.port: found "80", expected a whole number from 0 to 65535',
  ],
  [
    'a port out of range',
    `${required}management:\n  port: 70000\n`,
    'C006 6 management.port: found 70000, expected a whole number from 0 to 65535',
  ],
  [
    'half a second',
    `${required}upstream: { bodySeconds: 0.5 }\n`,
    'C006 5 upstream.bodySeconds: found 0.5, expected a whole number from 1 to 600',
  ],
  [
    'an address with leading zeros',
    `${required}listen: { address: 010.0.0.1 }\n`,
    'C006 5 listen.address: found "010.0.0.1", expected an IP address or localhost',
  ],
  [
    'a time zone of another planet',
    replaced(1, 'institution: { name: M, contact: c, timeZone: Mars/Base }'),
    'C006 1 institution.timeZone: found "Mars/Base", expected an IANA time zone such as Asia/Bishkek',
  ],
  [
    'an unknown language',
    replaced(1, 'institution: { name: { en: Uni, de: Uni }, contact: c }'),
    'C005 1 institution.name.de: is not known here, expected one of ky, ru, en',
  ],
  [
    'a name of the wrong kind',
    replaced(1, 'institution: { name: [Uni], contact: c }'),
    'C006 1 institution.name: found a list, expected text of at most 200 characters, or { ky: …, ru: …, en: … }',
  ],
  [
    'an issuer without TLS',
    replaced(
      4,
      'identity: { providers: [{ id: uni, issuer: http://login.example.edu, client: { id: x } }] }',
    ),
    'C006 4 identity.providers[0].issuer: found "http://login.example.edu", expected the https URL of an OpenID provider, letter for letter',
  ],
  [
    'an issuer with a query',
    replaced(
      4,
      'identity: { providers: [{ id: uni, issuer: "https://login.example.edu?x", client: { id: x } }] }',
    ),
    'C006 4 identity.providers[0].issuer: found "https://login.example.edu?x", expected the https URL of an OpenID provider, letter for letter',
  ],
  [
    'an inline secret',
    replaced(
      4,
      'identity: { providers: [{ id: uni, issuer: https://a.example, client: { id: x, secret: hunter2 } }] }',
    ),
    `C006 4 identity.providers[0].client.secret: found a value that is not repeated here, ${secretPhrase}`,
  ],
  [
    'a directive of EZproxy that the access log does not have',
    `${required}accessLog:\n  format: '%h %t "%r" %{referer}i'\n`,
    'C006 6 accessLog.format: found %{referer}i, expected directives of %h %l %u %t %r %m %U %v %s %b %{ezproxy-session}i %{ezproxy-groups}i %{user-agent}i %%',
  ],
  [
    'an access log without a time',
    `${required}accessLog: { format: '%h %r' }\n`,
    'C006 5 accessLog.format: expected %t, and %r or %U: without time and address nobody can read it',
  ],
  [
    'a format of two lines',
    `${required}accessLog: { format: "%t %r\\n" }\n`,
    'C006 5 accessLog.format: found "%t %r\\n", expected printable ASCII',
  ],
  [
    'a secret from two places',
    `${required}privacy: { pseudonymKey: { file: x, env: Y } }\n`,
    `C006 5 privacy.pseudonymKey: found a value that is not repeated here, ${secretPhrase}`,
  ],
  [
    'a password in the Redis URL',
    `${required}store:\n  redis:\n    url: redis://me:hunter2@h/0\n`,
    `C006 7 store.redis.url: found a value that is not repeated here, ${redisPhrase}`,
  ],
  [
    'a password in the query of the Redis URL',
    `${required}store: { redis: { url: "redis://h/0?password=hunter2" } }\n`,
    `C006 5 store.redis.url: found a value that is not repeated here, ${redisPhrase}`,
  ],
  [
    'two stores',
    `${required}store: { embedded: {}, redis: { url: redis://h } }\n`,
    'C006 5 store: found both embedded and redis, expected one of them',
  ],
  [
    'a Redis that is alone and in a Cluster',
    `${required}store: { redis: { url: redis://h, cluster: ["h:1"] } }\n`,
    'C006 5 store.redis: expected one of url, cluster and sentinel',
  ],
  [
    'a login beside a URL',
    `${required}store: { redis: { url: redis://h, username: me } }\n`,
    'C006 5 store.redis: found a login or tls beside url, expected them within the URL',
  ],
  [
    'a node without a port',
    `${required}store: { redis: { cluster: ["h"] } }\n`,
    'C006 5 store.redis.cluster[0]: found "h", expected HOST:PORT',
  ],
  [
    'scopes without openid',
    replaced(
      4,
      'identity: { providers: [{ id: uni, issuer: https://a.example, client: { id: x }, scopes: [profile] }] }',
    ),
    'C006 4 identity.providers[0].scopes: found a list, expected a list that has openid',
  ],
  [
    'an unknown category',
    `${required}networks:\n  - name: a\n    ranges: [10.0.0.1]\n    channel: onsite\n    category: pupil\n`,
    'C006 9 networks[0].category: found "pupil", expected faculty, staff, student, member, alum, affiliate or walk-in',
  ],
  [
    'a network without ranges',
    `${required}networks:\n  - { name: a, channel: vpn, ranges: [] }\n`,
    'C006 6 networks[0].ranges: found 0 entries, expected at least 1',
  ],
  ...['10.0.0.0/33', '10.0.0.9-10.0.0.1', '1.2.3', '::1-1.2.3.4', 'fe80::1%eth0', '010.1.1.1'].map(
    (range) =>
      [
        `the range ${range}`,
        `${required}networks:\n  - name: a\n    channel: vpn\n    ranges:\n      - 10.0.0.1\n      - '${range}'\n`,
        `C006 10 networks[0].ranges[1]: found "${range}", ${rangePhrase}`,
      ] as const,
  ),
  [
    'a resolved host in capitals',
    `${required}upstream: { resolve: { WWW.Example.org: '127.0.0.1:1' } }\n`,
    'C006 5 upstream.resolve.WWW.Example.org: found "WWW.Example.org", expected HOST or HOST:PORT in small letters',
  ],
  [
    'a resolved address without port',
    `${required}upstream: { resolve: { www.example.org: 127.0.0.1 } }\n`,
    'C006 5 upstream.resolve.www.example.org: found "127.0.0.1", expected ADDRESS:PORT, an IPv6 address in brackets',
  ],
  [
    'a portal inside the zone',
    replaced(2, 'portal: { url: https://portal.read.example.org }'),
    'C009 2 portal.url: found "portal.read.example.org" inside the zone "read.example.org"',
  ],
  [
    'one name for both',
    replaced(2, 'portal: { url: https://read.example.org }'),
    'C009 2 portal.url: found "read.example.org" inside the zone',
  ],
  [
    'portal and zone on one domain',
    replaced(3, 'zone: { url: https://proxy.example.edu }'),
    'C010 2 portal.url: shares the domain "example.edu" with zone.url',
  ],
  [
    'metrics for everyone',
    `${required}management: { address: 0.0.0.0 }\n`,
    'C011 5 management.address: found "0.0.0.0", which other machines can reach',
  ],
  [
    'two networks of one name',
    `${required}networks:\n  - { name: a, channel: vpn, ranges: [10.0.0.1] }\n  - { name: a, channel: vpn, ranges: [10.0.0.2] }\n`,
    'C012 7 networks[1].name: found "a", which is the name of another network',
  ],
  [
    'a network that a later one hides',
    `${required}networks:\n  - { name: a, channel: vpn, ranges: [10.9.0.0/16] }\n  - { name: b, channel: onsite, ranges: [10.0.0.0/8] }\n`,
    'C015 6 networks[0].ranges[0]: found "10.9.0.0/16", which never decides: "10.0.0.0/8" of "b" comes later',
  ],
  [
    'a network that one which rejects hides',
    `${required}networks:\n  - { name: a, channel: vpn, treatment: reject, ranges: [10.0.0.0/8] }\n  - { name: b, channel: onsite, ranges: ['::ffff:10.9.0.0/112'] }\n`,
    'C015 7 networks[1].ranges[0]: found "::ffff:10.9.0.0/112", which never decides: "10.0.0.0/8" of "a" rejects, which always wins',
  ],
  [
    'a range within another of its network',
    `${required}networks:\n  - { name: a, channel: vpn, ranges: [10.0.0.0/8, 10.9.0.1] }\n`,
    'C015 6 networks[0].ranges[1]: found "10.9.0.1", which never decides: "10.0.0.0/8" of "a" holds it as well',
  ],
  [
    'networks that cross',
    `${required}networks:\n  - { name: a, channel: vpn, ranges: [10.0.0.1-10.0.0.9] }\n  - { name: b, channel: vpn, treatment: direct, ranges: [10.0.0.5-10.0.0.15] }\n`,
    'C016 7 networks[1].ranges[0]: found "10.0.0.5-10.0.0.15", which crosses "10.0.0.1-10.0.0.9" of "a" and decides where both hold: direct instead of authenticate',
  ],
  [
    'a range that stands twice, once as a translator shows it',
    `${required}networks:\n  - { name: a, channel: vpn, ranges: [192.0.2.0/24] }\n  - { name: b, channel: vpn, ranges: ['64:ff9b::192.0.2.0/120'] }\n`,
    'C017 6 networks[0].ranges[0]: found "192.0.2.0/24", which stands in "b" too',
  ],
  [
    'an exception within a network',
    `${required}networks:\n  - { name: a, channel: onsite, treatment: direct, ranges: [10.0.0.0/8] }\n  - { name: b, channel: vpn, ranges: [10.9.0.0/16] }\n`,
    'C018 7 networks[1].ranges[0]: found "10.9.0.0/16", an exception to "10.0.0.0/8" of "a": authenticate instead of direct',
  ],
  [
    'the whole internet let in',
    `${required}networks:\n  - { name: a, channel: remote, treatment: auto-login, ranges: ['::/0'] }\n`,
    'C013 6 networks[0].ranges[0]: found "::/0", which is half of all addresses or more',
  ],
  [
    'the whole internet as proxy',
    `${required}listen: { trustedProxies: [0.0.0.0-255.255.255.255] }\n`,
    'C013 5 listen.trustedProxies[0]: found "0.0.0.0-255.255.255.255", which is half of all addresses or more',
  ],
  [
    'readers trusted as proxies',
    `${required}listen: { trustedProxies: [10.7.0.9, 10.0.0.0/8] }\nnetworks:\n  - { name: a, channel: onsite, ranges: [192.0.2.0/24, 10.7.0.0/16] }\n`,
    'C021 5 listen.trustedProxies[1]: found "10.0.0.0/8", which holds addresses of "a": readers there could claim any other address',
  ],
  [
    'an egress guard without anything to guard',
    `${required}upstream: { allow: [0.0.0.0/0] }\n`,
    'C013 5 upstream.allow[0]: found "0.0.0.0/0", which is half of all addresses or more',
  ],
  [
    'one port for readers and metrics',
    `${required}management: { port: 8080 }\n`,
    'C014 5 management.port: found 8080, expected another port than listen.port',
  ],
  [
    'two schemes',
    replaced(3, 'zone: { url: http://proxy.localhost:8080 }'),
    'C014 3 zone.url: found http://, expected https:// as in portal.url',
  ],
  [
    'an idle limit beyond the absolute one',
    replaced(
      4,
      'identity: { providers: [{ id: uni, issuer: https://a.example, client: { id: x } }], session: { idleMinutes: 90, maxHours: 1 } }',
    ),
    'C014 4 identity.session.idleMinutes: found 90 minutes, expected at most maxHours (1 hours)',
  ],
  [
    'two providers of one issuer',
    replaced(
      4,
      'identity: { providers: [{ id: a, name: A, issuer: https://a.example, client: { id: x } }, { id: b, name: B, issuer: https://a.example/, client: { id: x } }] }',
    ),
    'C019 4 identity.providers[1].issuer: found the issuer of another provider, expected one of its own',
  ],
  [
    'two providers that readers cannot tell apart',
    replaced(
      4,
      'identity: { providers: [{ id: a, issuer: https://a.example, client: { id: x } }, { id: b, issuer: https://b.example, client: { id: x } }] }',
    ),
    'C019 4 identity.providers[1].name: found the name of another provider, expected one of its own',
  ],
  [
    'a unit without a name',
    replaced(
      4,
      'identity: { units: { law: Law }, providers: [{ id: a, issuer: https://a.example, client: { id: x }, claims: { values: { /l: { unit: lwa } } } }] }',
    ),
    'C020 4 identity.providers[0].claims.values./l.unit: found "lwa", which has no name in identity.units',
  ],
  [
    'an id that is no part of a path',
    replaced(
      4,
      'identity: { providers: [{ id: A/b, issuer: https://a.example, client: { id: x } }] }',
    ),
    'C006 4 identity.providers[0].id: found "A/b", expected small letters, digits and single hyphens, at most 40',
  ],
  [
    'a value that means nothing known',
    replaced(
      4,
      'identity: { providers: [{ id: a, issuer: https://a.example, client: { id: x }, claims: { values: { /l: pupil } } }] }',
    ),
    'C006 4 identity.providers[0].claims.values./l: found "pupil", expected a category, or { category: …, unit: … } with at least one of the two',
  ],
  [
    'a variable that is not set',
    `${required}privacy: { pseudonymKey: { env: NO_SUCH } }\n`,
    'C007 5 privacy.pseudonymKey: the environment variable NO_SUCH is not set or empty, expected a secret',
  ],
]

for (const [what, text, finding] of mistakes) {
  test(`${what} is found with number, line, path and words`, (t) => {
    const findings = told(text)
    t.true(findings[0]?.startsWith(finding), findings.join('\n'))
    if (!text.startsWith('\n')) t.is(findings.length, 1, findings.join('\n'))
  })
}

test('every number of the closed list is found by some case', (t) => {
  const numbers = new Set(mistakes.map(([, , finding]) => finding.slice(0, 4)))
  // The file and the files that it names have tests of their own below.
  for (const number of Object.keys(configFindings)) {
    t.true(numbers.has(number) || ['C001', 'C008'].includes(number), number)
  }
})

test('all findings are told at once, in the order of the file', (t) => {
  const text = `institution: { name: '', contact: 5 }
portal: { url: nonsense }
zone: { url: https://read.example.org, ulr: x }
identity: { providers: [{ issuer: 1 }] }
`
  const places = told(text).map((line) => line.split(': ')[0])
  t.deepEqual(places, [
    'C006 1 institution.name',
    'C006 1 institution.contact',
    'C006 2 portal.url',
    'C005 3 zone.ulr',
    'C006 4 identity.providers[0].id',
    'C006 4 identity.providers[0].issuer',
    'C006 4 identity.providers[0].client',
  ])
})

test('a missing file is one finding, and loading it an error with the code and the findings', (t) => {
  const file = join(root, 'none.yaml')
  const { findings } = inspectConfig(file, { env: {} })
  const message = 'cannot be read (ENOENT)'
  t.deepEqual(findings, [{ number: 'C001', severity: 'error', file, path: '', message }])
  const error = t.throws(() => loadConfig(file, { env: {} }), { instanceOf: FindingsError })
  t.is(error.code, 'ERR_CONFIG')
  t.is(error.message, `${file}: ${message}`)
  t.deepEqual(error.findings, findings)
})

test('the providers that the manual shows can be configured as they stand', (t) => {
  const manual = readFileSync(join(import.meta.dirname, '../../docs/sign-in.md'), 'utf8')
  const [shown = ''] = /^identity:\n(?:[ ].*\n)+/m.exec(manual) ?? []
  const file = written(required.replace(/^identity: .*\n/m, shown))
  const { config, findings } = inspectConfig(file, {
    env: { DARBAZA_CLIENT_SECRET: 'a', ACADEMY_SECRET: 'b' },
  })
  t.deepEqual(findings, [])
  t.deepEqual(
    config?.identity.providers.map(({ id }) => id),
    ['university', 'academy'],
  )
})

test('the least configuration gets every default', (t) => {
  const file = written(required)
  const folder = join(file, '..')
  const config = loadConfig(file, { env: {} })
  t.like(config, {
    file,
    institution: { name: { en: 'Misal' }, contact: 'help@example.edu', timeZone: 'Asia/Bishkek' },
    portalOrigin: 'https://library.example.edu',
    zoneOrigin: 'https://read.example.org',
    listen: { address: '127.0.0.1', port: 8080, trustedProxies: [] },
    management: { address: '127.0.0.1', port: 9464 },
    store: { kind: 'embedded', file: join(folder, '../data/darbaza.sqlite') },
    dataFolder: join(folder, '../data'),
    rulesFolder: join(folder, '../rules'),
    networks: [],
    logLevel: 'info',
  })
  t.like(config.identity, { sessionIdleSeconds: 3600, sessionMaxSeconds: 36_000 })
  const [provider] = config.identity.providers
  t.like(provider, { id: 'uni', name: { en: 'Misal' }, scopes: ['openid', 'profile'] })
  t.false('clientSecret' in provider!)
  t.true(provider!.claims.groups.includes('resource_access.darbaza.roles'))
  t.false('pseudonymKey' in config)
  t.is(config.upstream.resolve['constructor'], undefined)
  t.is(provider!.claims.values['constructor'], undefined)
})

for (const [title, store, expected] of [
  [
    'a Cluster with a login',
    '{ redis: { cluster: ["a:1", "[::1]:2"], username: me, password: { env: PASS }, tls: true } }',
    {
      kind: 'redis-cluster',
      nodes: [
        { host: 'a', port: 1 },
        { host: '::1', port: 2 },
      ],
      username: 'me',
      password: 'hunter2',
      isTls: true,
    },
  ],
  [
    'Sentinels without one',
    '{ redis: { sentinel: { master: library, nodes: ["s.example:26379"] } } }',
    {
      kind: 'redis-sentinel',
      master: 'library',
      sentinels: [{ host: 's.example', port: 26379 }],
      isTls: false,
    },
  ],
] as const) {
  test(`a store of several servers: ${title}`, (t) => {
    const file = written(`${required}store: ${store}\n`)
    t.deepEqual(loadConfig(file, { env: { PASS: 'hunter2' } }).store, expected)
  })
}

test('secrets come from file and environment, and one newline at the end is not part of them', (t) => {
  const file = written(`${required}
privacy: { pseudonymKey: { file: key } }
store: { redis: { url: { env: REDIS_URL } } }
`)
  const key = `${'k'.repeat(32)} \n`
  writeFileSync(join(file, '../key'), `${key}\r\n`)
  const config = loadConfig(file, { env: { REDIS_URL: 'redis://:hunter2@h:1/0' } })
  t.is(config.pseudonymKey, key)
  t.deepEqual(config.store, { kind: 'redis', url: 'redis://:hunter2@h:1/0' })
})

test('a missing or empty secret or file is a warning for check and refused for serve', (t) => {
  const file = written(`${required.replace('id: darbaza', 'id: x, secret: { file: empty }')}
privacy: { pseudonymKey: { file: none } }
upstream: { ca: none.pem }
listen:
  tls:
    portal: { cert: ., key: none }
    zone: { cert: empty, key: empty }
`)
  const folder = join(file, '..')
  writeFileSync(join(folder, 'empty'), '\n')
  const { config, outline, findings } = inspectConfig(file, { env: {} })
  t.is(config, undefined)
  t.is(outline?.rulesFolder, join(folder, '../rules'))
  t.deepEqual(
    findings.map(({ number, severity, line, path, message }) => [
      number,
      severity,
      line,
      path,
      message,
    ]),
    [
      [
        'C007',
        'warning',
        4,
        'identity.providers[0].client.secret',
        `${folder}/empty is empty, expected a secret`,
      ],
      [
        'C007',
        'warning',
        6,
        'privacy.pseudonymKey',
        `${folder}/none cannot be read (ENOENT), expected a secret in it`,
      ],
      ['C008', 'warning', 7, 'upstream.ca', `${folder}/none.pem cannot be read (ENOENT)`],
      ['C008', 'warning', 10, 'listen.tls.portal.cert', `${folder} is not a file`],
      ['C008', 'warning', 10, 'listen.tls.portal.key', `${folder}/none cannot be read (ENOENT)`],
    ],
  )
  t.throws(() => loadConfig(file, { env: {} }), { code: 'ERR_CONFIG' })
})

test('a secret of the wrong form is an error that does not repeat it', (t) => {
  const text = `${required}privacy: { pseudonymKey: { env: KEY } }\nstore: { redis: { url: { env: URL } } }\n`
  t.deepEqual(told(text, { KEY: 'hunter2', URL: 'hunter2' }), [
    'C006 5 privacy.pseudonymKey: found a key of 7 characters, expected at least 32',
    'C006 6 store.redis.url: the secret is not a URL, expected redis:// or rediss://',
  ])
})

test('no finding repeats a secret, wherever it was put', (t) => {
  const places = [
    replaced(
      4,
      'identity: { providers: [{ id: uni, issuer: https://a.example, client: { id: x, secret: [hunter2] } }] }',
    ),
    replaced(
      4,
      'identity: { providers: [{ id: uni, issuer: https://a.example, client: { id: x, secret: { value: hunter2 } } }] }',
    ),
    replaced(2, 'portal: { url: "https://:hunter2@a.example" }'),
    `${required}store: { redis: { url: { url: hunter2 } } }\n`,
    `${required}store: { redis: { url: "redis://:hunter2@h:port:/0" } }\n`,
    `${required}privacy: { pseudonymKey: hunter2 }\n`,
  ]
  for (const text of places) {
    const findings = told(text).join('\n')
    t.not(findings, '')
    t.notRegex(findings, /hunter2/)
  }
})

test('without a section for it there is no console; with one, groups are read as identity reads them', (t) => {
  t.is(loadConfig(written(required), { env: {} }).console, undefined)
  const text = `${required}console: { viewers: { groups: [/library/desk, staff] }, editors: { subjects: [f3b1] } }\n`
  t.deepEqual(loadConfig(written(text), { env: {} }).console, {
    viewers: { groups: ['library/desk', 'staff'], subjects: [] },
    editors: { groups: [], subjects: ['f3b1'] },
    networks: [],
  })
})

for (const [section, expected] of [
  [
    '{ viewers: { groups: [] } }',
    'C006 5 console: found a map of settings, expected a group or a subject of viewers or editors',
  ],
  [
    '{ editors: { groups: [a] }, networks: [office] }',
    'C014 5 console.networks[0]: found "office", which is the name of no network; expected none',
  ],
  [
    '{ editors: { groups: [a] }, provider: b }',
    'C014 5 console.provider: found "b", which is the id of no provider; expected uni',
  ],
  [
    '{ viewers: { groups: [a] }, editors: { group: [a] } }',
    'C005 5 console.editors.group: is not known here, is "groups" meant?',
  ],
] as const) {
  test(`of the console, ${section} is told`, (t) => {
    t.deepEqual(told(`${required}console: ${section}\n`), [expected])
  })
}

test('the configuration that is delivered is valid but for the secret', (t) => {
  const file = join(import.meta.dirname, '../../config/gateway.yaml')
  const env = { DARBAZA_CLIENT_SECRET: 'x' }
  t.deepEqual(inspectConfig(file, { env }).findings, [])
  t.deepEqual(
    inspectConfig(file, { env: {} }).findings.map(({ number }) => number),
    ['C007'],
  )
})

test('any valid configuration is read back as it was written', (t) => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/)
  const octet = fc.nat(255)
  const address = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'))
  const network = fc.record(
    {
      name,
      ranges: fc.array(address, { minLength: 1, maxLength: 3 }),
      site: name,
      channel: fc.constantFrom('onsite', 'vpn', 'remote'),
      treatment: fc.constantFrom('authenticate', 'auto-login', 'direct', 'reject'),
      category: fc.constantFrom(...categories),
    },
    { requiredKeys: ['name', 'ranges', 'channel', 'treatment', 'category'], noNullPrototype: true },
  )
  const input = fc.record({
    portal: name,
    zone: name,
    port: fc.nat(8000),
    trustedProxies: fc.array(address, { maxLength: 3 }),
    networks: fc.uniqueArray(network, { selector: (each) => each.name, maxLength: 4 }),
    idleMinutes: fc.integer({ min: 1, max: 60 }),
    maxHours: fc.integer({ min: 1, max: 168 }),
    values: fc.dictionary(
      name,
      fc.record(
        { category: fc.constantFrom(...categories), unit: name },
        { requiredKeys: ['unit'] },
      ),
      { maxKeys: 3, noNullPrototype: true },
    ),
    level: fc.constantFrom('debug', 'info', 'warn', 'error', 'silent'),
    ky: fc.string({ minLength: 1, maxLength: 20 }).filter((text) => /\S/.test(text)),
  })
  fc.assert(
    fc.property(input, ({ portal, zone, port, trustedProxies, networks, ...rest }) => {
      const { idleMinutes, maxHours, values, level, ky } = rest
      const file = written(
        stringify({
          institution: { name: { ky }, contact: 'help@example.edu' },
          portal: { url: `https://${portal}.example.edu` },
          zone: { url: `https://${zone}.example.org/` },
          listen: { port, trustedProxies },
          identity: {
            providers: [
              {
                id: 'uni',
                issuer: 'https://login.example.edu',
                client: { id: 'x' },
                claims: { values },
              },
            ],
            session: { idleMinutes, maxHours },
          },
          networks,
          log: { level },
        }),
      )
      const config = loadConfig(file, { env: {} })
      t.is(config.portalOrigin, `https://${portal}.example.edu`)
      t.is(config.zoneOrigin, `https://${zone}.example.org`)
      t.deepEqual(config.listen, { address: '127.0.0.1', port, trustedProxies })
      t.deepEqual(config.networks, networks)
      t.deepEqual({ ...config.identity.providers[0]!.claims.values }, values)
      t.is(config.identity.sessionIdleSeconds, idleMinutes * 60)
      t.is(config.identity.sessionMaxSeconds, maxHours * 3600)
      t.is(config.logLevel, level)
      t.deepEqual(config.institution.name, { ky })
    }),
    { numRuns: 150 },
  )
})
