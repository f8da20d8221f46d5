import test from 'ava'
import fc from 'fast-check'

import { RecentMap } from '../../src/core/recent-map.ts'

test('the entries put in last are there, at most twice as many are', (t) => {
  const keys = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 200 })
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 8 }), (puts, entries) => {
      const map = new RecentMap<number>(entries)
      for (const [time, key] of puts.entries()) map.set(String(key), time)
      const latest = new Map(puts.map((key, time) => [String(key), time]))
      const byAge = [...latest].toSorted(([, one], [, other]) => other - one)
      for (const [key, time] of byAge.slice(0, entries)) t.is(map.get(key), time)
      const kept = byAge.filter(([key]) => map.has(key))
      t.true(kept.length <= 2 * entries)
      for (const [key, time] of kept) t.is(map.get(key), time)
    }),
  )
})

test('a value may be undefined', (t) => {
  const map = new RecentMap<undefined>(1)
  map.set('a', undefined)
  t.true(map.has('a'))
  t.false(map.has('b'))
})
