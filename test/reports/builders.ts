/**
 * Figures for tests: small ones made by hand, and those of a large library made from a seed.
 */
import type { Cell, Figures, HourCell, ItemFigures, Metric } from '../../src/core/figures.ts'
import type { FiguresDocument } from '../../src/store/contract.ts'
import { textOfFigures } from '../../src/usage/figures-text.ts'

/** A month or year without anything in it. */
export function emptyFigures(period: string): Figures {
  return {
    period,
    cells: [],
    hours: [],
    denials: [],
    items: [],
    titles: [],
    readers: [],
    pools: [],
    leftOut: { robots: 0, doubleClicks: 0, prefetches: 0, otherStatuses: 0 },
    isFinal: true,
  }
}

/** Figures with some parts filled in. */
export function figuresOf(period: string, parts: Partial<Figures>): Figures {
  return { ...emptyFigures(period), ...parts }
}

/** A cell of a resource; the rest is what a student at home has. */
export function cell(
  resourceId: string,
  metric: Metric,
  count: number,
  more: Partial<Cell> = {},
): Cell {
  return {
    resourceId,
    category: 'student',
    unit: '',
    site: '',
    channel: 'remote',
    metric,
    format: '',
    dataType: '',
    count,
    ...more,
  }
}

/** Figures as the store has them. */
export function documentOf(
  figures: Figures,
  kind: 'month' | 'year' = 'month',
  madeFrom = 1,
): FiguresDocument {
  return { kind, period: figures.period, madeFrom, body: textOfFigures(figures) }
}

const metrics = [
  'openings',
  'sessions',
  'exchanges',
  'bytes',
  'Total_Item_Requests',
  'Unique_Item_Requests',
  'Total_Item_Investigations',
  'Searches_Regular',
] as const satisfies readonly Metric[]

/** A month of a large library: so many resources, each with a hundred cells and its hours. */
export function largeMonth(period: string, resources: number): Figures {
  const ids = Array.from({ length: resources }, (_, at) => `resource-${at}`)
  const categories = ['faculty', 'staff', 'student'] as const
  const channels = ['onsite', 'vpn', 'remote'] as const
  const cells: Cell[] = []
  const hours: HourCell[] = []
  const items: ItemFigures[] = []
  for (const [place, resourceId] of ids.entries()) {
    for (let at = 0; at < 100; at++) {
      const metric = metrics[at % metrics.length] ?? 'openings'
      cells.push({
        resourceId,
        category: categories[at % 3] ?? 'student',
        unit: `unit-${at % 17}`,
        site: at % 2 === 0 ? 'main' : 'south',
        channel: channels[at % 3] ?? 'remote',
        metric,
        format: metric.includes('Item') ? (at % 2 === 0 ? 'pdf' : 'html') : '',
        dataType: '',
        count: 1 + ((at * 7919 + place * 104_729) % 997),
      })
    }
    for (let hour = 0; hour < 24; hour++) {
      for (const metric of metrics)
        hours.push({ resourceId, hour, metric, count: 1 + hour * place })
    }
    for (let at = 0; at < 33; at++) {
      items.push({
        resourceId,
        item: `doi:10.1000/${resourceId}.${at}`,
        itemName: `An article of middling length about matter number ${at}`,
        title: `issn:1234-${String(at).padStart(4, '0')}`,
        titleName: `Journal of matter ${at}`,
        requests: at,
        investigations: at * 2,
      })
    }
  }
  cells.push({ ...cell('', 'sessions', 40_000), unit: 'unit-1' })
  return figuresOf(period, {
    cells,
    hours,
    items,
    readers: ids.map((resourceId) => ({ resourceId, by: '' as const, key: '', readers: 40 })),
  })
}
