/**
 * Values as programs read them.
 * @module
 */
import type { ColumnKind } from './model.ts'

/** A number with as many places as mean something. */
export function bareNumber(value: number, kind: ColumnKind): number {
  const places = kind === 'count' ? 1 : kind === 'decimal' ? 1e4 : 1e6
  return Math.round(value * places) / places
}
