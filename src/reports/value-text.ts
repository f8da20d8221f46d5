/**
 * Values as people read them.
 * @module
 */
import type { Language } from '../core/languages.ts'
import { locales } from '../pages/formats.ts'
import { hidden, type ColumnKind, type Value } from './model.ts'

const options = {
  text: {},
  count: { maximumFractionDigits: 0 },
  share: { style: 'percent', maximumFractionDigits: 1 },
  change: { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' },
  decimal: { minimumFractionDigits: 0, maximumFractionDigits: 2 },
} as const satisfies Record<ColumnKind, Intl.NumberFormatOptions>

const formats = new Map<string, Intl.NumberFormat>()

/** A value in words: a dash where nothing is known, a star where a number is hidden. */
export function valueText(value: Value, kind: ColumnKind, language: Language): string {
  if (value === undefined) return '–'
  if (value === hidden || typeof value === 'object') return '*'
  if (typeof value === 'string') return value
  const key = `${language} ${kind}`
  const format = formats.get(key) ?? new Intl.NumberFormat(locales[language], options[kind])
  formats.set(key, format)
  return format.format(value)
}

/** A number for programs: as many places as mean something. */
export function bareNumber(value: number, kind: ColumnKind): number {
  const places = kind === 'count' ? 1 : kind === 'decimal' ? 1e4 : 1e6
  return Math.round(value * places) / places
}
