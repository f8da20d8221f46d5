/**
 * The closed list of what can be wrong with a configuration. `docs/reference.md` explains every number.
 * @module
 */
import type { ProblemKind } from '../core/documents.ts'
import type { Severity } from '../core/findings.ts'

/** Each number with its severity; the comment says what it means. */
export const configFindings = {
  /** The file is missing, too long or not UTF-8. */
  C001: 'error',
  /** The file is not YAML. */
  C002: 'error',
  /** YAML that is not taken here: alias, merge key, tag, key that is not a word. */
  C003: 'error',
  /** A key stands twice. */
  C004: 'error',
  /** A key is not known; the likely one is named. */
  C005: 'error',
  /** A setting is missing, of the wrong kind or out of its range. */
  C006: 'error',
  /** A secret's file or variable is missing or empty: `serve` does not start, `check` goes on. */
  C007: 'warning',
  /** A file that a setting names cannot be read: `serve` does not start, `check` goes on. */
  C008: 'warning',
  /** Portal and zone do not go together: the portal lies inside the zone. */
  C009: 'error',
  /** Portal and zone share a registrable domain: proxied pages could set cookies for the portal. */
  C010: 'warning',
  /** The management address can be reached from other machines. */
  C011: 'warning',
  /** Two networks have one name. */
  C012: 'error',
  /** Ranges take in half of all addresses or more, which is as good as the whole internet. */
  C013: 'error',
  /** Two settings contradict each other. */
  C014: 'error',
  /** A range never decides: others hold all of its addresses and win. */
  C015: 'warning',
  /** Ranges of two networks cross, and it matters which of them decides. */
  C016: 'warning',
  /** A range stands twice. */
  C017: 'warning',
  /** A network is an exception within another: told, so that the order can be looked over. */
  C018: 'note',
  /** Two providers have one id, issuer or name. */
  C019: 'error',
  /** A claim value means a unit that has no name. */
  C020: 'warning',
  /** Readers have addresses that are believed as proxies: they could claim any other. */
  C021: 'warning',
} as const satisfies Record<string, Severity>

/** A number of the closed list. */
export type ConfigFindingNumber = keyof typeof configFindings

/** The number of each kind of mistake that reading and validating find. */
export const problemNumbers: Readonly<Record<ProblemKind, ConfigFindingNumber>> = {
  unreadable: 'C001',
  syntax: 'C002',
  refused: 'C003',
  'duplicate-key': 'C004',
  'unknown-key': 'C005',
  value: 'C006',
}
