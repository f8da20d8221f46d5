/**
 * What is read most: articles and chapters, and the journals and books that they stand in.
 *
 * A month in which fewer persons than are told of read a text or title does not count for it: a text
 * that one person opened tells of that person. Each month is judged by itself, so that the difference
 * of two spans tells no more than they do.
 * @module
 */
import type { ItemFigures, TitleFigures } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import type { Steps } from '../usage/steps.ts'
import { column } from './columns.ts'
import { resourceTitle, say, stretchOf, type ReportInput } from './input.ts'
import type { ReportBody, Table, Value } from './model.ts'
import { plainText } from './plain-text.ts'

interface Tally {
  readonly resourceId: string
  readonly key: string
  name: string
  within: string
  kind: string
  requests: number
  investigations: number
}

/** The report. */
export function* titlesReport(input: ReportInput): Steps<ReportBody> {
  const items = new Map<string, Tally>()
  const titles = new Map<string, Tally>()
  const seen = { titles: new Set<string>(), items: new Set<string>() }
  for (const digest of stretchOf(input, input.span).digests) {
    for (const item of digest.items) {
      seen.items.add(`${item.resourceId}\n${item.item}`)
      if (item.title !== undefined) seen.titles.add(titleKey(item))
    }
    const told = toldWorks(digest)
    for (const item of told.items) add(items, item.item, item.itemName, item)
    for (const item of told.ofTitles) add(titles, item.title ?? '', item.titleName, item)
    yield
  }
  return {
    charts: [],
    tables: [
      tableOf(input, 'titles', { tallies: titles, all: seen.titles.size }),
      tableOf(input, 'items', { tallies: items, all: seen.items.size }),
    ],
    warnings: [],
    notes: [
      say(input, 'report.note_titles', { least: limits.reports.leastPersons }),
      say(input, 'report.note_use'),
    ],
  }
}

interface Works {
  readonly items: readonly ItemFigures[]
  readonly titles: readonly TitleFigures[]
}

/**
 * Of a month, the items that may be told, and those whose titles may. Where a title is told and some of
 * its items are not, one that could be is left out with them: or the difference would be theirs alone.
 */
function toldWorks({ items, titles }: Works): {
  readonly items: readonly ItemFigures[]
  readonly ofTitles: readonly ItemFigures[]
} {
  const { leastPersons } = limits.reports
  const isMany = ({ readers = 0 }: { readonly readers?: number }) => readers >= leastPersons
  const toldTitles = new Set(titles.filter(isMany).map(titleKey))
  const isOfTold = (item: ItemFigures) => toldTitles.has(titleKey(item))
  const together = Map.groupBy(items, (item) => (isOfTold(item) ? titleKey(item) : ''))
  const told = [...together].flatMap(([key, mine]) => {
    const most = mine.filter(isMany).toSorted((one, other) => useOf(other) - useOf(one))
    return key === '' || most.length === mine.length ? most : most.slice(0, -1)
  })
  return { items: told, ofTitles: items.filter(isOfTold) }
}

function titleKey({ resourceId, title = '' }: { resourceId: string; title?: string }): string {
  return `${resourceId}\n${title}`
}

function useOf({ requests, investigations }: ItemFigures): number {
  return requests + investigations
}

function add(
  into: Map<string, Tally>,
  key: string,
  name: string | undefined,
  { resourceId, titleName, dataType, requests, investigations }: ItemFigures,
): void {
  const id = `${resourceId}\n${key}`
  const found = into.get(id) ?? {
    resourceId,
    key,
    name: '',
    within: '',
    kind: '',
    requests: 0,
    investigations: 0,
  }
  found.name ||= name ?? ''
  found.within ||= titleName ?? ''
  found.kind ||= dataType ?? ''
  found.requests += requests
  found.investigations += investigations
  into.set(id, found)
}

/** Those among whom the rows of a table are: of many thousand only some are put in order. */
function mostRead(tallies: readonly Tally[]): Tally[] {
  const sorted = Float64Array.from(tallies, ({ requests }) => requests).toSorted()
  const least = sorted.at(-limits.reports.titles) ?? 0
  return tallies.filter(({ requests }) => requests >= least)
}

function tableOf(
  input: ReportInput,
  id: 'titles' | 'items',
  { tallies, all }: { readonly tallies: ReadonlyMap<string, Tally>; readonly all: number },
): Table {
  const rows = mostRead([...tallies.values()])
    .toSorted(
      (one, other) => other.requests - one.requests || other.investigations - one.investigations,
    )
    .slice(0, limits.reports.titles)
    .map((tally): Value[] => [
      plainText(tally.name) || plainText(tally.key),
      ...(id === 'items' ? [plainText(tally.within)] : []),
      tally.kind,
      plainText(tally.key),
      resourceTitle(input, tally.resourceId),
      tally.requests,
      tally.investigations,
    ])
  return {
    id,
    title: say(input, `report.${id}`),
    columns: [
      column(input, 'name', 'text', 'report.name'),
      ...(id === 'items' ? [column(input, 'within', 'text', 'report.within')] : []),
      column(input, 'data_type', 'text', 'report.data_type'),
      column(input, 'identifier', 'text', 'report.id'),
      column(input, 'resource', 'text', 'report.by_resource'),
      column(input, 'full_texts', 'count', 'report.full_texts'),
      column(input, 'investigations', 'count', 'report.investigations'),
    ],
    rows,
    notes: all > rows.length ? [say(input, 'report.note_top', { shown: rows.length, all })] : [],
  }
}
