/**
 * What report functions are made from, and the words, names and numbers that they share.
 * @module
 */
import type { Metric, Period, ReaderFigures } from '../core/figures.ts'
import type { Language, Text } from '../core/languages.ts'
import type { LinkOverview } from '../core/link-figures.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import { isCategory } from '../core/types.ts'
import type { Facts, WordKey, Words } from '../locales/words.ts'
import { capitalised } from '../pages/formats.ts'
import { sumsOf, type Dimension, type MonthDigest, type Sums } from './digest.ts'
import { plainText } from './plain-text.ts'
import { earlier, type Span } from './period.ts'
import type { ReportedUse } from './sushi/reported-use.ts'

/** By what a report can be divided. */
export type By = Dimension | 'month'

/** Everything that a report is a function of. */
export interface ReportInput {
  readonly span: Span
  /** Those of the span and of the time before it; months without figures are absent. */
  readonly months: ReadonlyMap<Period, MonthDigest>
  /** Distinct readers of the whole year, where the span is one. */
  readonly yearReaders?: readonly ReaderFigures[]
  /** The catalogue with its licences. */
  readonly resources: ReadonlyMap<string, Resource>
  /** Present when the report is of one resource alone. */
  readonly resourceId?: string
  readonly by?: By
  /** The library's day now. */
  readonly todayOn: string
  /** What publishers themselves report of the span, by resource; absent while nothing was fetched. */
  readonly publisherReported?: ReadonlyMap<string, ReportedUse>
  /** How links stand at an instant, for the one report that tells of them. */
  readonly links?: LinkOverview & { readonly at: number }
  readonly language: Language
  readonly words: Words
  /** Names of faculties and departments. */
  readonly units?: Readonly<Record<string, Text>>
}

/** The words of a report. */
export function say(
  { words, language }: Pick<ReportInput, 'words' | 'language'>,
  key: WordKey,
  facts?: Facts,
): string {
  return words.say(language, key, facts)
}

/** The title of a resource; the id of one that the catalogue has no more. */
export function resourceTitle(input: ReportInput, id: string): string {
  if (id === '') return say(input, 'report.portal')
  const resource = input.resources.get(id)
  if (resource === undefined) return plainText(id)
  return plainText(input.words.textOf(resource.title, input.language).text) || plainText(id)
}

const noneKnown: WordKey = 'report.none_known'

/** What a key of a dimension is called. */
export function keyTitle(input: ReportInput, by: By, key: string): string {
  const { language, words, units } = input
  if (by === 'resource') return resourceTitle(input, key)
  if (key === '') return say(input, noneKnown)
  if (by === 'category') {
    return isCategory(key) ? capitalised(say(input, `category.${key}`), language) : plainText(key)
  }
  if (by === 'channel') {
    const channel = (['onsite', 'vpn', 'remote'] as const).find((each) => each === key)
    return channel
      ? capitalised(say(input, `explain.channel_${channel}`), language)
      : plainText(key)
  }
  if (by === 'unit') {
    const name = units !== undefined && Object.hasOwn(units, key) ? units[key] : undefined
    return plainText(name === undefined ? key : words.textOf(name, language).text)
  }
  if (by === 'hour') return `${key.padStart(2, '0')}:00`
  return by === 'format' ? say(input, `report.format_${formatWord(key)}`) : plainText(key)
}

const formats = ['html', 'pdf', 'epub', 'document', 'video', 'audio', 'image', 'data'] as const

function formatWord(key: string): (typeof formats)[number] | 'else' {
  return formats.find((format) => format === key) ?? 'else'
}

/** A span with the digests of its months. */
export interface Stretch {
  readonly span: Span
  readonly digests: readonly MonthDigest[]
  /** Whether every month has figures. */
  readonly isComplete: boolean
}

/** The digests of a span. */
export function stretchOf({ months }: Pick<ReportInput, 'months'>, span: Span): Stretch {
  const digests = span.months.flatMap((month) => months.get(month) ?? [])
  return { span, digests, isComplete: digests.length === span.months.length }
}

/** A span and what it is compared with. */
export interface Compared {
  readonly now: Stretch
  /** As many months right before it. */
  readonly before: Stretch
  /** The same months a year earlier; absent where that would be the same, or overlap. */
  readonly yearBefore?: Stretch
}

/** The span of a report beside earlier ones. */
export function comparedOf(input: ReportInput): Compared {
  const { span } = input
  const { length } = span.months
  const now = stretchOf(input, span)
  const before = stretchOf(input, earlier(span, length))
  if (length >= 12) return { now, before }
  return { now, before, yearBefore: stretchOf(input, earlier(span, 12)) }
}

/** The sums of a stretch. */
export function totalOf({ digests }: Stretch): Sums {
  return sumsOf(digests.map(({ total }) => total))
}

/** The sums of a stretch by what they are divided by. */
export function groupsOf({ digests }: Stretch, by: Dimension): ReadonlyMap<string, Sums> {
  const parts = new Map<string, Sums[]>()
  for (const digest of digests) {
    for (const [key, sums] of digest.by[by]) parts.set(key, [...(parts.get(key) ?? []), sums])
  }
  return new Map([...parts].map(([key, all]) => [key, sumsOf(all)]))
}

/** A number of a metric. */
export function count(sums: Sums | undefined, metric: Metric): number {
  return sums?.[metric] ?? 0
}

/** How much more it is than before, as a ratio; undefined where nothing was before. */
export function change(now: number, before: number | undefined): number | undefined {
  return before === undefined || before === 0 ? undefined : (now - before) / before
}

/** A ratio; undefined where there is nothing to divide by. */
export function ratio(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole
}

/** So many rows at most, and how many more there are. */
export function bounded<Row>(rows: readonly Row[]): { rows: readonly Row[]; more: number } {
  const { rows: most } = limits.reports
  return { rows: rows.slice(0, most), more: Math.max(0, rows.length - most) }
}
