import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { copyDelivered, root } from './explaining.ts'

const { folder, explain, placeOf } = copyDelivered()
writeFileSync(
  join(folder, 'config/gateway.yaml'),
  readFileSync(join(root, 'config/gateway.yaml'), 'utf8').replace(
    /^networks:(?: \[\])?$/m,
    `networks:
  - { name: reading-room, ranges: [198.18.0.0/24], channel: onsite, treatment: auto-login, category: walk-in }
  - { name: publisher-lines, ranges: [198.51.100.0/24], channel: onsite, treatment: direct }
  - { name: blocked, ranges: [203.0.113.66], channel: remote, treatment: reject }`,
  ),
)
writeFileSync(
  join(folder, 'rules/law.yaml'),
  `title: Law
provider: Press
start: https://law.example/
hosts: [law.example]
addresses:
  - { networks: [publisher-lines], treatment: authenticate }
licence:
  from: 2024-06-01
  until: 2030-12-31
  units: [Law]
  fairUse: { items: 20, megabytes: 300, per: hour, mode: enforce }
  seats: 3
`,
)
writeFileSync(
  join(folder, 'rules/press.yaml'),
  `title: Press
provider: Press
start: https://press.example/
hosts: [press.example]
licence: {}
rewriting:
  anonymousPaths:
    - /rss/**
`,
)
writeFileSync(
  join(folder, 'rules/shared.yaml'),
  `title: Shared
provider: Press
start: https://shared.example/
hosts: [shared.example]
licence:
  seats: 5
  reserved: { seats: 2 }
  morePools: [{ pool: consortium, seats: 20 }]
`,
)
test.after.always(() => rmSync(folder, { recursive: true }))

/** In Bishkek, where the delivered configuration is. */
const today = new Date(Date.now() + 6 * 3_600_000).toISOString().slice(0, 10)
const lan = 'rules/lanbook.yaml'
const scopus = 'rules/scopus.yaml'
const config = 'config/gateway.yaml'
const situations: readonly [title: string, asked: string, lines: readonly string[]][] = [
  [
    'a student at home, of a licence for the library’s rooms',
    'https://e.lanbook.com/book/1 --address 203.0.113.5 --category student',
    [
      `  entitlement  passed     ${placeOf(lan, 'categories')} licence.categories: licensed: student`,
      `  place        refused    ${placeOf(lan, 'remote')} licence.remote: on_site_only: remote`,
      '  seat         not asked',
      `Refused: place_not_entitled by ${placeOf(lan, 'remote')} licence.remote`,
      '  status 403, counted as Not_Authorized; the reader sees "Only inside the library"',
    ],
  ],
  [
    'nobody signed in, at a library computer',
    'jstor --address 198.18.0.9',
    [
      `  sign-in      passed     ${placeOf(config, '- { name: reading-room')} networks[0].treatment: admitted by address`,
      'Allowed',
    ],
  ],
  [
    'a lecturer, of a licence with seats, by the proxied URL',
    'https://www-scopus-com.read.example.org/x?y --address 2001:db8::1 --category faculty',
    ['Allowed when one of 5 seats of "scopus" is free'],
  ],
  [
    'a former student, of a licence for members',
    'https://www.scopus.com/ --address 2001:db8::1 --category alum',
    [`Refused: category_not_entitled by ${placeOf(scopus, 'categories')} licence.categories`],
  ],
  [
    'a student, before the licence begins by the library’s midnight',
    'scopus --address 2001:db8::1 --category student --at 2024-12-31T17:59:59Z',
    [
      'scopus, student, at 2001:db8::1 (remote), on 2024-12-31',
      `Refused: licence_not_started by ${placeOf(scopus, 'from')} licence.from`,
    ],
  ],
  [
    'a student of a licensed faculty, of a licence with a quota and seats',
    'law --address 2001:db8::1 --category student --unit Law',
    [
      'law, student, Law, at 2001:db8::1 (remote), on '.concat(today),
      '  unit         passed     rules/law.yaml:10 licence.units: licensed: Law',
      'Allowed when fewer than 20 items and 300 megabytes in the hour were taken and one of 3 seats of "law" is free',
    ],
  ],
  [
    'a student elsewhere, of a licence with reserved seats and a further pool',
    'shared --address 2001:db8::1 --category student',
    ['Allowed when one of 3 seats of "shared" or 20 seats of "consortium" is free'],
  ],
  [
    'a student on site, for whom the reserved seats are as well',
    'shared --address 198.18.0.9 --category student',
    ['Allowed when one of 5 seats of "shared" or 20 seats of "consortium" is free'],
  ],
  [
    'a student of another faculty',
    'law --address 2001:db8::1 --category student --unit Arts',
    ['Refused: unit_not_entitled by rules/law.yaml:10 licence.units'],
  ],
  [
    'a licence with an end, before its beginning',
    'law --address 2001:db8::1 --category student --at 2024-05-31',
    ['Refused: licence_not_started by rules/law.yaml:8 licence.from'],
  ],
  [
    'an address that this resource alone lets sign in',
    'law --address 198.51.100.7',
    ['Refused: not_signed_in by rules/law.yaml:6 addresses[0].treatment'],
  ],
  [
    'a blocked address',
    'scopus --address 203.0.113.66 --category student',
    [`Refused: address_rejected by ${placeOf(config, '- { name: blocked')} networks[2].treatment`],
  ],
  [
    'nobody signed in, of a path that a rule leaves open',
    'https://press.example/rss/new.xml --address 2001:db8::1',
    ['Open to everybody by rules/press.yaml:8 rewriting.anonymousPaths[0]'],
  ],
  [
    'an address that publishers know',
    'jstor --address ::ffff:198.51.100.7',
    ['Allowed: sent to the publisher, not through the gateway'],
  ],
]

