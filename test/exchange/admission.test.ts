import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'

import { GatewayError } from '../../src/core/errors.ts'
import { Admission, type AdmissionBounds, type GiveBack } from '../../src/exchange/admission.ts'
import { Departure } from '../../src/exchange/departure.ts'

const bounds: AdmissionBounds = {
  connections: 8,
  perReader: 3,
  queued: 12,
  queuedPerReader: 6,
  waitMs: 60_000,
}

type Outcome = 'waits' | 'holds' | 'ERR_OVERLOAD' | 'ERR_READER_LEFT'

/** One request and what became of it. */
interface Request {
  readonly reader: string
  readonly number: number
  readonly departure: Departure
  outcome: Outcome
  giveBack?: GiveBack
}

/** An admission of one host and everybody who ever came to it; who still waits leaves with the test. */
function open(t: ExecutionContext, more: Partial<AdmissionBounds> = {}) {
  const admission = new Admission({ ...bounds, ...more }, (act) => act())
  const requests: Request[] = []
  const admitted: Request[] = []
  let count = 0
  t.teardown(() => {
    for (const { outcome, departure } of requests) if (outcome === 'waits') departure.leave()
  })

  async function admit(request: Request, entered: Promise<GiveBack>): Promise<void> {
    try {
      request.giveBack = await entered
      request.outcome = 'holds'
      admitted.push(request)
    } catch (error) {
      if (error instanceof GatewayError) request.outcome = error.code as Outcome
    }
  }

  return {
    requests,
    admitted,
    of: (outcome: Outcome) => requests.filter((request) => request.outcome === outcome),
    async ask(reader: string, origin = 'http://a.example'): Promise<Request> {
      const departure = new Departure()
      const request: Request = { reader, number: count++, departure, outcome: 'waits' }
      requests.push(request)
      void admit(request, admission.enter({ origin, authority: 'a.example', reader }, departure))
      await settled()
      return request
    },
    async end(request: Request | undefined): Promise<void> {
      if (request?.outcome !== 'holds') return
      requests.splice(requests.indexOf(request), 1)
      request.giveBack?.()
      await settled()
    },
  }
}

/** Promises that could resolve have done so. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

const step = fc.record({
  act: fc.constantFrom('ask', 'ask', 'ask', 'end', 'leave'),
  reader: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  pick: fc.nat(100),
})

test('no bound is ever passed, nothing lies idle while somebody may have it, order is kept', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const world = open(t)
      for (const { act, reader, pick } of steps) {
        if (act === 'ask') await world.ask(reader)
        const held = world.of('holds')
        const waiting = world.of('waits')
        if (act === 'end') await world.end(held[pick % Math.max(1, held.length)])
        if (act === 'leave') waiting[pick % Math.max(1, waiting.length)]?.departure.leave()
        await settled()
        checkBounds(world)
      }
      // Whoever waited is served when others end, and at last nobody is left.
      for (let turn = 0; world.of('holds').length > 0; turn += 1) {
        t.true(turn < 100)
        await world.end(world.of('holds')[0])
        checkBounds(world)
      }
      t.is(world.of('waits').length, 0)
      for (const reader of ['a', 'b', 'c', 'd', 'e']) {
        const numbers = world.admitted.filter((each) => each.reader === reader)
        const order = numbers.map(({ number }) => number)
        t.deepEqual(
          order,
          order.toSorted((left, right) => left - right),
        )
      }
    }),
    { numRuns: 60 },
  )

  function checkBounds(world: ReturnType<typeof open>): void {
    const held = Map.groupBy(world.of('holds'), ({ reader }) => reader)
    const waiting = Map.groupBy(world.of('waits'), ({ reader }) => reader)
    const total = world.of('holds').length
    t.true(total <= bounds.connections)
    t.true(world.of('waits').length <= bounds.queued)
    for (const own of held.values()) t.true(own.length <= bounds.perReader)
    for (const [reader, own] of waiting) {
      t.true(own.length <= bounds.queuedPerReader)
      const isAtShare = (held.get(reader)?.length ?? 0) === bounds.perReader
      t.true(total === bounds.connections || isAtShare, `${reader} waits for nothing`)
    }
  }
})

test('who holds all of a share takes nothing from others', async (t) => {
  const world = open(t)
  for (let count = 0; count < 8; count += 1) await world.ask('greedy')
  t.is(world.of('holds').length, 3)
  t.is((await world.ask('modest')).outcome, 'holds')
})

test('readers take turns, however many of the requests before theirs are of one reader', async (t) => {
  const world = open(t, { connections: 2, perReader: 2 })
  const first = await world.ask('a')
  await world.ask('a')
  for (let count = 0; count < 4; count += 1) await world.ask('a')
  const late = [await world.ask('b'), await world.ask('c')]
  t.deepEqual(
    late.map(({ outcome }) => outcome),
    ['waits', 'waits'],
  )
  await world.end(first)
  await world.end(world.of('holds')[0])
  await world.end(world.of('holds')[0])
  t.true(late.every(({ number }) => world.admitted.some((each) => each.number === number)))
})

test('who leaves the queue makes room in it, and is not served', async (t) => {
  const world = open(t, { connections: 1, perReader: 1, queued: 1 })
  const first = await world.ask('a')
  const second = await world.ask('b')
  t.is((await world.ask('c')).outcome, 'ERR_OVERLOAD')
  second.departure.leave()
  await settled()
  t.is(second.outcome, 'ERR_READER_LEFT')
  const third = await world.ask('c')
  await world.end(first)
  t.is(third.outcome, 'holds')
  t.is(second.giveBack, undefined)
})

test('one reader cannot fill the queue', async (t) => {
  const world = open(t, { connections: 3 })
  for (let count = 0; count < 3 + 6; count += 1) await world.ask('a')
  t.is((await world.ask('a')).outcome, 'ERR_OVERLOAD')
  t.is((await world.ask('b')).outcome, 'waits')
})

test('a wait that is too long ends', async (t) => {
  const world = open(t, { connections: 1, waitMs: 20 })
  const first = await world.ask('a')
  const second = await world.ask('b')
  await new Promise((resolve) => setTimeout(resolve, 60))
  t.is(second.outcome, 'ERR_OVERLOAD')
  await world.end(first)
  t.is((await world.ask('b')).outcome, 'holds')
})

test('hosts do not wait for each other', async (t) => {
  const world = open(t, { connections: 1 })
  await world.ask('a')
  t.is((await world.ask('a')).outcome, 'waits')
  t.is((await world.ask('a', 'http://b.example')).outcome, 'holds')
})
