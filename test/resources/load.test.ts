import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import test from 'ava'
import * as fc from 'fast-check'
import { stringify } from 'yaml'

import { limits } from '../../src/core/limits.ts'
import { categories } from '../../src/core/types.ts'
import { ruleFindings } from '../../src/resources/findings.ts'
import { loadResources, type RuleContext } from '../../src/resources/load.ts'

const root = mkdtempSync(join(tmpdir(), 'darbaza-rules-'))
let count = 0

/** A rules folder with these files. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String(count++))
  mkdirSync(folder)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

function told(files: Readonly<Record<string, string>>, context: RuleContext = {}): string[] {
  const folder = folderOf(files)
  return loadResources(folder, context).findings.map(({ number, file, line, path, message }) => {
    const place = line === undefined ? file : `${file}:${line}`
    return `${number} ${place} ${path}: ${message}`.replaceAll(`${folder}/`, '').trim()
  })
}

/** A good rule with the hosts of a name; lines 1 to 7, `licence` last. */
function rule(name: string, licence = '{}'): string {
  return `title: ${name}
provider: P
start: https://www.${name}.org/
hosts:
  - www.${name}.org
  - '*.${name}-cdn.org'
licence: ${licence}
`
}

const fixedClock = { now: () => Date.parse('2026-06-30T20:00:00Z'), steady: () => 0 }

