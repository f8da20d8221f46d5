/**
 * Months of figures out of the store, for reports of COUNTER's form.
 * @module
 */
import type { Figures } from '../../core/figures.ts'
import type { FiguresStore } from '../../store/contract.ts'
import { figuresOf } from '../../usage/figures-text.ts'
import { lastFullMonth, type Availability } from './period.ts'
import type { Month } from './months.ts'

/** Which months there are to tell of now. */
export async function availableMonths(
  store: Pick<FiguresStore, 'madeFrom'>,
  now: number,
  timeZone: string,
): Promise<Availability> {
  const [first] = [...(await store.madeFrom('month')).keys()].toSorted()
  return { ...(first !== undefined && { first }), last: lastFullMonth(now, timeZone) }
}

/**
 * The figures of months, both included; a month that nobody counted is left out.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY`, `ERR_STORE_DATA`
 */
export async function monthlyFigures(
  store: Pick<FiguresStore, 'read'>,
  from: Month,
  to: Month,
): Promise<readonly Omit<Figures, 'isFinal'>[]> {
  const documents = await store.read('month', from, to)
  return documents.map(({ period, body }) => figuresOf(period, body))
}
