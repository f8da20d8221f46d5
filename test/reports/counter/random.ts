/**
 * Random figures of use that agree with each other, as counting gives them: what is unique is part of
 * the total, what was read was looked at.
 * @module
 */
import * as fc from 'fast-check'

import { denialFacts, type DenialReason } from '../../../src/core/denials.ts'
import type { Cell, Cut, DenialCell, Figures, Metric } from '../../../src/core/figures.ts'
import type { Resource } from '../../../src/core/resource.ts'
import { categories } from '../../../src/core/types.ts'
import { dataTypes, useFormats } from '../../../src/core/use.ts'
import { resourceOf } from '../../portal/collection.ts'

/** The catalogue that random figures are of; `gone` has no rule any more. */
export const catalogue: ReadonlyMap<string, Resource> = new Map(
  [
    resourceOf('jstor', { title: { en: 'JSTOR' }, provider: 'ITHAKA' }),
    resourceOf('scopus', {
      title: { ky: 'Скопус', ru: 'Скопус' },
      provider: 'Elsevier',
      counter: { database: 'Database_AI', titles: 'Journal' },
    }),
    resourceOf('x', {
      title: { en: 'X' },
      provider: '=cmd()\t"a"',
      counter: { database: 'Database_Full', titles: 'Database_Full_Item' },
    }),
  ].map((resource) => [resource.id, resource]),
)

const cut: fc.Arbitrary<Cut> = fc.record({
  resourceId: fc.constantFrom('jstor', 'scopus', 'x', 'gone'),
  category: fc.constantFrom(...categories, '' as const),
  unit: fc.constantFrom('', 'law'),
  site: fc.constantFrom('', 'main'),
  channel: fc.constantFrom('onsite', 'vpn', 'remote'),
})

const small = fc.nat({ max: 40 })

/** The cells of one cut, format and data type, whose numbers go together. */
const itemCells = fc
  .record({
    cut,
    format: fc.constantFrom(...useFormats),
    dataType: fc.constantFrom(...dataTypes, '' as const),
    parts: fc.tuple(small, small, small, small, small, small),
    isMining: fc.boolean(),
  })
  .map(({ cut: where, format, dataType, parts: [a, b, c, d, e, f], isMining }): Cell[] => {
    const isBook = dataType === 'Book' || dataType === 'Reference_Work'
    const uniqueRequests = isBook ? a + b : b
    const requests = uniqueRequests === 0 ? 0 : uniqueRequests + c
    const uniqueInvestigations = uniqueRequests + d + (isBook ? e : 0)
    const counts: Partial<Record<Metric, number>> = {
      Unique_Item_Requests: uniqueRequests,
      Total_Item_Requests: requests,
      Unique_Item_Investigations: uniqueInvestigations,
      Total_Item_Investigations:
        uniqueInvestigations === 0 ? 0 : Math.max(requests, uniqueInvestigations) + f,
      ...(isBook && { Unique_Title_Requests: a, Unique_Title_Investigations: a + e }),
    }
    const cells = cellsOf(where, counts, { format, dataType })
    return isMining ? cells.map(mined) : cells
  })

/** The same as text mining. */
function mined(cell: Cell): Cell {
  return { ...cell, metric: `TDM_${cell.metric}` as Metric }
}

const otherCells = fc
  .record({ cut, parts: fc.tuple(small, small, small, small, small, small, small, small) })
  .map(({ cut: where, parts: [searches, full, none, sessions, openings, mining, auto, remote] }) =>
    cellsOf(
      where,
      {
        Searches_Regular: searches,
        Searches_Automated: auto,
        Searches_Federated: remote,
        TDM_Searches_Regular: mining,
        Limit_Exceeded: full,
        No_License: none,
        sessions,
        openings,
        bytes: 123_456,
        exchanges: 99,
      },
      { format: '', dataType: '' },
    ),
  )

function cellsOf(
  where: Cut,
  counts: Partial<Record<Metric, number>>,
  kind: Pick<Cell, 'format' | 'dataType'>,
): Cell[] {
  return Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([metric, count]) => ({ ...where, ...kind, metric: metric as Metric, count }))
}

const denialCell: fc.Arbitrary<DenialCell> = fc
  .record({
    cut,
    reason: fc.constantFrom(...(Object.keys(denialFacts) as DenialReason[])),
    count: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ cut: where, ...rest }) => ({ ...where, ...rest }))

/** Figures of one month. */
export function figuresOfMonth(period: string): fc.Arbitrary<Figures> {
  return fc
    .record({
      items: fc.array(itemCells, { maxLength: 6 }),
      others: fc.array(otherCells, { maxLength: 4 }),
      denials: fc.array(denialCell, { maxLength: 6 }),
      readers: fc.array(
        fc.record({
          resourceId: fc.constantFrom('', 'jstor', 'scopus', 'x', 'gone'),
          by: fc.constantFrom('' as const, 'category' as const),
          key: fc.constantFrom(...categories, ''),
          readers: fc.integer({ min: 1, max: 60 }),
        }),
        { maxLength: 5 },
      ),
    })
    .map(({ items, others, denials, readers }) => ({
      period,
      cells: [...items.flat(), ...others.flat()],
      hours: [],
      denials,
      items: [],
      titles: [],
      readers,
      pools: [],
      leftOut: { robots: 0, doubleClicks: 0, prefetches: 0, otherStatuses: 0 },
      isFinal: false,
    }))
}
