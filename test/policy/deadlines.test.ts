import test from 'ava'

import type { LicenceTerms } from '../../src/core/licence.ts'
import { deadlinesOf } from '../../src/policy/deadlines.ts'

const terms = (written: Partial<LicenceTerms>) => ({ graceDays: 0, ...written }) as LicenceTerms

const cases: readonly [what: string, written: Partial<LicenceTerms>, notices: readonly string[]][] =
  [
    ['no end', {}, []],
    ['a beginning tomorrow', { fromOn: '2026-12-01' }, ['begins 2026-12-01']],
    ['a beginning today', { fromOn: '2026-11-30' }, []],
    ['an end far away', { untilOn: '2027-01-30' }, []],
    ['an end within sixty days', { untilOn: '2027-01-29' }, ['ends 2027-01-29']],
    ['an end today', { untilOn: '2026-11-30' }, ['ends 2026-11-30']],
    ['an end in grace', { untilOn: '2026-11-29', graceDays: 1 }, ['grace 2026-11-29']],
    ['an end without grace', { untilOn: '2026-11-29' }, ['ended 2026-11-29']],
    [
      'an end within the days of the contract',
      { untilOn: '2027-02-27', contract: { noticeDays: 90 } },
      ['ends 2027-02-27'],
    ],
    [
      'a contract that can be ended until a day soon',
      { untilOn: '2027-03-31', contract: { noticeDays: 30, noticeOn: '2026-12-30' } },
      ['notice 2026-12-30'],
    ],
    [
      'both',
      { untilOn: '2026-12-31', contract: { noticeDays: 31, noticeOn: '2026-11-30' } },
      ['notice 2026-11-30', 'ends 2026-12-31'],
    ],
    [
      'a day to act by that has passed',
      { contract: { noticeDays: 9, noticeOn: '2026-11-29' } },
      [],
    ],
  ]

for (const [what, written, notices] of cases) {
  test(`on 2026-11-30, ${what}`, (t) => {
    const found = deadlinesOf(terms(written), '2026-11-30')
    t.deepEqual(
      found.map(({ state, on }) => `${state} ${on}`),
      [...notices],
    )
  })
}
