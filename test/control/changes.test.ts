import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import type { NetworkConfig } from '../../src/config/config.ts'
import { differences, noRules, type ComparedRules } from '../../src/control/changes.ts'
import { loadResources } from '../../src/resources/load.ts'
import { ruleText } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'darbaza-changes-'))
let sets = 0
test.after.always(() => rmSync(folder, { recursive: true }))

/** Rules as they are loaded from files. */
function rules(texts: Readonly<Record<string, string>>): ComparedRules {
  const own = join(folder, String((sets += 1)))
  mkdirSync(own)
  for (const [id, text] of Object.entries(texts)) writeFileSync(join(own, `${id}.yaml`), text)
  const { resources, findings } = loadResources(own)
  if (findings.some(({ severity }) => severity === 'error'))
    throw new Error(JSON.stringify(findings))
  return { resources, networks: [] }
}

const jstor = (licence: object = {}, more: object = {}) =>
  rules({ jstor: ruleText('jstor', licence, more) })
const hosts = (...names: (string | object)[]) => ({ hosts: ['www.jstor.example', ...names] })
const future = { until: '2099-12-31' }

const cases: readonly [
  title: string,
  before: ComparedRules,
  after: ComparedRules,
  summary: string,
  lines: readonly string[],
][] = [
  ['nothing', jstor(), jstor(), 'changes nothing', []],
  [
    'the first set',
    noRules,
    jstor({ seats: 3, remote: 'on_site_only', ...future }),
    'adds 1 resource, opens 1 host',
    [
      'adds jstor: 1 host, 3 seats, for faculty, staff, student, member, on_site_only, until 2099-12-31',
    ],
  ],
  [
    'a resource that is closed when it comes',
    noRules,
    jstor({}, { open: false }),
    'adds 1 resource, opens 1 host',
    [
      'adds jstor: 1 host, no limit of seats, for faculty, staff, student, member, without end, closed for now',
    ],
  ],
  [
    'a resource goes',
    jstor({}, hosts('a.example')),
    rules({}),
    'removes 1 resource, closes 2 hosts',
    ['removes jstor, which closes 2 hosts'],
  ],
  [
    'hosts come and go',
    jstor({}, hosts('old.example')),
    jstor({}, hosts({ domain: 'cdn.example' }, '*.img.example', 'https://api.example:8443')),
    'opens 3 hosts, closes 1 host',
    [
      'opens 3 hosts of jstor: cdn.example and all below it, *.img.example, api.example:8443',
      'closes 1 host of jstor: old.example',
    ],
  ],
  [
    'a host is asked without TLS',
    jstor({}, hosts('a.example')),
    jstor({}, hosts('http://a.example')),
    'changes 1 host',
    ['asks a.example of jstor by http'],
  ],
  [
    'a resource is closed',
    jstor(),
    jstor({}, { open: false }),
    'closes 1 resource',
    ['closes jstor to everybody'],
  ],
  [
    'a resource is opened',
    jstor({}, { open: false }),
    jstor(),
    'opens 1 resource',
    ['opens jstor, which was closed'],
  ],
  [
    'more seats',
    jstor({ seats: 5 }),
    jstor({ seats: 10 }),
    'adds 5 seats',
    ['adds 5 seats to jstor (5 before, 10 now)'],
  ],
  [
    'fewer seats',
    jstor({ seats: 5 }),
    jstor({ seats: 4 }),
    'takes 1 seat',
    ['takes 1 seat from jstor (5 before, 4 now)'],
  ],
  [
    'seats where there was no limit',
    jstor(),
    jstor({ seats: 1 }),
    'limits 1 resource',
    ['limits jstor to 1 seat'],
  ],
  [
    'no limit where there were seats',
    jstor({ seats: 2 }),
    jstor(),
    'lifts the limit of 1 resource',
    ['lifts the limit of 2 seats of jstor'],
  ],
  [
    'other readers',
    jstor({ categories: ['student', 'alum'], groups: ['law'] }),
    jstor({ categories: ['student', 'walk-in'] }),
    'changes the readers of 1 resource',
    ['gives access to walk-in for jstor', 'ends access for alum, group law to jstor'],
  ],
  [
    'other days',
    jstor({ from: '2020-01-01', until: '2098-12-31' }),
    jstor({ until: '2099-12-31', graceDays: 1 }),
    'changes 3 licence terms',
    [
      'jstor ends on 2099-12-31 (before: ends on 2098-12-31)',
      'jstor has 1 day of grace (before: has 0 days of grace)',
      'jstor begins at once (before: begins on 2020-01-01)',
    ],
  ],
  [
    'another place',
    jstor(),
    jstor({ remote: 'listed_sites', sites: ['main'] }),
    'changes 2 licence terms',
    [
      'jstor is read at the listed sites only (before: is read from anywhere)',
      'jstor names main (before: names no site)',
    ],
  ],
  [
    'another pool and idle time',
    jstor({ seats: 2 }),
    jstor({ seats: 2, pool: 'shared', seatIdleMinutes: 20 }),
    'changes 2 licence terms',
    [
      'jstor takes seats from the pool shared (before: takes seats from the pool jstor)',
      'jstor frees seats after 20 idle minutes (before: frees seats after 15 idle minutes)',
    ],
  ],
  [
    'other words',
    jstor({}, { subjects: ['law'] }),
    jstor({}, { title: 'JSTOR', provider: 'ITHAKA', start: 'https://www.jstor.example/all' }),
    'changes 4 settings',
    ['title', 'provider', 'subjects', 'start'].map((name) => `changes ${name} of jstor`),
  ],
  [
    'a list of addresses of its own',
    jstor(),
    jstor({}, { addresses: [{ ranges: ['192.0.2.0/24'], treatment: 'reject' }] }),
    'changes 1 setting',
    ['changes addresses of jstor'],
  ],
  [
    'faculties, networks and fair use',
    jstor({ remote: 'listed_networks', networks: ['lab'] }),
    jstor({
      units: ['Law'],
      fairUse: { items: 50, per: 'day', mode: 'enforce' },
      contract: { number: '7' },
    }),
    'changes 5 licence terms',
    [
      'jstor is read from anywhere (before: is read in the listed networks only)',
      'jstor names no network (before: names lab)',
      'jstor is for Law (before: is for all units)',
      'jstor has a fair use of 50 items a day (enforce) (before: has no fair use)',
      'changes licence.contract of jstor',
    ],
  ],
  [
    'other rewriting',
    jstor({}, { rewriting: { bareHosts: true, shim: false } }),
    jstor({}, { rewriting: { bareHosts: true, anonymousPaths: ['/rss'] } }),
    'changes 2 settings',
    ['changes rewriting.shim of jstor', 'changes rewriting.anonymousPaths of jstor'],
  ],
]

