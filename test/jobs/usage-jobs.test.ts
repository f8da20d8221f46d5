import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import { seatLookJob } from '../../src/jobs/usage-jobs.ts'
import { createPools } from '../../src/policy/pools.ts'
import { createSeatKeeper } from '../../src/policy/seat-keeper.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { resourceWith, stoppedClock } from '../policy/fixtures.ts'

test('a minute has one look at each pool in use, whoever looks and however often', async (t) => {
  const { clock, pass } = stoppedClock()
  const store = createEmbeddedStore({
    file: join(mkdtempSync(join(tmpdir(), 'darbaza-jobs-')), 'store.db'),
    clock,
  })
  t.teardown(() => store.close())
  const { seats } = store
  const heard: GatewayEvent[] = []
  const bus = createEventBus((error) => t.fail(String(error)))
  bus.listen((event) => heard.push(event))
  const resources = [
    resourceWith({ seats: 2, pool: 'busy' }),
    resourceWith({ seats: 5, pool: 'idle' }),
    resourceWith({}),
  ]
  const pools = createPools({ seats, keeper: createSeatKeeper({ seats, clock }) })
  const job = seatLookJob({ bus, clock, pools, resources: () => resources })
  await job.run()
  t.deepEqual(heard, [])

  for (const holder of ['a', 'b'])
    await seats.acquire({ pool: 'busy', holder, seats: 2, idleMs: 600_000 })
  const queue = { holdMs: 1000, seenMs: 600_000, waiters: 9 }
  await seats.wait({ pool: 'busy', holder: 'c', seats: 2, queue })
  await job.run()
  pass(20_000)
  await job.run()
  pass(60_000)
  await job.run()
  t.like(heard[0], { kind: 'seats', pool: 'busy', seats: 2, used: 2, waiting: 1 })
  t.is(heard.length, 3)
  t.is(new Set(heard.map(({ id }) => id)).size, 2)
  t.deepEqual(
    heard.map(({ at }) => at % 60_000),
    [0, 0, 0],
  )
  for (const { id } of heard) t.regex(id, /^[\da-f]{32}$/)
})
