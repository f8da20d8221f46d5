/**
 * Makes reports: reads the figures of the months that one needs, sums each up at once and lets go of
 * it, and hands the sums to the report's function.
 *
 * Figures are read and made one report at a time: a month of a large library is some megabytes of
 * JSON, and readers are served by the same process. Sums of months that have not changed are kept.
 * @module
 */
import type { ConfigOutline } from '../config/load.ts'
import { createCalendar } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import type { Period } from '../core/figures.ts'
import type { AskLinkOverview } from '../core/link-figures.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import { createSharing } from '../core/sharing.ts'
import type { Words } from '../locales/words.ts'
import { momentText } from '../pages/formats.ts'
import { monthText, monthsText } from '../pages/month-text.ts'
import type { Store } from '../store/contract.ts'
import type { UsageFigures } from '../usage/figures.ts'
import { inTurns } from '../usage/steps.ts'
import { reportKinds, wordsOf, type ReportName } from './catalogue.ts'
import { readingDigest, type MonthDigest } from './digest.ts'
import { resourceTitle, say, type ReportInput } from './input.ts'
import type { Report, ReportBody, Table } from './model.ts'
import { earlier, monthOf, spanOf, yearOf, type Span } from './period.ts'
import { plainText } from './plain-text.ts'
import type { ReportRequest, RequestProblem } from './request.ts'
import { reportedMonths } from './sushi/ledger.ts'
import { reportedUse } from './sushi/reported-use.ts'

/** What reports are made of. */
export interface ReporterParts {
  readonly config: Pick<ConfigOutline, 'institution' | 'identity'>
  /** What publishers reported, and from how many events each month was made: while that stays, its sums do. */
  readonly store: Pick<Store, 'figures'>
  readonly figures: Pick<UsageFigures, 'years'>
  /** The catalogue in force. */
  readonly resources: () => ReadonlyMap<string, Resource>
  /** How the links of the catalogue stand. */
  readonly askLinks: AskLinkOverview
  readonly words: Words
  readonly clock: Clock
}

/** Makes reports of one gateway's figures. */
export interface Reporter {
  /** The library's month now. */
  thisMonth(): Period
  /** The library's day now. */
  today(): string
  /**
   * Makes a report; who asks for one that is being made gets that one. Rejects with `ERR_STORE_AWAY`, with `ERR_STORE_DATA` when figures cannot be read,
   * and with `ERR_OVERLOAD` when too many wait for theirs.
   */
  make(request: ReportRequest): Promise<Report | RequestProblem>
}

/** Makes the maker of reports. */
export function createReporter(parts: ReporterParts): Reporter {
  const { clock } = parts
  const { institution } = parts.config
  const dayOf = createCalendar(institution.timeZone)
  const kept = new Map<string, MonthDigest>()
  let keptUntil = 0
  let waiting = 0
  let last: Promise<unknown> = Promise.resolve()
  const share = createSharing<Report | RequestProblem>()

  async function makeNow(request: ReportRequest): Promise<Report | RequestProblem> {
    const at = clock.now()
    const todayOn = dayOf(at)
    // A day that was counted anew may leave the number of events of its month as it was.
    if (clock.steady() > keptUntil) {
      kept.clear()
      keptUntil = clock.steady() + limits.reports.keptMs
    }
    const months = await digestsOf(request, parts, kept)
    const { resourceId: found } = request
    const resources = parts.resources()
    if (found !== undefined && !resources.has(found) && !isInFigures(found, months)) {
      return { problem: 'resource', found }
    }
    const yearReaders = await readersOfYear(request.span, parts.figures)
    const reported = await publishersUse(request, parts.store)
    const links = await linksNow(request, parts, at)
    const { words } = parts
    const { units } = parts.config.identity
    const known = { ...request, months, resources, todayOn, words, units }
    const input = { ...known, ...yearReaders, ...reported, ...links }
    const body = await inTurns(reportKinds[request.name].make(input), clock)
    return reportOf(body, input, { at, institution, request })
  }

  async function makeInTurn(request: ReportRequest): Promise<Report | RequestProblem> {
    if (waiting >= limits.reports.waiting) {
      throw new GatewayError('ERR_OVERLOAD', `${waiting} reports are waiting to be made`)
    }
    waiting++
    const mine = last.then(() => makeNow(request))
    last = mine.catch(() => undefined)
    try {
      return await mine
    } finally {
      waiting--
    }
  }

  return {
    today: () => dayOf(clock.now()),
    thisMonth: () => monthOf(dayOf(clock.now())),
    make: (request) => share(JSON.stringify(request), () => makeInTurn(request)),
  }
}

/** Those that stand beside nothing earlier. */
const ofSpanAlone: readonly ReportName[] = ['titles', 'readers', 'seats', 'costs', 'collection']

/** The span, the one before, the year before, and twelve months before each month for what is usual. */
function windowOf({ name, span }: Pick<ReportRequest, 'name' | 'span'>): Span {
  if (ofSpanAlone.includes(name)) return span
  const back = Math.max(span.months.length, 12)
  return spanOf(earlier(span, back).from, span.to)
}

