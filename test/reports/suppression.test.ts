/** Small numbers of persons: not shown, and not to be computed by whoever knows the rule. */
import test from 'ava'
import fc from 'fast-check'

import { hideSmall, smallTogether } from '../../src/reports/suppression.ts'

const least = 5

/** What is published of a row: shown values, stars, and the sum unless that is hidden. */
function published(values: readonly number[]): string {
  const { places, isTotalHidden } = hideSmall(values, least)
  const cells = values.map((value, place) => (places.has(place) ? '*' : value))
  return `${cells.join(' ')} = ${isTotalHidden ? '*' : values.reduce((sum, each) => sum + each, 0)}`
}

test('of three values from 0 to 14, none that is hidden follows from what is shown', (t) => {
  const known = new Map<string, Set<number>[]>()
  const up = 14
  for (let a = 0; a <= up; a++) {
    for (let b = 0; b <= up; b++) {
      for (let c = 0; c <= up; c++) {
        const values = [a, b, c]
        const sets = known.get(published(values)) ?? values.map(() => new Set<number>())
        for (const [place, value] of values.entries()) sets[place]?.add(value)
        known.set(published(values), sets)
      }
    }
  }
  const told: string[] = []
  for (const [row, sets] of known) {
    const cells = row.split(' ')
    for (const [place, set] of sets.entries()) {
      // Of a hidden cell at the upper end of what was tried, the other possible values were not.
      const isAtEnd = [...set].some((value) => value >= up - 1)
      if (cells[place] === '*' && set.size < 2 && !isAtEnd) told.push(`${row}: ${[...set].join()}`)
    }
  }
  t.deepEqual(told, [])
})

test('no number of fewer persons is shown, and a sum is shown only beside two that are hidden', (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 8 }), (values) => {
      const { places, isTotalHidden } = hideSmall(values, least)
      for (const [place, value] of values.entries()) {
        t.true(places.has(place) || value === 0 || value >= least)
      }
      t.true(places.size !== 1 || isTotalHidden)
      for (const place of places) t.not(values[place], 0)
    }),
  )
})

test('what is large enough is shown as it is', (t) => {
  t.deepEqual(hideSmall([5, 0, 9], least), { places: new Set(), isTotalHidden: false })
})

test('groups told together are never few, unless there is nobody else', (t) => {
  const group = fc.record({ sizes: fc.tuple(fc.nat(12), fc.nat(12)) })
  fc.assert(
    fc.property(fc.array(group, { maxLength: 7 }), (found) => {
      const groups = found.map(({ sizes }, at) => ({ key: String(at), sizes }))
      const together = smallTogether(groups, least)
      const isSmall = (sizes: readonly number[]) => sizes.some((size) => size > 0 && size < least)
      for (const { key, sizes } of groups) t.true(together.has(key) || !isSmall(sizes))
      if (together.size === 0 || together.size === groups.length) return
      const inside = groups.filter(({ key }) => together.has(key))
      const sums = [0, 1].map((at) => inside.reduce((sum, { sizes }) => sum + (sizes[at] ?? 0), 0))
      t.false(isSmall(sums))
      t.true(together.size >= 2)
    }),
  )
})