/** [what, files, findings] */
const mistakes: readonly (readonly [
  string,
  Readonly<Record<string, string>>,
  readonly string[],
])[] = [
  [
    'an empty file',
    { 'a.yaml': '' },
    [
      'F006 a.yaml:1 title: is missing, expected text of at most 300 characters, or { ky: …, ru: …, en: … }',
      'F006 a.yaml:1 provider: is missing, expected text of 1 to 200 characters',
      'F006 a.yaml:1 start: is missing, expected an absolute http or https URL',
      'F006 a.yaml:1 hosts: is missing, expected a list',
      'F006 a.yaml:1 licence: is missing, expected a map of settings',
    ],
  ],
  [
    'a duplicate key',
    { 'a.yaml': `${rule('a')}provider: Q\n` },
    ['F004 a.yaml:8 provider: stands twice, first in line 2'],
  ],
  ['broken YAML', { 'a.yaml': 'title: "x' }, ['F002 a.yaml:1 : Missing closing "quote']],
  [
    'a merge key',
    { 'a.yaml': `${rule('a')}<<: { open: false }\n` },
    ['F003 a.yaml:8 : found the key <<, which is not taken here'],
  ],
  [
    'an unknown key',
    { 'a.yaml': `${rule('a')}licens: {}\n` },
    ['F005 a.yaml:8 licens: is not known here, is "licence" meant?'],
  ],
  [
    'the American spelling',
    { 'a.yaml': rule('a').replace('licence', 'license') },
    [
      'F006 a.yaml:1 licence: is missing, expected a map of settings',
      'F005 a.yaml:7 license: is not known here, is "licence" meant?',
    ],
  ],
  [
    'an unknown term',
    { 'a.yaml': rule('a', '\n  from: 2026-01-01\n  seat: 3') },
    ['F005 a.yaml:9 licence.seat: is not known here, is "seats" meant?'],
  ],
  [
    'seats as text',
    { 'a.yaml': rule('a', '\n  seats: many') },
    ['F006 a.yaml:8 licence.seats: found "many", expected a whole number from 1 to 100000'],
  ],
  [
    'a day that is none',
    { 'a.yaml': rule('a', '\n  until: 2026-02-30') },
    ['F006 a.yaml:8 licence.until: found "2026-02-30", expected a day such as 2026-12-31'],
  ],
  [
    'a word for false',
    { 'a.yaml': `${rule('a')}open: no\n` },
    ['F006 a.yaml:8 open: found "no", expected true or false'],
  ],
  [
    'an unknown category',
    { 'a.yaml': rule('a', '\n  categories:\n    - student\n    - pupil') },
    [
      'F006 a.yaml:10 licence.categories[1]: found "pupil", expected faculty, staff, student, member, alum, affiliate or walk-in',
    ],
  ],
  [
    'a host of the wrong kind',
    { 'a.yaml': rule('a').replace("'*.a-cdn.org'", '{ host: x.org }') },
    [
      'F006 a.yaml:6 hosts[1]: found a map of settings, expected a host (www.jstor.org, *.jstor.org, http://…, https://…:8443) or { domain: jstor.org }',
    ],
  ],
  [
    'no hosts',
    { 'a.yaml': 'title: A\nprovider: P\nstart: https://a.org/\nhosts: []\nlicence: {}\n' },
    ['F006 a.yaml:4 hosts: found an empty list, expected the hosts of the resource'],
  ],
  [
    'a file that is no slug',
    { 'Web_of Science.yaml': rule('a') },
    ['F007 Web_of Science.yaml : expected a name of small letters, digits and single hyphens'],
  ],
  [
    'a file with the other ending',
    { 'a.yml': rule('a') },
    ['F007 a.yml : expected a name that ends in .yaml'],
  ],
  [
    'one id in two folders',
    { 'a/x.yaml': rule('a'), 'b/x.yaml': rule('b') },
    ['F008 b/x.yaml : has the id "x", which is that of a/x.yaml'],
  ],
  [
    'an address as host',
    { 'a.yaml': rule('a').replace("'*.a-cdn.org'", '127.0.0.1') },
    ['F009 a.yaml:6 hosts[1]: found "127.0.0.1", expected a name, not an address'],
  ],
  [
    'a public suffix',
    { 'a.yaml': rule('a').replace("'*.a-cdn.org'", '{ domain: github.io }') },
    [
      'F010 a.yaml:6 hosts[1]: found "github.io", under which many owners have domains; expected a domain of one owner',
    ],
  ],
  [
    'a host in two resources',
    { 'a.yaml': rule('a'), 'b.yaml': rule('b').replace("'*.b-cdn.org'", 'http://www.a.org') },
    [
      'F011 b.yaml:6 hosts[1]: found "www.a.org", which stands in a.yaml too; expected each host in one resource',
    ],
  ],
  [
    'a domain in two resources',
    { 'a.yaml': rule('a'), 'b.yaml': rule('b').replace('*.b-cdn.org', '*.a-cdn.org') },
    [
      'F011 b.yaml:6 hosts[1]: found "*.a-cdn.org", which stands in a.yaml too; expected each host in one resource',
    ],
  ],
  [
    'a host twice',
    { 'a.yaml': rule('a').replace('*.a-cdn.org', 'WWW.a.org:443') },
    ['F012 a.yaml:6 hosts[1]: found "www.a.org" a second time'],
  ],
  [
    'a domain with and without its apex in two resources',
    {
      'a.yaml': rule('a'),
      'b.yaml': rule('b').replace("'*.b-cdn.org'", '{ domain: a-cdn.org }'),
    },
    [
      'F011 b.yaml:6 hosts[1]: found "*.a-cdn.org", which stands in a.yaml too; expected each host in one resource',
    ],
  ],
  [
    'a host with http and https',
    { 'a.yaml': rule('a').replace('*.a-cdn.org', 'http://www.a.org') },
    [
      'F011 a.yaml:6 hosts[1]: found "www.a.org" with http and with https, which share one name in the zone; expected one of them',
    ],
  ],
  [
    'a start elsewhere',
    { 'a.yaml': rule('a').replace('https://www.a.org/', 'https://login.a.org/x') },
    [
      'F014 a.yaml:3 start: found "https://login.a.org", which is none of the hosts; expected one of them',
    ],
  ],
  [
    'a start without TLS',
    { 'a.yaml': rule('a').replace('https://www', 'http://www') },
    [
      'F014 a.yaml:3 start: found "http://www.a.org", which is none of the hosts; expected one of them',
    ],
  ],
  [
    'an end before the beginning',
    { 'a.yaml': rule('a', '\n  from: 2026-09-01\n  until: 2026-08-31') },
    ['F015 a.yaml:9 licence.until: found 2026-08-31, which is before licence.from (2026-09-01)'],
  ],
  [
    'a licence that is over',
    { 'a.yaml': rule('a', '\n  until: 2026-06-28\n  graceDays: 2') },
    ['F016 a.yaml:8 licence.until: found 2026-06-28: the licence is over, nobody can read'],
  ],
  [
    'a licence in its last day of grace',
    { 'a.yaml': rule('a', '\n  until: 2026-06-28\n  graceDays: 3') },
    [],
  ],
  [
    'a pool with two seat counts',
    {
      'a.yaml': rule('a', '{ seats: 3, pool: p }'),
      'b.yaml': rule('b', '\n  seats: 4\n  pool: p'),
    },
    [
      'F017 b.yaml:8 licence.seats: found 4 seats in the pool "p", which has 3 seats in a.yaml; expected the same number',
    ],
  ],
  [
    'a pool named as a resource without seats',
    { 'a.yaml': rule('a'), 'b.yaml': rule('b', '\n  seats: 4\n  pool: a') },
    [
      'F017 b.yaml:8 licence.seats: found 4 seats in the pool "a", which has no seats in a.yaml; expected the same number',
    ],
  ],
  [
    'a pool without seats',
    { 'a.yaml': rule('a', '\n  pool: p') },
    ['F017 a.yaml:8 licence.pool: found the pool "p" without seats, expected both'],
  ],
  [
    'reserved seats and further pools without seats of its own',
    { 'a.yaml': rule('a', '\n  reserved: { seats: 1 }\n  morePools: [{ pool: p, seats: 1 }]') },
    [
      'F017 a.yaml:8 licence.reserved: found reserved seats without seats, expected both',
      'F017 a.yaml:9 licence.morePools: found more pools without seats, expected both',
    ],
  ],
  [
    'all seats reserved',
    { 'a.yaml': rule('a', '\n  seats: 2\n  reserved: { seats: 2 }') },
    [
      'F017 a.yaml:9 licence.reserved.seats: found 2 of 2 seats, expected fewer; "remote: on_site_only" keeps all of them',
    ],
  ],
  [
    'reserved seats counted in one rule alone, a further pool counted in two ways or named twice',
    {
      'a.yaml': rule('a', '\n  seats: 3\n  pool: p\n  reserved: { seats: 1 }'),
      'b.yaml': rule('b', '\n  seats: 3\n  pool: p\n  morePools: [{ pool: q, seats: 9 }]'),
      'c.yaml': rule(
        'c',
        '\n  seats: 1\n  morePools: [{ pool: q, seats: 8 }, { pool: q, seats: 9 }]',
      ),
    },
    [
      'F017 b.yaml:8 licence.seats: found 3 seats in the pool "p", which has 3 seats, 1 of them reserved in a.yaml; expected the same number',
      'F017 c.yaml:9 licence.morePools[1]: found the pool "q" a second time',
    ],
  ],
  [
    'a licence for nobody',
    { 'a.yaml': rule('a', '\n  categories: []') },
    ['F018 a.yaml:8 licence.categories: found nobody, expected a category or a group'],
  ],
  [
    'listed sites without a list',
    { 'a.yaml': rule('a', '\n  remote: listed_sites') },
    ['F019 a.yaml:8 licence.remote: found no sites, expected those of "remote: listed_sites"'],
  ],
  [
    'sites that no term asks for',
    { 'a.yaml': rule('a', '\n  sites: [main]') },
    [
      'F019 a.yaml:8 licence.sites: found sites with "remote: anywhere", expected "remote: listed_sites"',
    ],
  ],
  [
    'a site of no network',
    { 'a.yaml': rule('a', '\n  remote: listed_sites\n  sites: [main, mian]') },
    [
      'F020 a.yaml:9 licence.sites[1]: found "mian", which is the site of no network; expected "main"',
    ],
  ],
  [
    'a network that is not configured',
    { 'a.yaml': rule('a', '\n  remote: listed_networks\n  networks: [vpn, reading]') },
    [
      'F036 a.yaml:9 licence.networks[1]: found "reading", which is no network; expected one of "reading-room", "vpn"',
    ],
  ],
  [
    'listed networks without a list',
    { 'a.yaml': rule('a', '\n  remote: listed_networks') },
    [
      'F019 a.yaml:8 licence.remote: found no networks, expected those of "remote: listed_networks"',
    ],
  ],
  [
    'a licence that ends soon, of a contract that asks for notice',
    { 'a.yaml': rule('a', '\n  until: 2026-08-30\n  contract:\n    noticeDays: 60') },
    [
      'F030 a.yaml:8 licence.until: found 2026-08-30: the licence ends within 60 days, or has ended and is in its grace',
    ],
  ],
  [
    'a licence that ends a day later',
    { 'a.yaml': rule('a', '\n  until: 2026-08-31\n  contract:\n    noticeDays: 60') },
    [],
  ],
  [
    'a contract to be renewed soon',
    { 'a.yaml': rule('a', '\n  until: 2027-06-30\n  contract:\n    noticeOn: 2026-07-31') },
    [
      'F030 a.yaml:10 licence.contract.noticeOn: found 2026-07-31: the last day to renew or end the contract is near',
    ],
  ],
  [
    'a contract whose day of notice is over',
    { 'a.yaml': rule('a', '\n  until: 2027-06-30\n  contract:\n    noticeOn: 2026-06-30') },
    [],
  ],
  [
    'a day of notice after the licence',
    { 'a.yaml': rule('a', '\n  until: 2027-06-30\n  contract:\n    noticeOn: 2027-07-01') },
    [
      'F032 a.yaml:10 licence.contract.noticeOn: found 2027-07-01, which is after licence.until (2027-06-30)',
    ],
  ],
  [
    'a licence that has not begun',
    { 'a.yaml': rule('a', '\n  from: 2026-07-02') },
    ['F031 a.yaml:8 licence.from: found 2026-07-02: until then nobody can read'],
  ],
  [
    'no visitors, but a category for them',
    { 'a.yaml': rule('a', '\n  categories: [student, walk-in]\n  walkIn: false') },
    [
      'F033 a.yaml:9 licence.walkIn: found false, but licence.categories has walk-in; expected one of both',
    ],
  ],
  [
    'visitors of a faculty',
    { 'a.yaml': rule('a', '\n  units: [Law]\n  walkIn: true') },
    ['F033 a.yaml:9 licence.walkIn: lets visitors read, but they belong to none of licence.units'],
  ],
  [
    'a unit that nobody can have',
    { 'a.yaml': rule('a', '\n  units:\n    - Law\n    - Lore') },
    [
      'F034 a.yaml:10 licence.units[1]: found "Lore", which no reader can have by the configuration',
    ],
  ],
  [
    'an empty list of units',
    { 'a.yaml': rule('a', '\n  units: []') },
    [
      'F006 a.yaml:8 licence.units: found a list, expected the faculties or departments, or no units at all',
    ],
  ],
  [
    'a pool of nothing but closed resources',
    {
      'a.yaml': `${rule('a', '\n  seats: 2\n  pool: p')}open: false\n`,
      'b.yaml': `${rule('b', '{ seats: 2, pool: p }')}open: false\n`,
    },
    [
      'F037 a.yaml:9 licence.pool: found the pool "p", all of whose resources are closed; nobody can take its seats',
    ],
  ],
  [
    'a quota of nothing',
    { 'a.yaml': rule('a', '\n  fairUse: { per: hour }') },
    ['F038 a.yaml:8 licence.fairUse: limits nothing, expected items or megabytes'],
  ],
  [
    'a quota whose items are too small to be any',
    { 'a.yaml': rule('a', '\n  fairUse:\n    items: 5000\n    megabytes: 4') },
    [
      'F038 a.yaml:10 licence.fairUse.megabytes: found 4 megabytes for 5000 items, less than a kilobyte each; expected more',
    ],
  ],
  [
    'a quota of half an item',
    { 'a.yaml': rule('a', '\n  fairUse: { items: 0.5 }') },
    ['F006 a.yaml:8 licence.fairUse.items: found 0.5, expected a whole number from 1 to 1000000'],
  ],
  [
    'a host below the domain of another resource with other readers',
    {
      'a.yaml': rule('a', '{ categories: [staff] }'),
      'b.yaml': rule('b').replace("'*.b-cdn.org'", 'x.y.a-cdn.org'),
    },
    [
      'F039 b.yaml:6 hosts[1]: found "x.y.a-cdn.org", which is below "a-cdn.org" of a.yaml but is for other readers; expected the same, or a look at both',
    ],
  ],
  [
    'a host below the domain of another resource with the same readers',
    {
      'a.yaml': rule('a', '{ categories: [staff, faculty] }'),
      'b.yaml': rule('b', '{ categories: [faculty, staff] }').replace('*.b-cdn.org', 'x.a-cdn.org'),
    },
    [],
  ],
  ...[
    [
      'an entry without addresses',
      '{ treatment: direct }',
      'F040 a.yaml:9 addresses[0]: holds no address, expected networks or ranges',
    ],
    [
      'an entry of an unknown network',
      '{ networks: [vpm], treatment: direct }',
      'F040 a.yaml:9 addresses[0].networks[0]: found "vpm", which is no network; expected one of reading-room, vpn',
    ],
    [
      'an entry that sends everybody to the publisher',
      "{ ranges: ['::/0'], treatment: direct }",
      'F041 a.yaml:9 addresses[0].ranges[0]: found "::/0", which is half of all addresses or more; expected the ranges that are meant',
    ],
    [
      'an entry that later ones cover',
      '{ ranges: [198.51.100.0/24], treatment: direct }\n  - { ranges: [198.51.0.0/16], treatment: auto-login }',
      'F042 a.yaml:9 addresses[0]: never decides: other entries take all that it names, and win',
    ],
    [
      'an entry that one which rejects covers',
      '{ networks: [vpn], treatment: reject }\n  - { networks: [vpn], treatment: direct }',
      'F042 a.yaml:10 addresses[1]: never decides: other entries take all that it names, and win',
    ],
    [
      'an octal address',
      '{ ranges: [010.0.0.1], treatment: direct }',
      'F006 a.yaml:9 addresses[0].ranges[0]: found "010.0.0.1", expected an address, a block such as 10.0.0.0/8 without bits below its mask, or a pair such as 10.0.0.1-10.0.0.9, the lower one first; without leading zeros',
    ],
    [
      'a range that runs backwards',
      '{ ranges: [10.0.0.9-10.0.0.1], treatment: direct }',
      'F006 a.yaml:9 addresses[0].ranges[0]: found "10.0.0.9-10.0.0.1", expected an address, a block such as 10.0.0.0/8 without bits below its mask, or a pair such as 10.0.0.1-10.0.0.9, the lower one first; without leading zeros',
    ],
  ].map(
    ([what = '', entries = '', finding = '']) =>
      [
        `addresses: ${what}`,
        { 'a.yaml': `${rule('a')}addresses:\n  - ${entries}\n` },
        [finding],
      ] as const,
  ),
  [
    'a pattern of addresses that is none',
    { 'a.yaml': `${rule('a')}usage:\n  - { is: search, test: https://www.a.org/ }\n` },
    ['F043 a.yaml:9 usage[0]: found neither, expected path or pattern'],
  ],
  [
    'an address that is not what its entry says',
    { 'a.yaml': `${rule('a')}usage:\n  - { path: /a, is: search, test: https://www.a.org/b }\n` },
    ['F044 a.yaml:9 usage[0].test: found nothing by default, expected search by this entry'],
  ],
  [
    'a faulty host, without which nothing is said of the addresses on it',
    {
      'a.yaml': `${rule('a').replace('  - www.a.org', '  - www..a.org')}usage:\n  - { path: /a, is: search, test: https://www.a.org/a }\n`,
    },
    [
      'F009 a.yaml:5 hosts[0]: found "www..a.org", expected labels of letters, digits and hyphens, none empty or with a hyphen at its edge',
    ],
  ],
  [
    'a cost without currency',
    { 'a.yaml': rule('a', '\n  contract:\n    cost: { amount: 10 }') },
    [
      'F006 a.yaml:9 licence.contract.cost.currency: is missing, expected an ISO 4217 currency such as KGS, USD or EUR',
    ],
  ],
  [
    'a currency that is none',
    { 'a.yaml': rule('a', '\n  contract:\n    cost: { amount: -1, currency: SOM }') },
    [
      'F006 a.yaml:9 licence.contract.cost.amount: found -1, expected an amount that is not negative',
      'F006 a.yaml:9 licence.contract.cost.currency: found "SOM", expected an ISO 4217 currency such as KGS, USD or EUR',
    ],
  ],
  [
    'an unknown permission, and one of no value',
    { 'a.yaml': rule('a', '\n  permissions:\n    copyPrint: maybe\n    copyDigtal: unmentioned') },
    [
      'F006 a.yaml:9 licence.permissions.copyPrint: found "maybe", expected one of permitted_explicit, permitted_explicit_under_conditions, permitted_interpreted, prohibited_explicit, prohibited_interpreted, unmentioned, not_applicable, or { value: …, publicNote: … }',
      'F005 a.yaml:10 licence.permissions.copyDigtal: is not known here, is "copyDigital" meant?',
    ],
  ],
  ...[
    [
      'an unknown option',
      'replac: []',
      'F005 a.yaml:9 rewriting.replac: is not known here, is "replace" meant?',
    ],
    [
      'a replacement of nothing',
      'replace: [{ replace: x, test: { from: a, to: b } }]',
      'F021 a.yaml:9 rewriting.replace[0]: found neither, expected find or pattern',
    ],
    [
      'a replacement of two things',
      'replace: [{ find: a, pattern: a, replace: x, test: { from: a, to: x } }]',
      'F021 a.yaml:9 rewriting.replace[0]: found both, expected find or pattern',
    ],
    [
      'a replacement that does nothing',
      'replace: [{ find: a, test: { from: a, to: x } }]',
      'F021 a.yaml:9 rewriting.replace[0]: found neither, expected replace or keep',
    ],
    [
      'a replacement without a fixture',
      'replace: [{ find: a, replace: b }]',
      'F006 a.yaml:9 rewriting.replace[0].test: is missing, expected { from: …, to: … } or a list of these',
    ],
    [
      'a pattern that is none',
      'replace:\n    - pattern: a(\n      replace: x\n      test: { from: a, to: b }',
      'F021 a.yaml:10 rewriting.replace[0].pattern: is no RE2 pattern (missing closing ): `a(`)',
    ],
    [
      'a pattern that RE2 has not',
      'replace:\n    - pattern: (a)\\1\n      replace: x\n      test: { from: aa, to: x }',
      'F021 a.yaml:10 rewriting.replace[0].pattern: is no RE2 pattern (invalid escape sequence: `\\1`)',
    ],
    [
      'a pattern that costs too much',
      "replace:\n    - pattern: '\\w{900}\\w{900}'\n      replace: x\n      test: { from: a, to: a }",
      'F021 a.yaml:10 rewriting.replace[0].pattern: is compiled to more than 1000 steps, expected a shorter one',
    ],
    [
      'a group that is not there',
      'replace:\n    - pattern: a(b)\n      replace: $2\n      test: { from: ab, to: b }',
      'F022 a.yaml:11 rewriting.replace[0].replace: refers to "$2", expected a group of the pattern, which has 1; $$ is a dollar sign',
    ],
    [
      'a name of no group',
      'replace:\n    - pattern: a(?P<x>b)\n      replace: ${toString}\n      test: { from: ab, to: b }',
      'F022 a.yaml:11 rewriting.replace[0].replace: refers to "${toString}", expected a group of the pattern, which has 1; $$ is a dollar sign',
    ],
    [
      'a pattern that takes nothing',
      'replace:\n    - pattern: a*\n      replace: x\n      test: { from: a, to: x }',
      'F023 a.yaml:10 rewriting.replace[0].pattern: matches the empty text, expected a pattern that always takes something',
    ],
    [
      'a fixture that fails',
      'replace:\n    - find: a\n      replace: b\n      test:\n        - { from: a, to: b }\n        - { from: aa, to: ba }',
      'F024 a.yaml:14 rewriting.replace[0].test[1]: found "bb" made of "aa", expected "ba"',
    ],
    [
      'a fixture in which nothing is kept',
      'replace:\n    - find: a\n      keep: true\n      test: { from: b, to: a }',
      'F024 a.yaml:12 rewriting.replace[0].test: found nothing made of "b", expected "a"',
    ],
    [
      'a header of the connection',
      'requestHeaders: { Content-Length: "0" }',
      "F025 a.yaml:9 rewriting.requestHeaders.Content-Length: is not for a rule to set, expected a header of the publisher's own",
    ],
    [
      'a header with the name of another in disguise',
      'requestHeaders: { X_Forwarded_For: x }',
      'F025 a.yaml:9 rewriting.requestHeaders.X_Forwarded_For: expected a name of letters, digits and hyphens',
    ],
    [
      'a header twice',
      'requestHeaders: { X-Key: a, x-key: b }',
      "F025 a.yaml:9 rewriting.requestHeaders.x-key: stands twice, expected a header of the publisher's own",
    ],
    [
      'a header whose value would be two lines, which is not repeated',
      'requestHeaders: { X-Key: "licence-key\\r\\nHost: x" }',
      'F006 a.yaml:9 rewriting.requestHeaders.X-Key: found a value that is not repeated here, expected text of printable ASCII, { env: NAME } or { file: PATH }',
    ],
    [
      'a secret that nobody may read',
      'requestHeaders: { X-Key: { env: KEY } }',
      'F026 a.yaml:9 rewriting.requestHeaders.X-Key: nobody may read a secret here; the header is not sent',
    ],
    [
      'a host that is named and taken away',
      "neverProxy: [img.a-cdn.org, '*.a-cdn.org']",
      'F027 a.yaml:9 rewriting.neverProxy[1]: takes away "a-cdn.org", which the rule names; expected one of them',
    ],
    [
      'a direct host that would be direct anyway',
      'neverProxy: [static.b.org]',
      'F028 a.yaml:9 rewriting.neverProxy[0]: found "static.b.org", which no domain of the rule covers',
    ],
    [
      'a direct host that is no host',
      'neverProxy: [127.0.0.1]',
      'F009 a.yaml:9 rewriting.neverProxy[0]: found "127.0.0.1", expected a name, not an address',
    ],
    [
      "an option for another resource's host",
      'contentTypes: [{ hosts: [www.b.org], as: none }]',
      'F028 a.yaml:9 rewriting.contentTypes[0].hosts[0]: found "www.b.org", which no host of the rule covers',
    ],
    [
      'a cookie for another domain',
      'setCookies: [{ name: a, value: b, domain: .b.org }]',
      'F028 a.yaml:9 rewriting.setCookies[0].domain: found "b.org", which no host of the rule belongs to',
    ],
    [
      'a cookie that is two',
      'setCookies: [{ name: a, value: b; c=d, domain: a.org }]',
      'F006 a.yaml:9 rewriting.setCookies[0].value: found "b; c=d", expected the value of a cookie',
    ],
    [
      'everything open to everybody',
      'anonymousPaths: [/rss/**, { path: /**, methods: [OPTIONS] }, /*/**]',
      'F029 a.yaml:9 rewriting.anonymousPaths[2]: found "/*/**": anybody may read all of it through the licensed address, whatever the ending; expected the paths that the publisher shows to everybody',
    ],
    [
      'every path with an ending that anybody may write behind it',
      'anonymousPaths: [/fonts/**.woff2, /**.woff2]',
      'F029 a.yaml:9 rewriting.anonymousPaths[1]: found "/**.woff2": anybody may read all of it through the licensed address, whatever the ending; expected the paths that the publisher shows to everybody',
    ],
    [
      'a path that is none',
      'anonymousPaths: [rss]',
      'F006 a.yaml:9 rewriting.anonymousPaths[0]: found "rss", expected a path that begins with "/", in which * stands for anything in a segment and ** for anything',
    ],
    [
      'a method that changes something',
      'anonymousPaths: [{ path: /x, methods: [POST] }]',
      'F006 a.yaml:9 rewriting.anonymousPaths[0]: found a map of settings, expected a path such as /rss/**, or { path: …, hosts: […], methods: […] }',
    ],
    [
      'a mode of cookies that there is not',
      'cookies: browser',
      'F006 a.yaml:9 rewriting.cookies: found "browser", expected default or server',
    ],
    [
      'a label that is no type',
      'contentTypes: [{ type: javascript, as: javascript }]',
      'F006 a.yaml:9 rewriting.contentTypes[0].type: found "javascript", expected a media type such as text/plain, or "" for none',
    ],
    [
      'a word for false',
      'shim: no',
      'F006 a.yaml:9 rewriting.shim: found "no", expected true or false',
    ],
  ].map(
    ([what = '', option, finding = '']) =>
      [
        `rewriting: ${what}`,
        { 'a.yaml': `${rule('a')}rewriting:\n  ${option}\n` },
        [finding],
      ] as const,
  ),
  ...[
    [
      'titles in a database that has none',
      'counter: { database: Database_Full, titles: Journal }',
      'F047 a.yaml:8 counter.titles: found Journal in a Database_Full; expected Database_Full_Item in a Database_Full and nowhere else',
    ],
    [
      'items without titles in a database of titles',
      'counter: { titles: Database_Full_Item }',
      'F047 a.yaml:8 counter.titles: found Database_Full_Item in a Database_Aggregated; expected Database_Full_Item in a Database_Full and nowhere else',
    ],
    [
      'mining that nobody does',
      'counter: { mining: {} }',
      'F006 a.yaml:8 counter.mining: found a map of settings, expected at least one of groups, networks, paths',
    ],
    [
      'mining on paths that are none',
      'counter: { mining: { paths: [api] } }',
      'F006 a.yaml:8 counter.mining.paths[0]: found "api", expected a path that begins with /, such as /api/tdm/**',
    ],
    [
      'a key of a publisher that nobody may read',
      "sushi: { url: 'https://c.example', customerId: '1', apiKey: { env: KEY } }",
      'F048 a.yaml:8 sushi.apiKey: nobody may read a secret here; the publisher is not asked until then',
    ],
    [
      'a key of a publisher in the open',
      "sushi: { url: 'https://c.example', customerId: '1', apiKey: canary }",
      'F006 a.yaml:8 sushi.apiKey: found a value that is not repeated here, expected { env: NAME } or { file: PATH }',
    ],
    [
      'reports of a publisher without TLS',
      "sushi: { url: 'http://c.example', customerId: '1' }",
      'F006 a.yaml:8 sushi.url: found "http://c.example", expected an https URL without a query, such as https://counter.example',
    ],
    [
      'reports of a publisher with a key in the URL',
      "sushi: { url: 'https://c.example/?api_key=1', customerId: '1' }",
      'F006 a.yaml:8 sushi.url: found "https://c.example/?api_key=1", expected an https URL without a query, such as https://counter.example',
    ],
    [
      'a link to check on another host',
      'check: { entries: [https://www.a.org/x, https://www.b.org/?key=1] }',
      'F049 a.yaml:8 check.entries[1]: found "https://www.b.org", which is none of the hosts; expected one of them',
    ],
    [
      'a probe on another host',
      'check: { probe: { url: http://www.a.org/, text: Provided by } }',
      'F049 a.yaml:8 check.probe.url: found "http://www.a.org", which is none of the hosts; expected one of them',
    ],
    [
      'a probe that expects nothing',
      'check: { probe: {} }',
      'F050 a.yaml:8 check.probe: found neither, expected text or pattern',
    ],
    [
      'a probe that expects two things',
      'check: { probe: { text: a, pattern: a } }',
      'F050 a.yaml:8 check.probe: found both, expected text or pattern',
    ],
    [
      'a pattern of a probe that is none',
      "check: { probe: { pattern: '(' } }",
      'F050 a.yaml:8 check.probe.pattern: is no RE2 pattern (missing closing ): `(`)',
    ],
    [
      'a pattern of a probe that every page has',
      "check: { probe: { pattern: 'x*' } }",
      'F050 a.yaml:8 check.probe.pattern: matches the empty text, expected a pattern that always takes something',
    ],
    [
      'links to check of a publisher that is never visited',
      "check: { allowed: false, entries: ['https://www.a.org/x'] }",
      'F051 a.yaml:8 check.allowed: found false beside links to check, expected one without the other',
    ],
    [
      'a check that never comes',
      'check: { everyHours: 0 }',
      'F006 a.yaml:8 check.everyHours: found 0, expected a whole number from 1 to 720',
    ],
  ].map(
    ([what = '', line = '', finding = '']) =>
      [what, { 'a.yaml': `${rule('a')}${line}\n` }, [finding]] as const,
  ),
]

