import test from 'ava'

import { isWholeInternet, wideRanges } from '../../src/core/wide-ranges.ts'

const whole = [
  '0.0.0.0/0',
  '0.0.0.0-255.255.255.255',
  '0.0.0.1-255.255.255.255',
  '0.0.0.0/1',
  '128.0.0.0/1',
  '::ffff:0:0/96',
  '64:ff9b::/96',
  '::/0',
  '::/1',
  '8000::/1',
  '2000::/3',
  '2000::/4',
  '2001::-3ffe::',
]
const parts = ['0.0.0.0', '0.0.0.0/2', '64.0.0.0-191.255.255.254', 'fc00::/7', '2001::/16', 'x']

test('half of a family, or of its public addresses, is as good as the whole internet', (t) => {
  for (const text of whole) t.true(isWholeInternet(text), text)
  for (const text of parts) t.false(isWholeInternet(text), text)
})

/** [list, those that are found: by themselves or with the others] */
const lists: readonly (readonly [readonly string[], readonly number[], boolean?])[] = [
  [['10.0.0.0/8', '0.0.0.0/1', '128.0.0.0/1'], [1, 2], true],
  [['::/1', '8000::/1'], [0, 1], true],
  [['10.0.0.0/8', '0.0.0.0/3', '64.0.0.0/2', '128.0.0.0/2'], [2], false],
  [['64:ff9b::/98', '64.0.0.0/2'], [0], false],
  [['2000::/5', '2800::/5'], [0], false],
  // One range twice is no more than once, and families are not added up.
  [['0.0.0.0/2', '0.0.0.0/2', '0.0.0.0/3'], []],
  [['0.0.0.0/2', '2000::/5', '4000::/2'], []],
  [['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'x'], []],
  [[], []],
]

for (const [list, found, isAlone = true] of lists) {
  test(`ranges of a list that come to the whole internet are found: ${list.join(' ')}`, (t) => {
    t.deepEqual(
      wideRanges(list),
      found.map((index) => ({ index, isAlone })),
    )
  })
}
