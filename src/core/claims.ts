/**
 * What becomes of a claim's values: what sign-in, metrics, the list for staff and `explain` share.
 * @module
 */
import type { Category } from './types.ts'

/** Why a value of a claim counts for nothing. */
export const claimRejections = [
  'foreign_scope', // an affiliation of an organisation that the provider may not speak for
  'unscoped', // an affiliation without `@`, where the provider has to say whose
  'unknown_value', // an affiliation outside eduPerson's list
  'unmatched_value', // a group or unit that the table of meanings does not have
  'unreadable', // of another kind than text, too long, or with control characters
  'too_many', // beyond what a provider sends or the gateway keeps
] as const

/** One reason of the closed list. */
export type ClaimRejection = (typeof claimRejections)[number]

/** Where in the claims of a provider's configuration it stands, such as `values` and `/students`. */
export type ClaimSetting = readonly string[]

/** What became of one value; of a claim that is no text and no list, of the claim. */
export type ClaimFinding =
  | {
      readonly kind: 'category'
      /** Absent with the value where the configuration says it of whoever has nothing else. */
      readonly claim?: string
      readonly value?: string
      readonly category: Category
      readonly setting: ClaimSetting
    }
  | {
      readonly kind: 'unit'
      readonly claim: string
      readonly value: string
      readonly unit: string
      readonly setting: ClaimSetting
    }
  | {
      readonly kind: 'rejected'
      readonly claim: string
      /** Absent when there is no text that could be shown. */
      readonly value?: string
      readonly reason: ClaimRejection
    }
