/**
 * The collection as it stands today: how many resources, licences in force, ending and ended, and how
 * its links stand.
 * @module
 */
import type { Resource } from '../core/resource.ts'
import type { WordKey } from '../locales/words.ts'
import { dayText } from '../pages/formats.ts'
import { deadlinesOf, type Deadline } from '../policy/deadlines.ts'
import { linkTables } from './collection-links.ts'
import { column, resourceColumns } from './columns.ts'
import { resourceTitle, say, type ReportInput } from './input.ts'
import type { ReportBody, Table, Value } from './model.ts'
import { plainText } from './plain-text.ts'

/** The report. */
export function collectionReport(input: ReportInput): ReportBody {
  return {
    charts: [],
    tables: [stateTable(input), ...linkTables(input), deadlineTable(input), providerTable(input)],
    warnings: [],
    notes: [say(input, 'report.note_collection')],
  }
}

type LicenceState = 'future' | 'current' | 'grace' | 'ended'

/** How a licence stands on a day. */
function licenceState({ licence }: Resource, todayOn: string): LicenceState {
  if (licence.fromOn !== undefined && licence.fromOn > todayOn) return 'future'
  const states = deadlinesOf(licence, todayOn).map(({ state }) => state)
  if (states.includes('ended')) return 'ended'
  return states.includes('grace') ? 'grace' : 'current'
}

function stateTable(input: ReportInput): Table {
  const { todayOn } = input
  const all = [...input.resources.values()]
  const inState = (state: LicenceState) =>
    all.filter((resource) => licenceState(resource, todayOn) === state).length
  const ending = all.filter(({ licence }) =>
    deadlinesOf(licence, todayOn).some(({ state }) => state === 'ends'),
  ).length
  const lines: readonly (readonly [string, WordKey, number])[] = [
    ['resources', 'report.resources', all.length],
    ['closed', 'report.closed', all.filter(({ isOpen }) => !isOpen).length],
    ['current', 'report.current', inState('current')],
    ['ending', 'report.ending', ending],
    ['grace', 'report.grace', inState('grace')],
    ['ended', 'report.ended', inState('ended')],
    ['future', 'report.future', inState('future')],
    [
      'with_seats',
      'report.with_seats',
      all.filter(({ licence }) => licence.seats !== undefined).length,
    ],
    ['with_cost', 'report.with_cost', all.filter(({ licence }) => licence.contract?.cost).length],
  ]
  return {
    id: 'collection',
    title: say(input, 'report.collection_now'),
    columns: [
      column(input, 'name', 'text', 'report.name'),
      column(input, 'id', 'text', 'report.id'),
      column(input, 'count', 'count', 'report.number'),
    ],
    rows: lines.map(([id, word, number]) => [say(input, word), id, number]),
    notes: [],
  }
}

const deadlineWords = {
  begins: 'report.deadline_begins',
  ends: 'report.deadline_ends',
  grace: 'report.deadline_grace',
  ended: 'report.deadline_ended',
  notice: 'report.deadline_notice',
} as const satisfies Record<Deadline['state'], WordKey>

function deadlineTable(input: ReportInput): Table {
  const { todayOn, language } = input
  const found = [...input.resources.values()]
    .flatMap(({ id, licence }) =>
      deadlinesOf(licence, todayOn).map(({ state, on }) => ({ id, state, on })),
    )
    .toSorted((one, other) => one.on.localeCompare(other.on))
  return {
    id: 'deadlines',
    title: say(input, 'report.deadlines'),
    columns: [
      ...resourceColumns(input),
      column(input, 'what', 'text', 'report.what'),
      column(input, 'day', 'text', 'report.day'),
    ],
    rows: found.map(({ id, state, on }): Value[] => [
      resourceTitle(input, id),
      id,
      say(input, deadlineWords[state]),
      dayText(on, language),
    ]),
    notes: [],
  }
}

function providerTable(input: ReportInput): Table {
  const byProvider = Map.groupBy(input.resources.values(), ({ provider }) => plainText(provider))
  return {
    id: 'providers',
    title: say(input, 'report.providers'),
    columns: [
      column(input, 'provider', 'text', 'report.provider'),
      column(input, 'resources', 'count', 'report.resources'),
    ],
    rows: [...byProvider]
      .map(([provider, resources]): [string, number] => [provider, resources.length])
      .toSorted(([one, many], [other, more]) => more - many || one.localeCompare(other)),
    notes: [],
  }
}
