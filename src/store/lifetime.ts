/**
 * Lifetimes as both stores take them: whole milliseconds, at least one, so that what is left of a
 * session (a fraction, or less than nothing) never means "for ever"; and numbers that are counted.
 * @module
 */
import assert from 'node:assert/strict'

import { GatewayError } from '../core/errors.ts'

/** The lifetime rounded up to a whole millisecond, at least 1. */
export function wholeLifetimeMs(lifetimeMs: number): number {
  assert(Number.isFinite(lifetimeMs), 'a lifetime is a finite number of milliseconds')
  return Math.max(1, Math.ceil(lifetimeMs))
}

/**
 * A counted number as stored.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function wholeNumberOf(text: string | undefined): number {
  if (text !== undefined && /^-?\d{1,15}$/.test(text)) return Number(text)
  throw new GatewayError('ERR_STORE_DATA', 'a counted field holds no whole number')
}
