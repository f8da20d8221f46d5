/**
 * The pages that the gateway itself shows, as functions handed to whoever needs one; the portal's
 * views implement them.
 * @module
 */
import type { DenialReason } from './denials.ts'
import type { ErrorCode } from './errors.ts'
import type { Language, Text } from './languages.ts'
import type { Resource } from './resource.ts'

interface ProblemPage {
  readonly language: Language
  /** Shown to the reader and found in the log. */
  readonly reference: string
  /** The page that the reader was on or wanted, to come back to after sign-in. */
  readonly returnUrl: string
}

/** A refusal, in words: why, and what to do next. */
export interface RefusalPage extends ProblemPage {
  readonly reason: DenialReason
  readonly facts: Readonly<Record<string, string | number>>
  /** What staff want readers to be told of it. */
  readonly message?: Text
  readonly resource?: Resource
}

/** An operating error, in words; says nothing of the inside. */
export interface FailurePage extends ProblemPage {
  readonly code: ErrorCode
  readonly status: number
  readonly resource?: Resource
}

/** Complete HTML documents, usable on the portal and on proxied hosts alike. */
export interface Pages {
  refusal(page: RefusalPage): string
  failure(page: FailurePage): string
}

/** Path prefix that belongs to the gateway on every host, portal and proxied. */
export const reservedPrefix = '/.darbaza/'

/** Where pages of resources with seats tell that they are here or gone; the word follows. */
export const seatSignsPath = `${reservedPrefix}seat/`