for (const [title, before, after, summary, lines] of cases) {
  test(`told in words: ${title}`, (t) => {
    const told = differences(before, after)
    t.deepEqual([...told.lines].toSorted(), [...lines].toSorted())
    t.is(told.summary, summary)
  })
}

const campus: NetworkConfig = {
  name: 'campus',
  ranges: ['192.0.2.0/24'],
  channel: 'onsite',
  treatment: 'authenticate',
  category: 'walk-in',
}
const networks = (...list: readonly NetworkConfig[]): ComparedRules => ({
  resources: [],
  networks: list,
})
const vpn: NetworkConfig = { ...campus, name: 'vpn', channel: 'vpn' }

const networkCases: readonly [
  title: string,
  before: ComparedRules,
  after: ComparedRules,
  summary: string,
  lines: readonly string[],
][] = [
  [
    'one comes',
    networks(),
    networks({ ...campus, treatment: 'auto-login', site: 'main' }),
    'adds 1 network',
    ['adds the network campus: 1 range, onsite, main, auto-login as walk-in'],
  ],
  ['one goes', networks(campus), networks(), 'removes 1 network', ['removes the network campus']],
  [
    'its ranges and what they decide change',
    networks(campus),
    networks({
      ...campus,
      ranges: ['198.51.100.0/24', '2001:db8::/32'],
      treatment: 'direct',
      site: 'south',
    }),
    'adds 2 ranges, removes 1 range, changes 2 networks',
    [
      'takes 2 ranges into the network campus: 198.51.100.0/24, 2001:db8::/32',
      'takes 1 range out of the network campus: 192.0.2.0/24',
      'the network campus has site south instead of none',
      'the network campus has treatment direct instead of authenticate',
    ],
  ],
  [
    'they change places',
    networks(campus, vpn),
    networks(vpn, campus),
    'reorders 1 network list',
    ['puts networks into another order: of those that overlap, the last one counts'],
  ],
  [
    'one goes and the others keep their places',
    networks(campus, vpn, { ...campus, name: 'c' }),
    networks(campus, { ...campus, name: 'c' }),
    'removes 1 network',
    ['removes the network vpn'],
  ],
]

for (const [title, before, after, summary, lines] of networkCases) {
  test(`networks are told in words: ${title}`, (t) => {
    t.deepEqual(differences(before, after), { summary, lines })
  })
}

test('of a long list the first entries are named, the rest is counted', (t) => {
  const many = Array.from({ length: 20 }, (_, index) => `h${index}.example`)
  const [line] = differences(jstor(), jstor({}, hosts(...many))).lines
  t.regex(line ?? '', /^opens 20 hosts of jstor: h0\.example, .*h11\.example and 8 more$/)
})
