/**
 * Lifetimes as both stores take them: whole milliseconds, at least one, so that what is left of a
 * session (a fraction, or less than nothing) never means "for ever".
 * @module
 */
import assert from 'node:assert/strict'

/** The lifetime rounded up to a whole millisecond, at least 1. */
export function wholeLifetimeMs(lifetimeMs: number): number {
  assert(Number.isFinite(lifetimeMs), 'a lifetime is a finite number of milliseconds')
  return Math.max(1, Math.ceil(lifetimeMs))
}