const networks = [
  { name: 'reading-room', site: 'main', channel: 'onsite', ranges: ['192.0.2.0/28'] },
  { name: 'vpn', channel: 'vpn', ranges: ['198.51.100.0/24'] },
] as const

for (const [what, files, findings] of mistakes) {
  test(`${what} is found with number, file, line, path and words`, (t) => {
    const context = { clock: fixedClock, timeZone: 'Asia/Bishkek', networks, units: ['Law'] }
    t.deepEqual(told(files, context), findings)
  })
}

test('every number of the closed list is found by some case', (t) => {
  const numbers = new Set(mistakes.flatMap(([, , findings]) => findings.map((f) => f.slice(0, 4))))
  // The folder and the gateway's own names have tests of their own below.
  for (const number of Object.keys(ruleFindings)) {
    t.true(numbers.has(number) || ['F001', 'F013', 'F035'].includes(number), number)
  }
})

test('the day on which a licence ends is that of the time zone', (t) => {
  const files = { 'a.yaml': rule('a', '{ until: 2026-06-30 }') }
  t.deepEqual(told(files, { clock: fixedClock, timeZone: 'UTC' }), [])
  t.regex(told(files, { clock: fixedClock, timeZone: 'Asia/Bishkek' }).join(), /^F016 /)
})

