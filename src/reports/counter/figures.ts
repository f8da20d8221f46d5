/**
 * Months of figures out of the store, for reports of COUNTER's form.
 * @module
 */
import type { Clock } from '../../core/clock.ts'
import { createSharing } from '../../core/sharing.ts'
import type { FiguresStore } from '../../store/contract.ts'
import { CountRows, countedIn } from '../../usage/count-rows.ts'
import { readingRows } from '../../usage/figures-text.ts'
import type { Side } from '../../usage/sides.ts'
import { inTurns, type Steps } from '../../usage/steps.ts'
import type { ReportId } from './definitions.ts'
import { monthsBetween, type Month } from './months.ts'
import { lastFullMonth, type Availability } from './period.ts'
import type { MonthFigures, UseCell } from './usage-rows.ts'

/** Which months there are to tell of now. */
export async function availableMonths(
  store: Pick<FiguresStore, 'madeFrom'>,
  now: number,
  timeZone: string,
): Promise<Availability> {
  const [first] = [...(await store.madeFrom('month')).keys()].toSorted()
  return { ...(first !== undefined && { first }), last: lastFullMonth(now, timeZone) }
}

/** What use is told apart by beside its resource and metric. */
type Word = Pick<UseCell, 'category' | 'dataType'>

const words = {
  dataType: ({ dataType }: Side): Word => ({ category: '', dataType }),
  category: ({ category }: Side): Word => ({ category, dataType: '' }),
} as const

/** Which it is: COUNTER's own reports know the one, the library's own the other. */
export type Kept = keyof typeof words

/** What a report needs. */
export function keptFor(id: ReportId): Kept {
  return id === 'GA1' ? 'category' : 'dataType'
}

/**
 * Reads the figures of months, both included; a month that nobody counted is left out. Numbers that
 * differ in nothing that is kept are summed up. Rejects with `ERR_STORE_AWAY` and `ERR_STORE_DATA`.
 */
export type MonthReader = (span: MonthSpan, kept: Kept) => Promise<readonly MonthFigures[]>

/** From a month to another. */
export interface MonthSpan {
  readonly from: Month
  readonly to: Month
}

/**
 * Makes a reader, which reads one month at a time and in turns with readers of pages; who asks for what
 * is being read gets that.
 */
export function createMonthReader(source: FiguresSource): MonthReader {
  const share = createSharing<readonly MonthFigures[]>()
  let last: Promise<unknown> = Promise.resolve()
  return ({ from, to }, kept) =>
    share(`${from} ${to} ${kept}`, () => {
      const mine = last.then(() => readMonths(source, { from, to }, kept))
      last = mine.catch(() => undefined)
      return mine
    })
}

async function readMonths(
  { store, clock }: FiguresSource,
  { from, to }: MonthSpan,
  kept: Kept,
): Promise<readonly MonthFigures[]> {
  const months: MonthFigures[] = []
  for (const month of monthsBetween(from, to)) {
    const [document] = await store.figures.read('month', month, month)
    if (document === undefined) continue
    months.push(await inTurns(readingMonth(month, document.body, kept), clock))
  }
  return months
}

/** Where figures are. */
export interface FiguresSource {
  readonly store: { readonly figures: Pick<FiguresStore, 'read'> }
  readonly clock: Pick<Clock, 'steady'>
}

/**
 * Reads of a month what reports of COUNTER's form need.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function* readingMonth(period: Month, text: string, kept: Kept): Steps<MonthFigures> {
  const rows = new CountRows()
  const found = new Map<string, number>()
  const list: Word[] = []
  const numbers = new Map<Side, number>()
  function numberOf(side: Side): number {
    const known = numbers.get(side)
    if (known !== undefined) return known
    const word = words[kept](side)
    const number = found.get(word[kept]) ?? list.push(word) - 1
    found.set(word[kept], number)
    numbers.set(side, number)
    return number
  }
  const { readers, denials } = yield* readingRows(text, {
    takeCells(side, { resourceId, counts }) {
      rows.addRow({ resourceId, beside: numberOf(side), counts })
    },
    takeHours: () => undefined,
  })
  const cells: UseCell[] = []
  for (const { resourceId, beside, counts } of rows.inOrder((number) => number)) {
    const { category = '', dataType = '' } = list[beside] ?? {}
    for (const { metric, count } of countedIn(counts)) {
      cells.push({ resourceId, category, dataType, metric, count })
    }
  }
  return { period, cells, readers, denials }
}
