/** "Why may they not?": the same answer as the command line, and nothing of a question runs. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'

import { explain } from '../../src/cli/explain.ts'
import { beginOverride } from '../../src/control/overrides.ts'
import { systemClock } from '../../src/core/clock.ts'
import { patronKey } from '../../src/core/types.ts'
import { until } from '../support/gateway.ts'
import { issuer, startConsole } from './house.ts'

type House = Awaited<ReturnType<typeof startConsole>>
let house: House
test.before(async () => {
  house = await startConsole({
    rules: {
      press: `title: Press
provider: Press
start: https://press.example/
hosts: [press.example]
licence: { groups: [readers], units: [physics] }
rewriting:
  anonymousPaths:
    - /rss/**
`,
      closed: `title: Closed
provider: Press
start: https://closed.example/
hosts: [closed.example]
open: false
licence: { until: 2020-01-01 }
`,
    },
  })
})
test.after.always(() => house.close())

interface Situation {
  readonly target: string
  readonly address: string
  readonly category?: readonly string[]
  readonly group?: readonly string[]
  readonly at?: string
}

const situations: readonly Situation[] = [
  { target: 'https://e.lanbook.com/book/1', address: '203.0.113.5', category: ['student'] },
  { target: 'lanbook', address: '198.18.0.7', category: ['student'] },
  { target: 'jstor', address: '198.18.0.9' },
  { target: 'jstor', address: '::ffff:198.51.100.7' },
  { target: 'jstor', address: '203.0.113.66', category: ['faculty'] },
  { target: 'https://www-scopus-com.read.example.org/x?y', address: '2001:db8::1' },
  { target: 'scopus', address: '2001:db8::1', category: ['alum', 'staff'] },
  { target: 'scopus', address: '2001:db8::1', category: ['student'], at: '2024-12-31T17:59:59Z' },
  { target: 'scopus', address: '2001:db8::1', category: ['student'], at: '2024-12-31' },
  { target: 'https://press.example/rss/new.xml', address: '2001:db8::1' },
  { target: 'https://press.example/', address: '192.0.2.130', group: ['readers'] },
  { target: 'press', address: '192.0.2.130', category: ['student'] },
  { target: 'closed', address: '192.0.2.130', category: ['student'] },
]

async function ofCommandLine(
  { target, address, category = [], group = [], at }: Situation,
  { configFile }: House = house,
) {
  const printed: string[] = []
  const { log } = console
  Object.assign(console, { log: (line: string) => void printed.push(line) })
  try {
    const options = { config: configFile, address, category, group, json: true } as const
    await explain(target, at === undefined ? options : { ...options, at }, {})
  } finally {
    Object.assign(console, { log })
  }
  const told: {
    asked: { source: string; version: number }
    steps: { criterion: string; outcome: string; detail: string; rule: string }[]
    reason?: string
    open?: string
  } = JSON.parse(printed[0] ?? '')
  return told
}

function pathOf({ target, address, category = [], group = [], at }: Situation): string {
  const pairs = [
    ['target', target],
    ['address', address],
    ...category.map((name) => ['category', name]),
    ...group.map((name) => ['group', name]),
    ...(at === undefined ? [] : [['at', at]]),
  ]
  return `/staff/explain?${new URLSearchParams(pairs).toString()}`
}

const unescaped = (text: string) => text.replaceAll('&gt;', '>').replaceAll('&amp;', '&')

for (const situation of situations) {
  test.serial(`the page answers as the command does: ${pathOf(situation)}`, async (t) => {
    await answersAlike(t, situation, house)
  })
}

/** The answer of the command, which the page gives as well. */
async function answersAlike(t: ExecutionContext, situation: Situation, of: House) {
  const told = await ofCommandLine(situation, of)
  const { status, text } = await of.ask(pathOf(situation), { as: 'viewer' })
  t.is(status, 200)
  const steps = [
    ...text.matchAll(
      /<li class="\w+">\n<h3>[^<]*<\/h3>\n<p class="badge \w+">([^<]*)<\/p>\n(?:<p class="found"><span lang="en">([^<]*)<\/span><br><code>([^<]*)<\/code><\/p>\n)?<\/li>/g,
    ),
  ].map(([, outcome, detail, rule]) => ({ outcome, detail: unescaped(detail ?? ''), rule }))
  t.deepEqual(
    steps,
    told.steps.map(({ outcome, detail, rule }) => ({
      outcome: outcome.charAt(0).toUpperCase() + outcome.slice(1),
      detail,
      rule: outcome === 'not asked' ? undefined : rule,
    })),
  )
  const reason = /<dt>Reason<\/dt><dd>(\w+)<\/dd>/.exec(text)?.[1]
  t.is(reason, told.reason)
  const deciding = told.open ?? told.steps.find(({ outcome }) => outcome === 'refused')?.rule
  t.is(/<dt>Decided by<\/dt><dd>([^<]*)<\/dd>/.exec(text)?.[1], deciding)
  return told
}

