import test from 'ava'
import fc from 'fast-check'

import { RecentMap } from '../../src/core/recent-map.ts'

const act = fc.record({
  kind: fc.constantFrom('set', 'set', 'use', 'get', 'delete'),
  key: fc.integer({ min: 0, max: 30 }).map(String),
})

test('the latest half of what was put in or used is there, and never more than the bound', (t) => {
  const most = fc.integer({ min: 1, max: 8 }).map((half) => 2 * half)
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), most, (acts, bound) => {
      const map = new RecentMap<{ readonly time: number }>(bound)
      /** In the order in which they were put in or used, the latest last. */
      const model = new Map<string, { readonly time: number }>()
      for (const [time, { kind, key }] of acts.entries()) {
        const known = model.get(key)
        if (kind === 'set') map.set(key, { time })
        else if (kind === 'delete') map.delete(key)
        const found = kind === 'use' ? map.use(key) : map.get(key)
        if (kind === 'set' || (kind === 'use' && found !== undefined)) {
          model.delete(key)
          model.set(key, kind === 'set' ? { time } : known!)
        } else if (kind === 'delete') model.delete(key)
        const latest = [...model].slice(-bound / 2)
        for (const [each, value] of latest) t.deepEqual(map.get(each), value)
        const kept = [...map]
        t.true(kept.length <= bound)
        for (const [each, value] of kept) t.deepEqual(model.get(each), value)
        t.is(new Set(kept.map(([each]) => each)).size, kept.length)
      }
    }),
  )
})
