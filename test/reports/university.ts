/**
 * Two years of a university of middling size, for pictures and pages: terms and holidays, faculties and
 * channels, seats that are full in the weeks of examinations. Always the same.
 */
import type {
  Cell,
  DenialCell,
  Figures,
  HourCell,
  ItemFigures,
  Metric,
  PoolFigures,
  TitleFigures,
} from '../../src/core/figures.ts'
import { spanOf } from '../../src/reports/period.ts'
import { figuresOf } from './builders.ts'

const season = [0.7, 0.9, 1.1, 1.15, 1.3, 0.8, 0.3, 0.25, 0.95, 1.2, 1.25, 1.35]
const databases = [
  ['jstor', 900, 0.8],
  ['scopus', 700, 0],
  ['lanbook', 520, 1.6],
  ['cambridge', 160, 1.1],
] as const
const units = [
  ['Faculty of Law', 0.2],
  ['Faculty of Medicine', 0.34],
  ['Faculty of Mining', 0.17],
  ['Economics', 0.28],
  ['Archive', 0.01],
] as const
const people = [
  ['student', 0.62],
  ['faculty', 0.3],
  ['staff', 0.08],
] as const
const channels = [
  ['onsite', 0.34],
  ['remote', 0.55],
  ['vpn', 0.11],
] as const

/** Figures of all months. */
export function universityMonths(): Figures[] {
  return spanOf('2024-12', '2026-11').months.map((period, at) => {
    const share = (season[Number(period.slice(5)) - 1] ?? 1) * (1 + at / 60)
    return figuresOf(period, {
      cells: databases.flatMap(([id, openings, texts]) => cellsOf(id, openings * share, texts)),
      hours: hoursOf(share),
      denials: denialsOf(share),
      items: itemsOf(share),
      titles: titlesOf(share),
      readers: readersOf(share),
      pools: [poolOf('jstor', 5, share), poolOf('scopus', 12, share * 0.6)],
    })
  })
}

function cellsOf(resourceId: string, openings: number, texts: number): Cell[] {
  const cells: Cell[] = []
  for (const [unit, ofUnit] of units) {
    for (const [category, ofCategory] of people) {
      for (const [channel, ofChannel] of channels) {
        const part = openings * ofUnit * ofCategory * ofChannel
        const site = channel === 'onsite' ? 'Main building' : ''
        const cut = { resourceId, category, unit, site, channel, format: '', dataType: '' } as const
        const add = (metric: Metric, value: number, more: Partial<Cell> = {}) => {
          if (Math.round(value) > 0)
            cells.push({ ...cut, ...more, metric, count: Math.round(value) })
        }
        add('openings', part)
        add('sessions', part * 0.9)
        add('sessions', part * 0.6, { resourceId: '' })
        add('Total_Item_Requests', part * texts * 0.7, { format: 'pdf', dataType: 'Journal' })
        add('Total_Item_Requests', part * texts * 0.3, { format: 'html', dataType: 'Journal' })
        add('Unique_Item_Requests', part * texts * 0.8, { format: 'pdf', dataType: 'Journal' })
        add('Total_Item_Investigations', part * 2.4, { format: 'html', dataType: 'Journal' })
        add('Searches_Regular', part * 1.7)
      }
    }
  }
  return cells
}

function hoursOf(share: number): HourCell[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const busy = Math.exp(-((hour - 14) ** 2) / 30) + 0.5 * Math.exp(-((hour - 21) ** 2) / 8)
    return {
      resourceId: 'jstor',
      hour,
      metric: 'openings' as const,
      count: Math.round(300 * busy * share),
    }
  }).filter(({ count }) => count > 0)
}

function denialsOf(share: number): DenialCell[] {
  const reasons = [
    ['jstor', 'seats_full', 70],
    ['jstor', 'unit_not_entitled', 9],
    ['lanbook', 'place_not_entitled', 38],
    ['scopus', 'category_not_entitled', 24],
    ['cambridge', 'licence_ended', 12],
  ] as const
  return reasons.map(([resourceId, reason, count]) => ({
    resourceId,
    category: 'student',
    unit: '',
    site: '',
    channel: 'remote',
    reason,
    count: Math.round(count * share * share),
  }))
}

function itemsOf(share: number): ItemFigures[] {
  const titles = [
    ['issn:0036-8075', 'Mountain Geology and Glaciers'],
    ['issn:1234-5679', 'Central Asian Law Review'],
    ['isbn:9785811400001', 'Курс общей физики, том 1'],
  ] as const
  return titles.flatMap(([title, titleName], place) =>
    Array.from({ length: 6 }, (_, at) => ({
      resourceId: 'jstor',
      item: `doi:10.5555/${place}.${at}`,
      itemName: `On matter ${at + 1} of ${titleName}`,
      title,
      titleName,
      dataType: place === 2 ? ('Book' as const) : ('Journal' as const),
      requests: Math.round((30 - at * 4 - place) * share),
      investigations: Math.round((44 - at * 4 - place) * share),
      readers: Math.min(5, Math.round((9 - at) * share)),
    })),
  )
}

function titlesOf(share: number): TitleFigures[] {
  const titles = itemsOf(share).flatMap(({ resourceId, title = '' }) => ({ resourceId, title }))
  return [...new Map(titles.map((each) => [each.title, { ...each, readers: 5 }])).values()]
}

function readersOf(share: number): Figures['readers'] {
  const counts = [
    ['student', 420],
    ['faculty', 110],
    ['staff', 28],
    ['walk-in', 3],
  ] as const
  const told = counts.map(([category, count]) => ({
    resourceId: '',
    by: 'category' as const,
    key: category,
    readers: Math.round(count * Math.min(1, share)),
  }))
  const all = told.reduce((sum, { readers }) => sum + readers, 0)
  return [
    ...told,
    { resourceId: '', by: '' as const, key: '', readers: all },
    ...databases.map(([resourceId, openings]) => ({
      resourceId,
      by: '' as const,
      key: '',
      readers: Math.round(openings * share * 0.2),
    })),
  ]
}

function poolOf(pool: string, seats: number, share: number): PoolFigures {
  const isFull = share > 0.7
  return {
    pool,
    seats,
    peak: isFull ? seats : Math.max(1, Math.round(seats * share)),
    minutesAtLimit: isFull ? Math.round(900 * share) : 0,
    minutesUsed: Math.round(11_000 * share),
    waits: isFull ? Math.round(60 * share) : 0,
    granted: isFull ? Math.round(44 * share) : 0,
    left: isFull ? Math.round(16 * share) : 0,
    waitedMs: Math.round(44 * share * 230_000),
    longestWaitMs: isFull ? 1_500_000 : 0,
  }
}
