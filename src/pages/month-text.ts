/**
 * Months as each language writes them. Source: CLDR through `Intl`; English day-first.
 * @module
 */
import type { Period } from '../core/figures.ts'
import type { Language } from '../core/languages.ts'
import { locales } from './formats.ts'

/** A month with its year, which stay on one line. */
export function monthText(month: Period, language: Language): string {
  const format = formatOf(language, { month: 'long', year: 'numeric' })
  return format.format(new Date(`${month}-01`)).replaceAll(' ', '\u00A0')
}

/** A month in little room; the first of a year, and the first of all, carry the year. */
export function shortMonthText(month: Period, language: Language, place: number): string {
  const format = formatOf(language, { month: 'short' })
  const name = format.format(new Date(`${month}-01`)).replace(/\.$/, '')
  return place === 0 || month.endsWith('-01') ? `${name} ${month.slice(0, 4)}` : name
}

/** From one month to another. */
export function monthsText(
  { from, to }: { readonly from: Period; readonly to: Period },
  language: Language,
): string {
  if (from === to) return monthText(from, language)
  return `${monthText(from, language)} – ${monthText(to, language)}`
}

function formatOf(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locales[language], { ...options, timeZone: 'UTC' })
}
