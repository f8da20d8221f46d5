import test from 'ava'
import * as fc from 'fast-check'

import { createCalendar } from '../../src/core/calendar.ts'
import { denialFacts, type DenialReason } from '../../src/core/denials.ts'
import { addressIssuer, categories, type Patron, type Place } from '../../src/core/types.ts'
import type { LicenceTerms } from '../../src/core/licence.ts'
import { criteria, type Question } from '../../src/policy/criteria.ts'
import { decide, decideSeat } from '../../src/policy/decide.ts'
import { resourceWith } from './fixtures.ts'

const remote: Place = { address: '203.0.113.7', channel: 'remote', treatment: 'authenticate' }
const library: Place = {
  address: '10.1.1.1',
  network: 'library',
  site: 'Bishkek',
  channel: 'onsite',
  treatment: 'authenticate',
}
const kiosk: Place = { ...library, treatment: 'auto-login', category: 'walk-in' }
const vpn: Place = { ...library, network: 'vpn', channel: 'vpn' }
const student: Patron = {
  issuer: 'https://id.example',
  subject: 'secret-subject',
  displayName: 'Secret Name',
  categories: ['student'],
  groups: [],
}

interface Case {
  readonly licence?: Partial<LicenceTerms>
  readonly isOpen?: boolean
  readonly place?: Place
  readonly patron?: Partial<Patron> | 'nobody'
  readonly todayOn?: string
}

function question({
  place = remote,
  patron = {},
  todayOn = '2026-11-23',
  ...terms
}: Case): Question {
  return {
    resource: resourceWith(terms.licence ?? {}, terms.isOpen),
    place,
    patron: patron === 'nobody' ? undefined : { ...student, ...patron },
    todayOn,
  }
}