test('no rule takes in the portal, the zone or what lies in it', (t) => {
  const context = { portalHost: 'library.uni.edu', zoneHost: 'proxy.uni.edu' }
  const hosts = [
    'library.uni.edu',
    'proxy.uni.edu',
    'a-b.proxy.uni.edu',
    '*.uni.edu',
    '*.proxy.uni.edu',
  ]
  for (const host of hosts) {
    const text = rule('a').replace('*.a-cdn.org', host)
    t.regex(told({ 'a.yaml': text }, context).join(), /^F013 a\.yaml:6 hosts\[1\]: found /, host)
  }
  for (const host of ['www.uni.edu', '*.repo.uni.edu']) {
    t.deepEqual(told({ 'a.yaml': rule('a').replace('*.a-cdn.org', host) }, context), [], host)
  }
})

test('a good rule is read whole', (t) => {
  const folder = folderOf({
    'psychology/psy-info.yaml': `title: { ky: Псих, en: Psy }
description: Everything
provider: APA
subjects: [psychology]
start: https://www.apa.org/start?x=1
hosts: [{ domain: apa.org }, http://old.apa.org, 'https://api.apa.org:8443']
open: false
licence:
  from: 2026-01-01
  until: 2026-12-31
  graceDays: 10
  categories: [student, walk-in]
  groups: [psychologists]
  remote: listed_sites
  sites: [main]
  seats: 2
  pool: apa
  seatIdleMinutes: 5
`,
  })
  const { resources, findings } = loadResources(folder, { clock: fixedClock })
  t.deepEqual(
    findings.map(({ number }) => number),
    ['F037'],
  )
  t.deepEqual(resources, [
    {
      id: 'psy-info',
      file: join(folder, 'psychology/psy-info.yaml'),
      title: { ky: 'Псих', en: 'Psy' },
      description: { en: 'Everything' },
      provider: 'APA',
      subjects: ['psychology'],
      startUrl: 'https://www.apa.org/start?x=1',
      hosts: [
        { host: 'apa.org', match: 'domain', scheme: 'https' },
        { host: 'old.apa.org', match: 'exact', scheme: 'http' },
        { host: 'api.apa.org', match: 'exact', scheme: 'https', port: 8443 },
      ],
      licence: {
        fromOn: '2026-01-01',
        untilOn: '2026-12-31',
        graceDays: 10,
        categories: ['student', 'walk-in'],
        groups: ['psychologists'],
        remote: 'listed_sites',
        sites: ['main'],
        seats: 2,
        pool: 'apa',
        seatIdleSeconds: 300,
      },
      isOpen: false,
    },
  ])
})

