/** The start page and the list of pools: what they tell of rules, days and seats. */
import test from 'ava'

import { deadlines } from '../../src/console/deadlines.ts'
import type { LicenceTerms } from '../../src/core/licence.ts'
import { createWords } from '../../src/locales/words.ts'
import { resourceOf } from '../portal/collection.ts'
import { startConsole } from './house.ts'

const words = createWords()

for (const [title, licence, expected] of [
  ['no end', {}, []],
  ['far away', { fromOn: '2026-01-01', untilOn: '2027-12-31' }, []],
  ['begins', { fromOn: '2026-12-01' }, ['Begins: 1 December 2026']],
  ['ends on the last day that is soon', { untilOn: '2027-01-29' }, ['Ends: 29 January 2027']],
  ['ends a day later', { untilOn: '2027-01-30' }, []],
  ['ends today', { untilOn: '2026-11-30' }, ['Ends: 30 November 2026']],
  [
    'in grace',
    { untilOn: '2026-11-25', graceDays: 5 },
    ['Ended: 25 November 2026; readers are let in until: 30 November 2026'],
  ],
  ['grace is over', { untilOn: '2026-11-25', graceDays: 4 }, ['Ended: 25 November 2026']],
  [
    'notice',
    { untilOn: '2027-06-30', contract: { noticeOn: '2027-03-31', noticeDays: 130 } },
    ['Last day to renew or end the contract: 31 March 2027'],
  ],
  ['notice is far', { contract: { noticeOn: '2027-03-31', noticeDays: 60 } }, []],
  ['notice is over', { contract: { noticeOn: '2026-11-29', noticeDays: 60 } }, []],
] as const satisfies readonly [string, Partial<LicenceTerms>, readonly string[]][]) {
  test(`days to act on: ${title}`, (t) => {
    const told = deadlines([resourceOf('jstor', { licence })], '2026-11-30', 'en', words)
    t.deepEqual(
      told.map(({ text }) => text),
      [...expected],
    )
  })
}

test('days to act on come in their order', (t) => {
  const resources = [
    resourceOf('late', { licence: { untilOn: '2026-12-31' } }),
    resourceOf('early', { licence: { untilOn: '2025-12-31' } }),
    resourceOf('middle', { licence: { untilOn: '2026-12-01' } }),
  ]
  const told = deadlines(resources, '2026-11-30', 'en', words)
  t.deepEqual(
    told.map(({ id }) => id),
    ['early', 'middle', 'late'],
  )
})

/** A rule whose seats are shared. */
function shared(title: string, host: string): string {
  return `title: ${title}\nprovider: Toktom\nstart: https://${host}/\nhosts: [${host}]\nlicence: { seats: 2, pool: law }\n`
}

test('the start page and the list tell the fullest pools first, and all that share one', async (t) => {
  const house = await startConsole({
    rules: {
      laws: shared('Laws', 'laws.example'),
      courts: `${shared('Courts', 'courts.example')}open: false\n`,
    },
  })
  t.teardown(() => house.close())
  await house.hold('scopus', 'one')
  await house.hold('law', 'one')
  await house.hold('law', 'two')
  for (const path of ['/staff', '/staff/seats']) {
    const { text } = await house.ask(path, { as: 'viewer' })
    const pools = [...text.matchAll(/\/staff\/seats\/([\w-]+)">/g)].map(([, name]) => name)
    t.deepEqual(pools, ['law', 'scopus'], path)
    t.regex(text, /Courts<\/span>, <span lang="en">Laws/)
    t.regex(text, /2 of 2 seats in use now/)
    t.regex(text, /1 of 5 seats in use now/)
  }
  const { text } = await house.ask('/staff', { as: 'viewer' })
  t.regex(text, /<dt>Databases<\/dt><dd>5<\/dd>/)
  t.regex(text, /<dt>Of these, closed for now<\/dt><dd>1<\/dd>/)
  t.regex(text, /not published: the files \([0-9a-f]{12}\)/)
})

test('with the store away the pages are shown and say so', async (t) => {
  const house = await startConsole()
  t.teardown(() => house.close())
  await house.store.close()
  const { status, text } = await house.ask('/staff', { as: 'viewer' })
  t.is(status, 200)
  t.regex(text, /<dt>Store<\/dt><dd>Does not answer<\/dd>/)
  t.regex(text, /the store does not tell how many are in use/)
  const claims = await house.ask('/staff/claims', { as: 'viewer' })
  t.regex(claims.text, /<p>The store does not answer\.<\/p>/)
  const pool = await house.ask('/staff/seats/scopus', { as: 'editor' })
  t.regex(pool.text, /The store does not answer/)
})

test('groups without a meaning are listed, the most frequent first, with what to write', async (t) => {
  const house = await startConsole()
  t.teardown(() => house.close())
  const empty = await house.ask('/staff/claims', { as: 'viewer' })
  t.regex(empty.text, /all that the sign-in service told has a meaning/)
  await house.seen('/law')
  await house.seen('/law', 'a"b')
  const { text } = await house.ask('/staff/claims', { as: 'viewer' })
  const rows = [...text.matchAll(/<dd><code>([^<]*)<[^]*?<dd>([^<]*)<[^]*?<dd>([^<]*)</g)]
  t.deepEqual(
    rows.map(([, ...cells]) => cells),
    [
      ['/law', 'university', '2'],
      ['a&quot;b', 'university', '1'],
    ],
  )
  t.regex(
    text,
    /- id: university\n      claims:\n        values:\n          &quot;\/law&quot;: student/,
  )
})
