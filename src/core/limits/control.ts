/**
 * Bounds of rule sets, overrides and the audit log.
 * @module
 */
import { KiB, MiB } from './units.ts'

/** The section `control` of the limits. */
export const controlLimits = {
  /** Whether staff put something else into force is asked this often, beside being told. */
  pollMs: 400,
  /** All texts of one rule set: the longest published collection of stanzas has about 1 MiB. */
  setBytes: 8 * MiB,
  /** Rule sets that can be gone back to; the log tells of all. */
  setsKept: 20,
  /** Overrides at once; a library that needs more writes rules. */
  overrides: 1000,
  /** The longest override, in days: what lasts longer is a rule. */
  overrideDays: 366,
  /** A reason, and what readers are told. */
  reasonChars: 500,
  /** A name of staff, or of what an override is about. */
  nameChars: 200,
  /** Lines on what a rule set changes that are kept with it; the rest is counted. */
  changeLines: 200,
  /** Entries of the log in one read. */
  rowsPerRead: 500,
  /** One entry of the log. */
  rowBytes: 64 * KiB,
  /** Tries to append while others do. */
  commitTries: 50,
} as const