test('an empty licence is for members from anywhere; with groups alone it is for them alone', (t) => {
  const folder = folderOf({ 'a.yaml': rule('a'), 'b.yaml': rule('b', '{ groups: [g] }') })
  const [a, b] = loadResources(folder).resources
  t.deepEqual(a?.licence, {
    graceDays: 0,
    categories: ['faculty', 'staff', 'student', 'member'],
    groups: [],
    remote: 'anywhere',
    sites: [],
    pool: 'a',
    seatIdleSeconds: 900,
  })
  t.deepEqual(b?.licence.categories, [])
})

test('every term of a licence is read, and what is not said has its default', (t) => {
  const folder = folderOf({
    'a.yaml': rule(
      'a',
      `
  categories: [faculty]
  units: [Law, Медицина]
  remote: listed_networks
  networks: [vpn]
  fairUse: { items: 20, megabytes: 300, per: week, mode: enforce }
  publicNote: { ru: Условия }
  permissions:
    copyPrint: permitted_explicit
    illPrint: { value: prohibited_interpreted, publicNote: No, note: clause 3 }
  contract:
    number: '17'
    cost: { amount: 12.5, currency: KGS }`,
    ),
    'b.yaml': rule('b', '{ walkIn: true, fairUse: { megabytes: 1 }, contract: {} }'),
    'c.yaml': rule('c', '{ groups: [g], walkIn: true }'),
  })
  const [a, b, c] = loadResources(folder, { clock: fixedClock, networks }).resources
  t.like(a?.licence, {
    categories: ['faculty'],
    units: ['Law', 'Медицина'],
    remote: 'listed_networks',
    networks: ['vpn'],
    fairUse: {
      items: 20,
      bytes: 300_000_000,
      per: 'week',
      windowMs: 7 * 24 * 3_600_000,
      mode: 'enforce',
    },
    publicNote: { ru: 'Условия' },
    permissions: {
      copyPrint: { value: 'permitted_explicit' },
      illPrint: { value: 'prohibited_interpreted', publicNote: { en: 'No' }, note: 'clause 3' },
    },
    contract: {
      number: '17',
      cost: { amount: 12.5, currency: 'KGS', period: 'year' },
      noticeDays: 60,
    },
  })
  t.deepEqual(b?.licence.categories, ['faculty', 'staff', 'student', 'member', 'walk-in'])
  t.like(b?.licence, { fairUse: { bytes: 1_000_000, per: 'day', mode: 'watch' } })
  t.deepEqual(c?.licence.categories, ['walk-in'])
})

