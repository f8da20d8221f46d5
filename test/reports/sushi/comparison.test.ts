/** Both figures side by side: what is flagged, and by which rule. */
import test from 'ava'

import type { ComparedMetric, Gap } from '../../../src/core/harvest.ts'
import type { Metric } from '../../../src/core/figures.ts'
import { comparisonOf } from '../../../src/reports/sushi/comparison.ts'
import type { ReportedMonth } from '../../../src/reports/sushi/outcome.ts'

const where = { unit: '', site: '', channel: 'remote', category: 'student', format: '' } as const
const now = Date.parse('2026-11-30T12:00:00Z')
const span = { from: '2026-10', to: '2026-10' }

function figuresOf(metric: Metric, count: number, resourceId = 'one') {
  return [
    { period: '2026-10', cells: [{ ...where, resourceId, metric, dataType: '' as const, count }] },
  ]
}

function reportedOf(counts: Record<string, number>, status: ReportedMonth['status'] = 'had') {
  return new Map([['2026-10', { one: { status, counts, at: now } }]])
}

for (const [gateway, publisher, gap] of [
  [100, 100, undefined],
  [100, 200, undefined],
  [100, 201, 'publisher-more'],
  [100, 80, undefined],
  [100, 79, 'gateway-more'],
  [0, 19, undefined],
  [0, 20, 'publisher-more'],
  [20, 0, 'gateway-more'],
  [19, 0, undefined],
  [5, 15, undefined],
] as const satisfies readonly (readonly [number, number, Gap | undefined])[]) {
  test(`the gateway saw ${gateway}, the publisher reports ${publisher}`, (t) => {
    const sources = {
      figures: figuresOf('Total_Item_Requests', gateway),
      reported: reportedOf({ Total_Item_Requests: publisher }),
    }
    const [month] = comparisonOf('one', span, sources, now)
    const [count] = month?.counts ?? []
    t.deepEqual(count, {
      metric: 'Total_Item_Requests',
      gateway,
      publisher,
      ...(gap !== undefined && { gap }),
    })
  })
}

test('refusals and searches are shown and never flagged, and a PR’s searches are those of the resource', (t) => {
  const counts = { Limit_Exceeded: 900, No_License: 900, Searches_Platform: 900 }
  const sources = { figures: [], reported: reportedOf(counts) }
  const [month] = comparisonOf('one', span, sources, now)
  const of = (metric: ComparedMetric) => month?.counts.find((count) => count.metric === metric)
  for (const metric of ['Limit_Exceeded', 'No_License', 'Searches_Regular'] as const) {
    t.deepEqual(of(metric), { metric, gateway: 0, publisher: 900 })
  }
})

test('another resource’s figures are not its own', (t) => {
  const other = { status: 'had', counts: { Total_Item_Requests: 9 }, at: now } as const
  const sources = {
    figures: figuresOf('Total_Item_Requests', 50, 'other'),
    reported: new Map([['2026-10', { other }]]),
  }
  const [month] = comparisonOf('one', span, sources, now)
  t.true(month?.counts.every(({ gateway, publisher }) => gateway === 0 && publisher === undefined))
})

for (const [status, day, gap] of [
  ['had', '2026-11-02', undefined],
  ['partial', '2026-11-02', 'partial'],
  ['gone', '2026-11-02', 'gone'],
  ['not-ready', '2026-11-27', 'not-ready'],
  ['not-ready', '2026-11-29', 'missing'],
  [undefined, '2026-11-27', 'not-ready'],
  [undefined, '2026-11-29', 'missing'],
] as const) {
  test(`on ${day} October is ${status ?? 'unknown'}: ${gap ?? 'nothing to say'}`, (t) => {
    const reported = status === undefined ? new Map() : reportedOf({}, status)
    const at = Date.parse(`${day}T12:00:00Z`)
    const [month] = comparisonOf('one', span, { figures: [], reported }, at)
    t.is(month?.gap, gap)
  })
}
