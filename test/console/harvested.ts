/**
 * A harvest that brought something, for the pages about it: months of the present library and of the
 * publisher, with everything that is worth a look.
 * @module
 */
import { systemClock } from '../../src/core/clock.ts'
import type { Figures, Metric } from '../../src/core/figures.ts'
import { monthAfter } from '../../src/reports/counter/months.ts'
import { lastFullMonth } from '../../src/reports/counter/period.ts'
import { createLedger } from '../../src/reports/sushi/ledger.ts'
import type { Store } from '../../src/store/contract.ts'
import { textOfFigures } from '../../src/usage/figures-text.ts'
import { emptyFigures } from '../reports/builders.ts'

const where = { unit: '', site: '', channel: 'remote', category: 'student' } as const

function figuresOf(
  period: string,
  resourceId: string,
  counts: Partial<Record<Metric, number>>,
): Figures {
  return {
    ...emptyFigures(period),
    cells: Object.entries(counts).map(([metric, count]) => ({
      ...where,
      resourceId,
      // The keys are metrics, which the type of the parameter proves.
      metric: metric as Metric,
      format: '',
      dataType: '',
      count,
    })),
  }
}

/** Writes the months of a resource; the last one is `gateway` against `publisher`. */
export async function harvested(
  store: Store,
  resourceId: string,
  {
    gateway = 40,
    publisher = 130,
  }: { readonly gateway?: number; readonly publisher?: number } = {},
): Promise<string> {
  const now = systemClock.now()
  const last = lastFullMonth(now, 'Asia/Bishkek')
  await store.figures.write([
    {
      kind: 'month',
      period: last,
      madeFrom: 1,
      body: textOfFigures(
        figuresOf(last, resourceId, { Total_Item_Requests: gateway, Limit_Exceeded: 3 }),
      ),
    },
  ])
  const ledger = createLedger(store)
  await ledger.setMonths(
    resourceId,
    new Map([
      [monthAfter(last, -2), { status: 'gone', counts: {}, at: now }],
      [monthAfter(last, -1), { status: 'partial', counts: { Total_Item_Requests: 7 }, at: now }],
      [last, { status: 'had', counts: { Total_Item_Requests: publisher }, at: now }],
    ]),
  )
  await ledger.setProgress(resourceId, {
    state: 'incomplete',
    detail: '3040 Partial Data Returned',
    remarks: ['numbers-as-text'],
    at: now,
    nextAt: now + 86_400_000,
    failures: 0,
    source: 'x',
  })
  return last
}
