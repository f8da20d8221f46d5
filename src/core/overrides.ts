/**
 * Overrides by staff: exceptions to the rules with a reason and an end, kept beside the rule set.
 * @module
 */
import type { Text } from './languages.ts'

/** What is told of an override where it decides. */
export interface OverrideNote {
  /** The entry of the audit log that began it. */
  readonly id: number
  /** The last day on which it holds, in the institution's time zone. */
  readonly untilOn: string
  /** For staff alone. */
  readonly why: string
}

/** A resource that staff closed. */
export interface Closure extends OverrideNote {
  /** For readers. */
  readonly message?: Text
}

/** Another number of seats for a pool. */
export interface SeatChange extends OverrideNote {
  readonly seats: number
}

/** The overrides that hold at an instant, by what they are about. */
export interface LiveOverrides {
  /** By `patronKey`. */
  readonly suspensions: ReadonlyMap<string, OverrideNote>
  /** By address, CIDR block or pair. */
  readonly blocks: ReadonlyMap<string, OverrideNote>
  /** By resource. */
  readonly closures: ReadonlyMap<string, Closure>
  /** By pool. */
  readonly seats: ReadonlyMap<string, SeatChange>
}

/** As the trace names it, for staff. */
export function overrideText({ id, untilOn, why }: OverrideNote): string {
  return `override ${id} until ${untilOn}: ${why}`
}