const walkIns = { categories: ['walk-in'] } as const
const table: readonly (readonly [string, DenialReason | 'allowed', Case])[] = [
  ['a student at home', 'allowed', {}],
  ['a rejected address', 'address_rejected', { place: { ...remote, treatment: 'reject' } }],
  ['a closed resource', 'resource_closed', { isOpen: false }],

  ['the day before the first day', 'licence_not_started', { licence: { fromOn: '2026-11-24' } }],
  ['the first day', 'allowed', { licence: { fromOn: '2026-11-23' } }],
  ['the last day', 'allowed', { licence: { untilOn: '2026-11-23' } }],
  ['the day after the last day', 'licence_ended', { licence: { untilOn: '2026-11-22' } }],
  ['the last day of grace', 'allowed', { licence: { untilOn: '2026-11-09', graceDays: 14 } }],
  ['the day after grace', 'licence_ended', { licence: { untilOn: '2026-11-08', graceDays: 14 } }],
  [
    'grace over a leap day',
    'allowed',
    {
      licence: { untilOn: '2028-02-28', graceDays: 2 },
      todayOn: '2028-03-01',
    },
  ],
  [
    'grace over a February without one',
    'licence_ended',
    {
      licence: { untilOn: '2027-02-28', graceDays: 2 },
      todayOn: '2027-03-03',
    },
  ],
  ['a licence of one day', 'allowed', { licence: { fromOn: '2026-11-23', untilOn: '2026-11-23' } }],
  ['a first day that cannot be read', 'licence_not_started', { licence: { fromOn: 'soon' } }],
  ['a last day that cannot be read', 'licence_ended', { licence: { untilOn: 'later' } }],

  ['nobody signed in', 'not_signed_in', { patron: 'nobody' }],
  [
    'nobody, where the address admits',
    'allowed',
    {
      licence: walkIns,
      patron: 'nobody',
      place: kiosk,
    },
  ],
  [
    'nobody, where the address admits another category',
    'category_not_entitled',
    {
      patron: 'nobody',
      place: kiosk,
    },
  ],
  [
    'a session by address, where the address does not admit',
    'not_signed_in',
    { patron: { issuer: addressIssuer } },
  ],
  [
    'a session by address of another category than the address gives here',
    'category_not_entitled',
    { patron: { issuer: addressIssuer, categories: ['student'] }, place: kiosk },
  ],
  ['a patron without category', 'claims_missing', { patron: { categories: [] } }],
  [
    'a patron without category in another group',
    'claims_missing',
    {
      licence: { groups: ['chemistry'] },
      patron: { categories: [], groups: ['physics'] },
    },
  ],
  [
    'a patron without category in a licensed group',
    'allowed',
    {
      licence: { groups: ['chemistry'] },
      patron: { categories: [], groups: ['physics', 'chemistry'] },
    },
  ],
  [
    'a category that is not licensed',
    'category_not_entitled',
    { patron: { categories: ['alum'] } },
  ],
  [
    'one of several categories licensed',
    'allowed',
    { patron: { categories: ['alum', 'student'] } },
  ],
  [
    'no category licensed, a group is',
    'allowed',
    {
      licence: { categories: [], groups: ['chemistry'] },
      patron: { groups: ['chemistry'] },
    },
  ],
  [
    'a group of another spelling',
    'category_not_entitled',
    {
      licence: { categories: [], groups: ['chemistry'] },
      patron: { groups: ['Chemistry'] },
    },
  ],
  ['a licence for nobody', 'category_not_entitled', { licence: { categories: [] } }],
  [
    'an alum in the reading room of walk-ins',
    'allowed',
    {
      licence: walkIns,
      patron: { categories: ['alum'] },
      place: kiosk,
    },
  ],

  [
    'a reader of a licensed faculty',
    'allowed',
    { licence: { units: ['Law', 'Медицина'] }, patron: { unit: 'Медицина' } },
  ],
  [
    'a reader of another faculty',
    'unit_not_entitled',
    { licence: { units: ['Law'] }, patron: { unit: 'law' } },
  ],
  ['a reader of no faculty', 'unit_not_entitled', { licence: { units: ['Law'] } }],
  [
    'a licensed group, of another faculty',
    'unit_not_entitled',
    { licence: { units: ['Law'], groups: ['g'] }, patron: { groups: ['g'], unit: 'Arts' } },
  ],
  [
    'nobody, where the address admits, of a licence for a faculty',
    'unit_not_entitled',
    { licence: { ...walkIns, units: ['Law'] }, patron: 'nobody', place: kiosk },
  ],
  [
    'a listed network',
    'allowed',
    { licence: { remote: 'listed_networks', networks: ['vpn'] }, place: vpn },
  ],
  [
    'another network',
    'place_not_entitled',
    { licence: { remote: 'listed_networks', networks: ['vpn'] }, place: library },
  ],
  [
    'no network at all, of listed networks',
    'place_not_entitled',
    { licence: { remote: 'listed_networks' } },
  ],
  [
    'a walk-in in a listed network that is not on site',
    'place_not_entitled',
    {
      licence: { ...walkIns, remote: 'listed_networks', networks: ['vpn'] },
      patron: { categories: ['walk-in'] },
      place: vpn,
    },
  ],
  [
    'on site only, in the library',
    'allowed',
    {
      licence: { remote: 'on_site_only' },
      place: library,
    },
  ],
  ['on site only, at home', 'place_not_entitled', { licence: { remote: 'on_site_only' } }],
  [
    'on site only, through the VPN',
    'place_not_entitled',
    {
      licence: { remote: 'on_site_only' },
      place: vpn,
    },
  ],
  [
    'a listed site',
    'allowed',
    {
      licence: { remote: 'listed_sites', sites: ['Osh', 'Bishkek'] },
      place: library,
    },
  ],
  [
    'another site',
    'place_not_entitled',
    {
      licence: { remote: 'listed_sites', sites: ['Osh'] },
      place: library,
    },
  ],
  [
    'a network without site',
    'place_not_entitled',
    {
      licence: { remote: 'listed_sites', sites: ['Osh'] },
      place: remote,
    },
  ],
  [
    'a VPN that carries the site',
    'place_not_entitled',
    {
      licence: { remote: 'listed_sites', sites: ['Bishkek'] },
      place: vpn,
    },
  ],
  [
    'a walk-in in the library',
    'allowed',
    {
      licence: walkIns,
      patron: { categories: ['walk-in'] },
      place: library,
    },
  ],
  [
    'a walk-in at home',
    'place_not_entitled',
    {
      licence: walkIns,
      patron: { categories: ['walk-in'] },
    },
  ],
  [
    'a walk-in at home who is a student as well',
    'allowed',
    {
      licence: { categories: ['walk-in', 'student'] },
      patron: { categories: ['student', 'walk-in'] },
    },
  ],
  [
    'a walk-in at home in a licensed group',
    'allowed',
    {
      licence: { ...walkIns, groups: ['chemistry'] },
      patron: { categories: ['walk-in'], groups: ['chemistry'] },
    },
  ],
]