test('a licence for the rooms of a library that names no rooms lets nobody read', (t) => {
  const outside = [{ name: 'vpn', channel: 'vpn', ranges: [] }] as const
  for (const [licence, path] of [
    ['{ remote: on_site_only }', 'remote'],
    ['{ categories: [walk-in] }', 'categories'],
  ] as const) {
    t.deepEqual(told({ 'a.yaml': rule('a', licence) }, { networks: outside }), [
      `F035 a.yaml:7 licence.${path}: lets read on site alone, but no network is of channel onsite`,
    ])
    t.deepEqual(told({ 'a.yaml': rule('a', licence) }, { networks }), [])
  }
  t.deepEqual(told({ 'a.yaml': rule('a', '{ walkIn: true }') }, { networks: outside }), [])
})

test('one bad file does not hide what the others hold or do wrong', (t) => {
  const folder = folderOf({
    'a.yaml': 'title: [',
    'b.yaml': rule('b'),
    'c.yaml': rule('c', '{ seats: 0 }'),
  })
  const { resources, findings } = loadResources(folder)
  t.deepEqual(
    resources.map(({ id }) => id),
    ['b'],
  )
  t.deepEqual(
    findings.map(({ number }) => number),
    ['F002', 'F006'],
  )
})

test('hidden and other files are left alone, links are followed, and no folder is endless', (t) => {
  const folder = folderOf({
    '.git/a.yaml': 'x',
    '.b.yaml': 'x',
    'README.md': 'x',
    'real/c.yaml': rule('c'),
  })
  symlinkSync(join(folder, 'real/c.yaml'), join(folder, 'd.yaml'))
  const linked = loadResources(folder)
  t.deepEqual(
    linked.findings.map(({ number }) => number),
    ['F011', 'F011'],
  )
  const endless = folderOf({ 'a.yaml': rule('a') })
  symlinkSync(endless, join(endless, 'again'))
  const { findings } = loadResources(endless)
  t.true(findings.some(({ message }) => message.startsWith('lies more than ')))
})