async function digestsOf(
  { name, span, resourceId }: ReportRequest,
  { store, clock }: Pick<ReporterParts, 'store' | 'clock'>,
  kept: Map<string, MonthDigest>,
): Promise<Map<Period, MonthDigest>> {
  const hasItems = name === 'titles'
  const scope = { hasItems, ...(resourceId && { resourceId }) }
  const isKept = !hasItems && resourceId === undefined
  const versions = await store.figures.madeFrom('month')
  const digests = new Map<Period, MonthDigest>()
  for (const month of windowOf({ name, span }).months) {
    const version = versions.get(month)
    if (version === undefined) continue
    const key = `${month} ${version}`
    let digest = isKept ? kept.get(key) : undefined
    if (digest === undefined) {
      const [found] = await store.figures.read('month', month, month)
      if (found === undefined) continue
      digest = await inTurns(readingDigest(month, found.body, scope), clock)
      if (isKept) keep(kept, key, digest)
    }
    digests.set(month, digest)
  }
  return digests
}

function keep(kept: Map<string, MonthDigest>, key: string, digest: MonthDigest): void {
  const [oldest] = kept.keys()
  if (kept.size >= limits.reports.keptMonths && oldest !== undefined) kept.delete(oldest)
  kept.set(key, digest)
}

async function readersOfYear(
  span: Span,
  figures: Pick<UsageFigures, 'years'>,
): Promise<Pick<ReportInput, 'yearReaders'>> {
  const year = yearOf(span)
  const [found] = year === undefined ? [] : await figures.years(year, year)
  return found === undefined ? {} : { yearReaders: found.readers }
}

/** What publishers reported, for the one report that shows it. */
async function publishersUse(
  { name, span }: Pick<ReportRequest, 'name' | 'span'>,
  { figures }: Pick<Store, 'figures'>,
): Promise<Pick<ReportInput, 'publisherReported'>> {
  if (name !== 'costs') return {}
  const publisherReported = reportedUse(await reportedMonths(figures, span.from, span.to), span)
  return publisherReported.size === 0 ? {} : { publisherReported }
}

/** How links stand, for the one report that tells of them. */
async function linksNow(
  { name }: Pick<ReportRequest, 'name'>,
  { askLinks, resources }: Pick<ReporterParts, 'askLinks' | 'resources'>,
  at: number,
): Promise<Pick<ReportInput, 'links'>> {
  return name === 'collection' ? { links: { ...(await askLinks(resources().values())), at } } : {}
}

function isInFigures(id: string, months: ReadonlyMap<Period, MonthDigest>): boolean {
  return [...months.values()].some(({ by, denials }) => by.resource.has(id) || denials.has(id))
}

interface Making {
  readonly at: number
  readonly institution: ConfigOutline['institution']
  readonly request: ReportRequest
}

/** The report with everything that stands around it. */
function reportOf(
  body: ReportBody,
  input: ReportInput,
  { at, institution, request }: Making,
): Report {
  const { name, span } = request
  const { language, words, by, resourceId } = input
  const isOfToday = name === 'collection'
  return {
    ...body,
    tables: body.tables.map((table) => saidEmpty(table, input)),
    notes: [...(isOfToday ? [] : periodNotes(input)), ...body.notes],
    ...wordsOf(name, input),
    name,
    language,
    institution: plainText(words.textOf(institution.name, language).text),
    from: span.from,
    to: span.to,
    periodText: isOfToday ? say(input, 'report.as_of_today') : monthsText(span, language),
    facets: [
      ...(by === undefined ? [] : [say(input, `report.by_${by}`)]),
      ...(resourceId === undefined ? [] : [resourceTitle(input, resourceId)]),
    ],
    madeAt: at,
    madeText: momentText(at, language, institution.timeZone),
    standing: say(input, 'report.standing'),
  }
}

/** A table without rows says so: its title alone looks like one that failed. */
function saidEmpty(table: Table, input: ReportInput): Table {
  if (table.rows.length > 0) return table
  return { ...table, notes: [...table.notes, say(input, 'report.note_none')] }
}

/** Months that have no figures, or go on. */
function periodNotes(input: ReportInput): string[] {
  const { span, months, todayOn, language } = input
  const missing = span.months.filter((month) => !months.has(month))
  const shown = missing.slice(0, limits.reports.missingMonths)
  const names = shown.map((month) => monthText(month, language)).join('; ')
  const isAll = missing.length === span.months.length
  return [
    ...(isAll ? [say(input, 'report.note_no_figures')] : []),
    ...(!isAll && shown.length > 0
      ? [
          say(input, 'report.note_missing', {
            months: missing.length > shown.length ? `${names}; …` : names,
          }),
        ]
      : []),
    ...(span.to >= monthOf(todayOn) ? [say(input, 'report.note_goes_on')] : []),
  ]
}
