import test from 'ava'
import fc from 'fast-check'

import { LeaseMemory, type HeldLease } from '../../src/policy/lease-memory.ts'

const most = 6
const names = { holders: ['a', 'b', 'c', 'd'], pools: ['p', 'q'], sessions: ['1', '2'] }
const someone = fc.constantFrom(...names.holders)
const somewhere = fc.constantFrom(...names.pools)
const sometime = fc.constantFrom(...names.sessions)
const step = fc.oneof(
  fc.record({
    does: fc.constantFrom('set', 'delete'),
    holder: someone,
    pool: somewhere,
    session: sometime,
  }),
  fc.record({ does: fc.constant('forget'), holder: someone, pool: fc.option(somewhere) }),
)
const keys = names.holders.flatMap((one) =>
  names.pools.flatMap((of) => names.sessions.map((at) => `${of} ${one} ${at}`)),
)

test('what is forgotten by holder and pool is what a walk over all leases would forget', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const memory = new LeaseMemory<HeldLease>(most)
    const model = new Map<string, HeldLease>()
    for (const { does, holder, pool, ...rest } of steps) {
      if (does === 'forget') {
        memory.forget(holder, pool ?? undefined)
        for (const [key, lease] of model) {
          const isMeant = lease.holder === holder && (pool === null || lease.pool === pool)
          if (isMeant) model.delete(key)
        }
      } else {
        const key = `${pool} ${holder} ${'session' in rest ? rest.session : ''}`
        model.delete(key)
        if (does === 'delete') memory.delete(key)
        else {
          memory.set(key, { holder, pool: pool ?? '' })
          model.set(key, { holder, pool: pool ?? '' })
          if (model.size > most) model.delete([...model.keys()][0] ?? '')
        }
      }
      const holders = new Set([...model.values()].map((lease) => lease.holder)).size
      t.deepEqual(memory.size, { leases: model.size, holders })
      for (const key of keys) t.deepEqual(memory.get(key), model.get(key))
    }
  })
  t.notThrows(() => fc.assert(property, { numRuns: 200 }))
})