for (const [title, expected, each] of table) {
  test(`${title}: ${expected}`, (t) => {
    const decision = decide(question(each))
    t.is(decision.isAllowed ? 'allowed' : decision.reason, expected)
  })
}

test('a refusal for days tells the day that readers are to know', (t) => {
  const early = decide(question({ licence: { fromOn: '2026-12-01' } }))
  const late = decide(question({ licence: { untilOn: '2026-06-30', graceDays: 3 } }))
  t.like(early, { facts: { from: '2026-12-01' } })
  t.like(late, { facts: { until: '2026-06-30' } })
})

/** For each criterion a case that it alone refuses, in the order in which they are asked. */
const faults: readonly (readonly [DenialReason, Case])[] = [
  ['address_rejected', { place: { ...remote, treatment: 'reject' } }],
  ['resource_closed', { isOpen: false }],
  ['licence_not_started', { licence: { fromOn: '2027-01-01' } }],
  ['not_signed_in', { patron: 'nobody' }],
  ['claims_missing', { patron: { categories: [] } }],
  ['category_not_entitled', { licence: { categories: ['staff'] } }],
  ['unit_not_entitled', { licence: { units: ['Law'] } }],
  ['place_not_entitled', { licence: { remote: 'on_site_only' } }],
]

test('of several faults the first in order is the reason, and the trace is complete', (t) => {
  fc.assert(
    fc.property(fc.subarray([...faults.keys()]), (chosen) => {
      // Of two faults of the patron the earlier one stays.
      const cases = chosen.map((index) => faults[index]![1]).toReversed()
      const merged = cases.reduce((sum, each) => {
        return { ...sum, ...each, licence: { ...sum.licence, ...each.licence } }
      }, {})
      const decision = decide(question(merged))

      const first = chosen.length === 0 ? undefined : faults[chosen[0]!]![0]
      t.is(decision.isAllowed ? undefined : decision.reason, first)
      t.deepEqual(
        decision.trace.map(({ criterion }) => criterion),
        [...criteria.map(({ name }) => name), 'fair-use', 'seat'],
      )
      const outcomes = decision.trace.map(({ outcome }) => outcome)
      const refusedAt = outcomes.indexOf('refused')
      // Without a quota fair use is found to be no limit.
      const asked = refusedAt === -1 ? criteria.length + 1 : refusedAt
      t.true(outcomes.slice(0, asked).every((outcome) => outcome === 'passed'))
      t.true(outcomes.slice(refusedAt === -1 ? asked : asked + 1).every((o) => o === 'not asked'))
    }),
    { numRuns: 2 ** faults.length * 4 },
  )
})

const anyQuestion: fc.Arbitrary<Question> = fc.record({
  resource: fc
    .record({
      isOpen: fc.boolean(),
      categories: fc.subarray([...categories]),
      groups: fc.subarray(['chemistry', 'physics']),
      remote: fc.constantFrom('anywhere', 'on_site_only', 'listed_sites', 'listed_networks'),
      networks: fc.subarray(['library', 'vpn']),
      units: fc.option(fc.subarray(['Law', 'Arts'], { minLength: 1 }), { nil: undefined }),
      sites: fc.subarray(['Bishkek', 'Osh']),
      fromOn: fc.constantFrom(undefined, '2026-01-01', '2026-12-31', 'x'),
      untilOn: fc.constantFrom(undefined, '2026-01-01', '2026-12-31', 'x'),
      graceDays: fc.nat(400),
    })
    .map(({ isOpen, fromOn, untilOn, units, ...terms }) => {
      const from = fromOn !== undefined && { fromOn }
      const until = untilOn !== undefined && { untilOn }
      return resourceWith({ ...terms, ...from, ...until, ...(units && { units }) }, isOpen)
    }),
  place: fc.constantFrom<Place>(remote, library, kiosk, vpn, { ...remote, treatment: 'reject' }),
  patron: fc.option(
    fc.record({
      issuer: fc.constant('https://id.example'),
      subject: fc.constant('secret-subject'),
      displayName: fc.constant('Secret Name'),
      categories: fc.subarray([...categories]),
      groups: fc.subarray(['chemistry', 'physics', 'history']),
      unit: fc.constantFrom('Law', 'Arts', 'Letters'),
    }),
    { nil: undefined },
  ),
  todayOn: fc.constantFrom('2025-12-31', '2026-01-01', '2026-11-23', '2027-06-01', 'x'),
  isAnonymous: fc.boolean(),
})