test('a folder that is missing, and too many files, are findings', (t) => {
  const missing = join(root, 'missing')
  t.deepEqual(loadResources(missing).findings, [
    {
      number: 'F001',
      severity: 'error',
      file: missing,
      path: '',
      message: 'cannot be read (ENOENT)',
    },
  ])
  const names = Array.from({ length: limits.resources.files + 1 }, (_, index) => `r${index}.yaml`)
  const { resources, findings } = loadResources(
    folderOf(Object.fromEntries(names.map((name) => [name, '']))),
  )
  t.deepEqual(resources, [])
  t.regex(findings[0]?.message ?? '', /^found 2001 rule files, expected at most 2000$/)
})

test('the rules that are delivered are without findings', (t) => {
  const { resources, findings } = loadResources(join(import.meta.dirname, '../../rules'))
  t.deepEqual(findings, [])
  t.true(resources.length >= 2)
})

test('any valid rule is read back as it was written', (t) => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/)
  const day = fc
    .date({ min: new Date('2020-01-01'), max: new Date('2024-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10))
  const input = fc.record({
    title: fc.string({ minLength: 1, maxLength: 50 }).filter((text) => /\S/.test(text)),
    labels: fc.uniqueArray(name, { minLength: 1, maxLength: 6 }),
    port: fc.integer({ min: 1, max: 65_535 }).filter((port) => port !== 443),
    from: day,
    chosen: fc.uniqueArray(fc.constantFrom(...categories), { minLength: 1 }),
    seats: fc.integer({ min: 1, max: 500 }),
    isOpen: fc.boolean(),
  })
  fc.assert(
    fc.property(input, ({ title, labels, port, from, chosen, seats, isOpen }) => {
      const hosts = labels.map((label) => `${label}.publisher.org:${port}`)
      const text = stringify({
        title: { ru: title },
        provider: 'P',
        start: `https://${hosts[0]}/x`,
        hosts,
        open: isOpen,
        licence: { from, categories: chosen, seats },
      })
      const { resources, findings } = loadResources(folderOf({ 'a.yaml': text }))
      t.deepEqual(findings, [])
      t.like(resources[0], { title: { ru: title }, isOpen })
      t.deepEqual(
        resources[0]?.hosts.map((host) => host),
        labels.map((label) => ({
          host: `${label}.publisher.org`,
          match: 'exact',
          scheme: 'https',
          port,
        })),
      )
      t.like(resources[0]?.licence, { fromOn: from, seats, pool: 'a' })
      t.deepEqual(resources[0]?.licence.categories, chosen)
    }),
    { numRuns: 100 },
  )
})
