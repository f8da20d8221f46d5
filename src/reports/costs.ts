/**
 * What a use costs: the licence's price for the months of the span, by full texts and openings. What the
 * gateway saw and what the publisher reported stand beside each other and are never made one number.
 * Prices stand in the rules; currencies are never added up.
 * @module
 */
import type { LicenceTerms } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import { column, resourceColumns } from './columns.ts'
import {
  bounded,
  count,
  groupsOf,
  ratio,
  resourceTitle,
  say,
  stretchOf,
  type ReportInput,
} from './input.ts'
import type { Chart, ReportBody, Table, Value } from './model.ts'
import { monthOf, type Span } from './period.ts'
import type { ReportedUse } from './sushi/reported-use.ts'

/** An amount of a currency. */
export interface Price {
  readonly amount: number
  /** ISO 4217. */
  readonly currency: string
}

/**
 * The price of a licence in a span: of each month of the span in which it is in force, a twelfth of a
 * year's price; what is bought once counts whole, in the month in which it begins. Undefined where the
 * rules name no price.
 */
export function priceOf(licence: LicenceTerms, { from, to, months }: Span): Price | undefined {
  const { contract, fromOn, untilOn } = licence
  const { cost } = contract ?? {}
  if (cost === undefined) return undefined
  const { amount, currency, period } = cost
  const begins = fromOn === undefined ? undefined : monthOf(fromOn)
  if (period === 'once') {
    const isHere = begins === undefined || (begins >= from && begins <= to)
    return { amount: isHere ? amount : 0, currency }
  }
  const inForce = months.filter(
    (month) =>
      (begins === undefined || month >= begins) &&
      (untilOn === undefined || month <= monthOf(untilOn)),
  ).length
  return { amount: (amount * inForce) / (period === 'year' ? 12 : 1), currency }
}

/** The report. */
export function costsReport(input: ReportInput): ReportBody {
  const rows = costRows(input)
  return {
    charts: chartsOf(input, rows),
    tables: [costTable(input, rows), currencyTable(input, rows)],
    warnings: [],
    notes: [
      say(input, 'report.note_costs'),
      say(
        input,
        input.publisherReported === undefined ? 'report.note_no_counter' : 'report.note_counter',
      ),
      say(input, 'report.note_use'),
    ],
  }
}

interface CostRow extends Price {
  readonly resource: Resource
  readonly openings: number
  readonly fullTexts: number
  readonly reported: ReportedCost | undefined
}

/** By the publisher's own figures: the price of the months that it reported, by their full texts. */
interface ReportedCost {
  readonly fullTexts: number
  readonly months: number
  readonly perText: number | undefined
}

function costRows(input: ReportInput): CostRow[] {
  const { span, resources, publisherReported, resourceId } = input
  const use = groupsOf(stretchOf(input, span), 'resource')
  return [...resources.values()]
    .flatMap((resource): CostRow | [] => {
      const { id, licence } = resource
      const price = priceOf(licence, span)
      if (price === undefined || (resourceId !== undefined && id !== resourceId)) return []
      const sums = use.get(id)
      return {
        ...price,
        resource,
        openings: count(sums, 'openings'),
        fullTexts: count(sums, 'Total_Item_Requests'),
        reported: reportedCost(licence, span, publisherReported?.get(id)),
      }
    })
    .toSorted(
      (one, other) => one.currency.localeCompare(other.currency) || other.amount - one.amount,
    )
}

function reportedCost(
  licence: LicenceTerms,
  span: Span,
  use: ReportedUse | undefined,
): ReportedCost | undefined {
  if (use === undefined) return undefined
  const { fullTexts, months } = use
  const amount = priceOf(licence, { ...span, months })?.amount ?? 0
  return { fullTexts, months: months.length, perText: ratio(amount, fullTexts) }
}

function costTable(input: ReportInput, all: readonly CostRow[]): Table {
  const hasReported = input.publisherReported !== undefined
  const { rows, more } = bounded(all)
  return {
    id: 'costs',
    title: say(input, 'report.costs'),
    columns: [
      ...resourceColumns(input),
      column(input, 'cost', 'decimal', 'report.cost'),
      column(input, 'currency', 'text', 'report.currency'),
      column(input, 'openings', 'count', 'report.openings'),
      column(input, 'cost_per_opening', 'decimal', 'report.cost_per_opening'),
      column(input, 'full_texts', 'count', 'report.full_texts'),
      column(input, 'cost_per_full_text', 'decimal', 'report.cost_per_full_text'),
      ...(hasReported
        ? [
            column(input, 'full_texts_reported', 'count', 'report.full_texts_reported'),
            column(input, 'months_reported', 'count', 'report.months_reported'),
            column(input, 'cost_per_reported', 'decimal', 'report.cost_per_reported'),
          ]
        : []),
    ],
    rows: rows.map(({ resource, amount, currency, openings, fullTexts, reported }): Value[] => [
      resourceTitle(input, resource.id),
      resource.id,
      amount,
      currency,
      openings,
      ratio(amount, openings),
      fullTexts,
      ratio(amount, fullTexts),
      ...(hasReported ? [reported?.fullTexts, reported?.months, reported?.perText] : []),
    ]),
    notes: [
      ...(more > 0 ? [say(input, 'report.note_more', { more })] : []),
      ...(rows.length === 0 ? [say(input, 'report.note_no_costs')] : []),
    ],
  }
}

function currencyTable(input: ReportInput, rows: readonly CostRow[]): Table {
  const byCurrency = Map.groupBy(rows, ({ currency }) => currency)
  return {
    id: 'costs_by_currency',
    title: say(input, 'report.costs_by_currency'),
    columns: [
      column(input, 'currency', 'text', 'report.currency'),
      column(input, 'resources', 'count', 'report.resources'),
      column(input, 'cost', 'decimal', 'report.cost'),
      column(input, 'full_texts', 'count', 'report.full_texts'),
      column(input, 'cost_per_full_text', 'decimal', 'report.cost_per_full_text'),
    ],
    rows: [...byCurrency].map(([currency, mine]) => {
      const amount = mine.reduce((sum, each) => sum + each.amount, 0)
      const fullTexts = mine.reduce((sum, each) => sum + each.fullTexts, 0)
      return [currency, mine.length, amount, fullTexts, ratio(amount, fullTexts)]
    }),
    notes: [],
  }
}

/** One chart for each currency, the dearest use first. */
function chartsOf(input: ReportInput, rows: readonly CostRow[]): Chart[] {
  const used = rows.filter(({ fullTexts, amount }) => fullTexts > 0 && amount > 0)
  return [...Map.groupBy(used, ({ currency }) => currency)]
    .filter(([, mine]) => mine.length > 1)
    .slice(0, limits.reports.currencies)
    .map(([currency, mine]): Chart => {
      const shown = mine
        .map((each) => ({ ...each, per: each.amount / each.fullTexts }))
        .toSorted((one, other) => other.per - one.per)
        .slice(0, limits.reports.chartBars)
      const title = `${say(input, 'report.cost_per_full_text')}, ${currency}`
      return {
        id: `costs_${currency}`,
        title,
        kind: 'bars',
        tableId: 'costs',
        labels: shown.map(({ resource }) => resourceTitle(input, resource.id)),
        series: [{ name: title, values: shown.map(({ per }) => Math.round(per * 100) / 100) }],
      }
    })
}
