/**
 * Months that look wrong: far more or next to nothing of what the year before had. A crawler, a page
 * that loads itself, or a link that broke.
 *
 * Source: COUNTER 5.1, section 7.12: at least 100 above three times the mean of the 12 months before;
 * below 1 percent of that mean where it is 20 or more.
 * @module
 */
import type { Metric, Period } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import { monthText } from '../pages/month-text.ts'
import type { Steps } from '../usage/steps.ts'
import type { MonthDigest } from './digest.ts'
import { count, resourceTitle, say, stretchOf, type ReportInput } from './input.ts'
import { monthOf, monthsAfter, spanOf } from './period.ts'
import { numberText } from '../pages/formats.ts'

const watched = [
  { metric: 'Total_Item_Requests', word: 'report.full_texts' },
  { metric: 'Total_Item_Investigations', word: 'report.investigations' },
  { metric: 'Searches_Regular', word: 'report.searches' },
] as const satisfies readonly { readonly metric: Metric; readonly word: string }[]

/** What a month is, beside the mean of the twelve before it. */
export function spikeOf(value: number, mean: number): 'up' | 'down' | undefined {
  const { spikeUnits, spikeTimes, dropShare, dropMean } = limits.reports
  if (mean > 0 && value >= spikeTimes * mean + spikeUnits) return 'up'
  return mean >= dropMean && value < mean * dropShare ? 'down' : undefined
}

/** A warning for each resource, month and number that is out of all proportion. */
export function* spikeWarnings(input: ReportInput): Steps<string[]> {
  const { span, months, todayOn } = input
  const warnings: string[] = []
  for (const month of span.months) {
    yield
    const digest = months.get(month)
    const past = stretchOf(input, spanOf(monthsAfter(month, -12), monthsAfter(month, -1)))
    if (digest === undefined || !past.isComplete) continue
    const isOver = month < monthOf(todayOn)
    for (const id of resourcesOf([digest, ...past.digests])) {
      warnings.push(...warningsOf(input, { id, month, digest, past: past.digests, isOver }))
    }
  }
  const { warnings: most } = limits.reports
  const more = warnings.length - most
  return [
    ...warnings.slice(0, most),
    ...(more > 0 ? [say(input, 'report.warning_more', { more })] : []),
  ]
}

interface Look {
  readonly id: string
  readonly month: Period
  readonly digest: MonthDigest
  readonly past: readonly MonthDigest[]
  /** Of a month that goes on nothing can be missing yet. */
  readonly isOver: boolean
}

function warningsOf(input: ReportInput, { id, month, digest, past, isOver }: Look): string[] {
  return watched.flatMap(({ metric, word }) => {
    const value = count(digest.by.resource.get(id), metric)
    const sum = past.reduce((before, each) => before + count(each.by.resource.get(id), metric), 0)
    const mean = sum / 12
    const spike = spikeOf(value, mean)
    if (spike === undefined || (spike === 'down' && !isOver)) return []
    const { language } = input
    return say(input, `report.warning_${spike}`, {
      resource: resourceTitle(input, id),
      month: monthText(month, language),
      measure: say(input, word),
      value: numberText(value, language),
      mean: numberText(Math.round(mean), language),
    })
  })
}

function resourcesOf(digests: readonly MonthDigest[]): ReadonlySet<string> {
  return new Set(digests.flatMap((digest) => [...digest.by.resource.keys()]))
}