test('every question has an answer of the closed list, without the name of a person', (t) => {
  fc.assert(
    fc.property(anyQuestion, (each) => {
      const decision = decide(each)
      if (!decision.isAllowed) t.true(decision.reason in denialFacts)
      t.notRegex(JSON.stringify(decision), /secret/i)
      t.deepEqual(decide(each), decision)
    }),
  )
})

/** Each leaves a question as it is but for one condition that may refuse. */
const restrictions: readonly ((asked: Question) => Question)[] = [
  (asked) => ({ ...asked, place: { ...asked.place, treatment: 'reject' } }),
  (asked) => ({ ...asked, resource: { ...asked.resource, isOpen: false } }),
  (asked) => withTerms(asked, { fromOn: '2027-12-31' }),
  (asked) => withTerms(asked, { untilOn: '2025-01-01', graceDays: 0 }),
  (asked) => withTerms(asked, { graceDays: 0 }),
  (asked) => withTerms(asked, { units: ['Law'] }),
  (asked) => withTerms(asked, { groups: asked.resource.licence.groups.slice(1) }),
  (asked) => withTerms(asked, { categories: asked.resource.licence.categories.slice(1) }),
  (asked) => withTerms(asked, { sites: [], networks: [] }),
  (asked) => ({ ...asked, patron: asked.patron && { ...asked.patron, groups: [] } }),
  (asked) => ({ ...asked, patron: asked.patron && { ...asked.patron, categories: [] } }),
  (asked) => ({ ...asked, isAnonymous: false }),
]

function withTerms(asked: Question, terms: Partial<LicenceTerms>): Question {
  const { resource } = asked
  // A list of units that is there already only becomes shorter.
  const units = terms.units && (resource.licence.units ?? terms.units).slice(0, 1)
  const licence = { ...resource.licence, ...terms, ...(units && { units }) }
  return { ...asked, resource: { ...resource, licence } }
}

test('a condition that is added never lets in whom the others refused', (t) => {
  const some = fc.subarray([...restrictions], { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(anyQuestion, some, (each, added) => {
      if (decide(each).isAllowed) return
      t.false(decide(added.reduce((asked, restrict) => restrict(asked), each)).isAllowed)
    }),
    { numRuns: 2000 },
  )
})

const decideAnonymous = (each: Case) => decide({ ...question(each), isAnonymous: true })

test('without the person only what concerns everybody is asked', (t) => {
  const { isAllowed, trace } = decideAnonymous({ patron: 'nobody' })
  t.true(isAllowed)
  t.deepEqual(
    trace.map(({ outcome }) => outcome),
    [...Array(3).fill('passed'), ...Array(criteria.length - 3 + 2).fill('not asked')],
  )
  t.like(decideAnonymous({ isOpen: false }), { reason: 'resource_closed' })
  t.like(decideAnonymous({ licence: { untilOn: '2026-01-01' } }), { reason: 'licence_ended' })
})

test('the seat completes the trace and has the last word', (t) => {
  const decision = decide(question({}))
  const held = decideSeat(decision, { detail: 'held' })
  t.true(held.isAllowed)
  t.is(held.trace.length, decision.trace.length)
  t.deepEqual(held.trace.at(-1), { criterion: 'seat', outcome: 'passed', detail: 'held' })
  const facts = { seats: 3, used: 3 }
  const full = decideSeat(decision, { detail: 'full', refusal: { reason: 'seats_full', facts } })
  t.like(full, { isAllowed: false, reason: 'seats_full', facts })
  t.like(full.trace.at(-1), { outcome: 'refused' })
})

test('a day begins at midnight of the time zone', (t) => {
  const bishkek = createCalendar('Asia/Bishkek')
  t.is(bishkek(Date.parse('2026-11-23T17:59:59.999Z')), '2026-11-23')
  t.is(bishkek(Date.parse('2026-11-23T18:00:00.000Z')), '2026-11-24')
  t.is(createCalendar('Pacific/Honolulu')(Date.parse('2027-01-01T09:59:59Z')), '2026-12-31')
  t.is(createCalendar('UTC')(Date.parse('2028-02-29T00:00:00Z')), '2028-02-29')
})
