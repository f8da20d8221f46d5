/**
 * Days, times and spans as each language writes them. Source: CLDR through `Intl`; English day-first.
 * @module
 */
import type { Language } from '../core/languages.ts'

/** The locale that writes as readers of a language do. */
export const locales = { ky: 'ky', ru: 'ru', en: 'en-GB' } as const satisfies Record<
  Language,
  string
>

/** An ISO day, such as `2026-12-31`, in words; anything else as it is. */
export function dayText(day: string, language: Language): string {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return day
  const format = new Intl.DateTimeFormat(locales[language], { dateStyle: 'long', timeZone: 'UTC' })
  return format.format(new Date(day))
}

/** Day and minute of an instant where the library is. */
export function momentText(atMs: number, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone,
  }).format(atMs)
}

/** Hour and minute of an instant where the library is. */
export function timeText(atMs: number, language: Language, timeZone: string): string {
  return new Intl.DateTimeFormat(locales[language], { timeStyle: 'short', timeZone }).format(atMs)
}

/** A span in hours if it is whole hours, else in minutes. */
export function spanText(seconds: number, language: Language): string {
  const isHours = seconds % 3600 === 0
  return new Intl.NumberFormat(locales[language], {
    style: 'unit',
    unit: isHours ? 'hour' : 'minute',
    unitDisplay: 'long',
  }).format(isHours ? seconds / 3600 : Math.ceil(seconds / 60))
}

/** Units with their length in minutes. */
const spans = [
  ['day', 1440],
  ['hour', 60],
] as const

/** A duration in days from two days on, in hours from two hours on, else in minutes. */
export function durationText(milliseconds: number, language: Language): string {
  const minutes = milliseconds / 60_000
  const [unit, length] = spans.find(([, least]) => minutes >= 2 * least) ?? ['minute', 1]
  return new Intl.NumberFormat(locales[language], {
    style: 'unit',
    unit,
    unitDisplay: 'long',
    maximumFractionDigits: 0,
  }).format(minutes / length)
}

/** A number with the separators of the language. */
export function numberText(number: number, language: Language): string {
  return new Intl.NumberFormat(locales[language]).format(number)
}

/** The text with a capital first letter, to stand alone. */
export function capitalised(text: string, language: Language): string {
  const [first = '', ...rest] = text
  return first.toLocaleUpperCase(locales[language]) + rest.join('')
}

/** Texts as a list: "A, B and C". */
export function listText(texts: readonly string[], language: Language): string {
  return new Intl.ListFormat(locales[language], { type: 'conjunction' }).format(texts)
}
