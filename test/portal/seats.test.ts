/** Seats in use, remembered for badges. */
import test from 'ava'

import { GatewayError } from '../../src/core/errors.ts'
import { limits } from '../../src/core/limits.ts'
import { rememberedSeatUse } from '../../src/portal/seats.ts'
import { resourceOf } from './collection.ts'

const resource = resourceOf('jstor', { licence: { seats: 3 } })
const sister = resourceOf('jstor-books', { licence: { seats: 3, pool: 'jstor' } })

function clockAt(state: { ms: number }) {
  return { now: () => state.ms, steady: () => state.ms }
}

test('a pool is asked once for all its resources until the answer is old', async (t) => {
  const time = { ms: 0 }
  let asked = 0
  const seatUse = rememberedSeatUse(async () => ++asked, clockAt(time))
  t.deepEqual(await Promise.all([seatUse(resource), seatUse(sister), seatUse(resource)]), [1, 1, 1])
  time.ms = limits.portal.seatUseMs - 1
  t.is(await seatUse(resource), 1)
  time.ms = limits.portal.seatUseMs
  t.is(await seatUse(resource), 2)
})

/** Asks for the seats of a store that fails. */
async function failing(error: Error): Promise<number | undefined> {
  const seatUse = async (): Promise<never> => {
    throw error
  }
  return rememberedSeatUse(seatUse, clockAt({ ms: 0 }))(resource)
}

test('a store that is away gives no number; any other error is not hidden', async (t) => {
  t.is(await failing(new GatewayError('ERR_STORE_AWAY', 'away')), undefined)
  await t.throwsAsync(failing(new TypeError('a fault')), { instanceOf: TypeError })
})
