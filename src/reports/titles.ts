/**
 * What is read most: articles and chapters, and the journals and books that they stand in.
 *
 * What was used fewer times than there must be persons is not listed: a text that one person opened
 * tells of that person.
 * @module
 */
import type { ItemFigures } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
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
export function titlesReport(input: ReportInput): ReportBody {
  const items = new Map<string, Tally>()
  const titles = new Map<string, Tally>()
  for (const digest of stretchOf(input, input.span).digests) {
    for (const item of digest.items) {
      add(items, item.item, item.itemName, item)
      if (item.title !== undefined) add(titles, item.title, item.titleName, item)
    }
  }
  return {
    charts: [],
    tables: [tableOf(input, 'titles', titles), tableOf(input, 'items', items)],
    warnings: [],
    notes: [
      say(input, 'report.note_titles', { least: limits.reports.leastPersons }),
      say(input, 'report.note_use'),
    ],
  }
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

function tableOf(
  input: ReportInput,
  id: 'titles' | 'items',
  tallies: ReadonlyMap<string, Tally>,
): Table {
  const { leastPersons, titles: most } = limits.reports
  const rows = [...tallies.values()]
    .filter(({ investigations }) => investigations >= leastPersons)
    .toSorted(
      (one, other) => other.requests - one.requests || other.investigations - one.investigations,
    )
    .slice(0, most)
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
    notes:
      tallies.size > rows.length
        ? [say(input, 'report.note_top', { shown: rows.length, all: tallies.size })]
        : [],
  }
}