for (const [title, asked, expected] of situations) {
  test(`explains with file and line: ${title}`, async (t) => {
    const { code, stdout, stderr } = await explain(...asked.split(' '))
    t.is(stderr, 'Asked: the draft in the files, without overrides\n')
    t.is(code, 0)
    for (const line of expected) t.true(stdout.split('\n').includes(line), `${line}\n${stdout}`)
  })
}

test('as JSON, the answer has the decision and every step with its rule', async (t) => {
  const { stdout } = await explain('lanbook', '-a', '2001:db8::1', '--category', 'staff', '--json')
  const told = JSON.parse(stdout)
  t.is(told.reason, 'place_not_entitled')
  t.is(told.isAllowed, false)
  t.is(told.steps.length, 11)
  t.like(told, { reader: { categories: ['staff'] }, status: 403, turnaway: 'Not_Authorized' })
  t.is(told.decidedBy, `${placeOf(lan, 'remote')} licence.remote`)
  t.is(told.steps.at(-3).rule, `${placeOf(lan, 'remote')} licence.remote`)
})

for (const [asked, expected] of [
  [
    'https://evil.example/ -a 192.0.2.1',
    '"https://evil.example/" found, a URL on a host of a rule',
  ],
  ['jstor -a 010.0.0.1', '--address 010.0.0.1 found, an IPv4 or IPv6 address expected'],
  ['jstor -a 192.0.2.1 --category pupil', '--category pupil found, one of faculty, staff,'],
  ['jstor -a 192.0.2.1 --at soon', '--at soon found, an ISO date or time expected'],
  ['jstor -a 192.0.2.1 --config rules', 'rules: found something that is not a file'],
] as const) {
  test(`what cannot be answered is told, without a stack: ${asked}`, async (t) => {
    const { code, stdout, stderr } = await explain(...asked.split(' '))
    t.is(code, 1)
    t.is(stdout, '')
    t.true(stderr.includes(expected), stderr)
    t.false(stderr.includes('    at '), stderr)
  })
}

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const shown = [...readme.matchAll(/^\$ npx node src\/main\.ts (explain [^$`]*)/gm)].map(
  ([, text = '']) => {
    const [, asked = '', answer = ''] = /^((?:.*\\\n)*.*)\n([^]*)$/.exec(text) ?? []
    return { words: asked.replaceAll('\\\n', '').trim().split(/\s+/), answer: answer.trim() }
  },
)

test('the README shows six situations, and one by claims', (t) => {
  t.is(shown.length, 7)
})

for (const { words, answer } of shown) {
  test(`what the README shows is what the delivered files give: ${words.join(' ')}`, async (t) => {
    const answered = await new Promise<string>((resolve) => {
      const options = { cwd: root, env: { PATH: process.env['PATH'] } }
      execFile(process.execPath, ['src/main.ts', ...words], options, (_, out) => resolve(out))
    })
    t.is(answered.trim(), answer)
  })
}