test.serial(
  'both answer by what is in force: the published set, whatever the draft says, and overrides',
  async (t) => {
    const own = await startConsole()
    t.teardown(() => own.close())
    await own.publish('The first set')
    const file = join(own.folder, 'rules/scopus.yaml')
    writeFileSync(file, `# A draft.\n${readFileSync(file, 'utf8').replace('student', 'alum')}`)
    const student = { target: 'scopus', address: '2001:db8::1', category: ['student'] }
    const before = await answersAlike(t, student, own)
    t.deepEqual(before.asked, { source: 'in force', version: 1 })
    t.is(before.reason, undefined)
    t.is(before.steps.find(({ criterion }) => criterion === 'standing')?.outcome, 'not asked')

    const doer = { by: 'Aida', why: 'ticket 12' }
    const endsAt = systemClock.now() + 3_600_000
    await beginOverride(
      own.control,
      { what: { kind: 'closure', resource: 'scopus' }, endsAt },
      doer,
    )
    await beginOverride(
      own.control,
      { what: { kind: 'block', range: '203.0.113.5' }, endsAt },
      doer,
    )
    await until(() => own.rules.facts().overrides.block === 1, 'the block does not hold', 1000)
    t.is((await answersAlike(t, student, own)).reason, 'resource_closed')
    const blocked = { target: 'jstor', address: '203.0.113.5', category: ['student'] }
    t.is((await answersAlike(t, blocked, own)).reason, 'address_blocked')
  },
)

test.serial('of an account that is named it is told whether it is suspended', async (t) => {
  const own = await startConsole()
  t.teardown(() => own.close())
  const patron = patronKey({ issuer, subject: 's:1' })
  await beginOverride(
    own.control,
    { what: { kind: 'suspension', patron }, endsAt: systemClock.now() + 3_600_000 },
    { by: 'Aida', why: 'ticket 13' },
  )
  await until(() => own.rules.facts().overrides.suspension === 1, 'it does not hold', 1000)
  const path = pathOf({ target: 'scopus', address: '2001:db8::1', category: ['student'] })
  const standing = async (account: string) => {
    const { text } = await own.ask(`${path}${account}`, { as: 'viewer' })
    const [, outcome] = /not suspended\?<\/h3>\n<p class="badge \w+">([^<]*)/.exec(text) ?? []
    return outcome
  }
  t.is(await standing(''), 'Not asked')
  t.is(await standing('&subject=s%3A1'), 'Refused')
  t.is(await standing('&provider=university&subject=s%3A1'), 'Refused')
  t.is(await standing('&provider=unknown&subject=s%3A1'), 'Not asked')
  t.is(await standing('&subject=s%3A2'), 'Passed')
})

test('lines are those of the rules in force, whatever became of their files since', async (t) => {
  const own = await startConsole()
  t.teardown(() => own.close())
  const path = pathOf({ target: 'lanbook', address: '203.0.113.5', category: ['student'] })
  const before = await own.ask(path, { as: 'viewer' })
  const file = join(own.folder, 'rules/lanbook.yaml')
  writeFileSync(file, `# A line more.\n${readFileSync(file, 'utf8')}`)
  const after = await own.ask(path, { as: 'viewer' })
  const rule = /<dt>Decided by<\/dt><dd>([^<]*)/
  t.regex(String(rule.exec(before.text)?.[1]), /lanbook\.yaml:\d+ licence\.remote$/)
  t.is(rule.exec(after.text)?.[1], rule.exec(before.text)?.[1])
})

