/** Small numbers of persons: not shown, and not to be computed by whoever knows the rule. */
import test from 'ava'
import fc from 'fast-check'

import { smallTogether } from '../../src/reports/suppression.ts'

const least = 5

test('groups told together are never few, unless there is nobody else', (t) => {
  const people = fc.array(fc.uniqueArray(fc.nat(20), { maxLength: 12 }), { maxLength: 7 })
  fc.assert(
    fc.property(people, (found) => {
      const persons = new Map(found.map((own, at) => [String(at), new Set(own)]))
      const groups = [...persons].map(([key, own]) => ({ key, size: own.size }))
      const unionOf = (keys: ReadonlySet<string>) =>
        [...keys].reduce((all, key) => all.union(persons.get(key) ?? new Set()), new Set<number>())
      const together = smallTogether(groups, (keys) => unionOf(keys).size, least)
      for (const { key, size } of groups) t.true(together.has(key) || size === 0 || size >= least)
      if (together.size === 0 || together.size === groups.length) return
      t.true(unionOf(together).size >= least)
      t.true(together.size >= 2)
    }),
  )
})