test('a database is found by its title as well, and its seats now are told', async (t) => {
  await house.hold('scopus', 'one')
  const { text } = await house.ask(
    pathOf({ target: 'SCOPUS', address: '::1', category: ['faculty'] }),
    { as: 'viewer' },
  )
  t.regex(text, /They may read when a seat is free/)
  t.regex(text, /<dt>Seats now<\/dt><dd>1 of 5 seats in use now<\/dd>/)
})

test('the words that the reader sees are those of the refusal page', async (t) => {
  const [situation] = situations
  const { text } = await house.ask(pathOf(situation ?? { target: '', address: '' }), {
    as: 'viewer',
  })
  t.regex(text, /<strong>Only inside the library<\/strong>/)
  t.regex(text, /It can be read here: on the library’s network only\./)
  t.regex(text, /First button: Help with access/)
  t.regex(text, /<dt>Status of the page<\/dt><dd>403<\/dd>/)
})

test('the form begins with the visitor’s own address and asks nothing', async (t) => {
  const { text } = await house.ask('/staff/explain', { as: 'viewer', address: '192.0.2.130' })
  t.regex(text, /name="address"[^>]* value="192\.0\.2\.130"/)
  t.false(text.includes('id="verdict"'))
})

test('the link to an answer asks the same again', async (t) => {
  const asked = pathOf({
    target: 'scopus',
    address: '::1',
    group: ['a&b', 'c d'],
    at: '2026-11-30',
  })
  const { text } = await house.ask(`${asked}&unit=Физика&address=9`, { as: 'viewer' })
  const [, link = ''] = /<code class="copy">([^<]*)<\/code>/.exec(text) ?? []
  const query = new URL(unescaped(link)).searchParams
  t.deepEqual(
    [...query],
    [
      ['target', 'scopus'],
      ['address', '::1'],
      ['group', 'a&b'],
      ['group', 'c d'],
      ['unit', 'Физика'],
      ['at', '2026-11-30'],
    ],
  )
})

for (const [query, field, words] of [
  ['target=https://evil.example/&address=::1', 'target', 'No database has this name or address'],
  ['target=&address=::1', 'target', 'No database has this name or address'],
  ['target=jstor&address=010.0.0.1', 'address', 'This is not a network address'],
  ['target=jstor&address=', 'address', 'This is not a network address'],
  ['target=jstor&address=::1&category=pupil', 'category', 'There is no such reader group: pupil'],
  ['target=jstor&address=::1&at=soon', 'at', 'This is not a day or time'],
  ['target=jstor&address=::1&at=2026-02-30', 'at', 'This is not a day or time'],
] as const) {
  test(`what cannot be read is told at its field: ${query}`, async (t) => {
    const { status, text } = await house.ask(`/staff/explain?${query}`, { as: 'viewer' })
    t.is(status, 200)
    t.true(text.includes(words), text)
    const marked = field === 'category' ? /<fieldset[^>]*aria-invalid/ : `id="${field}"[^>]*invalid`
    t.regex(text, new RegExp(marked))
    t.false(text.includes('id="verdict"'))
  })
}

test('nothing that is typed becomes markup, and nothing is unbounded', async (t) => {
  const payload = `"'><svg onload=alert(1)><script>alert(2)</script></textarea>`
  const fields = ['target', 'address', 'category', 'group', 'unit', 'at', 'release', 'nothing']
  for (const field of fields) {
    const query = new URLSearchParams({ target: 'scopus', address: '::1', [field]: payload })
    const { status, text } = await house.ask(`/staff/explain?${query.toString()}`, { as: 'viewer' })
    t.is(status, 200)
    t.notRegex(text, /<script|<svg onload/, field)
  }
  const long = `group=${'x'.repeat(9000)}${'&group=y'.repeat(500)}${'&category=z'.repeat(500)}`
  const { text } = await house.ask(`/staff/explain?target=scopus&address=::1&${long}`, {
    as: 'viewer',
  })
  t.true(text.length < 30_000)
})
