/**
 * What was found clean: bodies that these rules change nothing in, by address and validator, so that
 * the next reader gets the publisher's bytes as they come, neither inflated nor read.
 *
 * Nothing of a body is kept but what a page says of its work. Other rules, another validator or another length is another body.
 * @module
 */
import type { PageCitation } from '../core/citation.ts'
import type { HeaderLines } from '../core/context.ts'
import { limits } from '../core/limits.ts'
import { RecentMap } from '../core/recent-map.ts'
import { headerOf, headersOf } from './header-lines.ts'
import type { BodyKind } from './transform.ts'

/** Verdicts of one process. */
export interface Verdicts {
  /** Undefined for a body that is not known as clean. */
  cleanOf(key: string): CleanBody | undefined
  noteClean(key: string, body: CleanBody): void
}

/** A body that the rules change nothing in. */
export interface CleanBody {
  /** What the page said of its work when it was read. */
  readonly citation?: PageCitation | undefined
}

/** What makes a body the same as another. */
export interface BodyIdentity {
  readonly url: string
  readonly kind: BodyKind
  /** A document and a worker take the shim, each in its way, where a part of the address does not. */
  readonly opening: 'document' | 'none' | 'worker'
  /** The rule set that read it. */
  readonly version: string
  /** Of the answer. */
  readonly headers: HeaderLines
}

/** Makes a memory of the bodies that were met last. */
export function createVerdicts(): Verdicts {
  const clean = new RecentMap<CleanBody>(limits.rewriting.verdicts)
  return {
    cleanOf: (key) => clean.use(key),
    noteClean: (key, body) => clean.set(key, body),
  }
}

/** The key of a body; undefined when nothing says that the next one will be the same. */
export function verdictKey({ headers, ...facts }: BodyIdentity): string | undefined {
  const tag = headerOf(headers, 'etag')
  const length = headerOf(headers, 'content-length')
  // A weak tag alone may stand for bodies that differ in bytes (RFC 9110 section 8.8.1).
  if (tag === undefined || (tag.startsWith('W/') && length === undefined)) return undefined
  const coding = headersOf(headers, 'content-encoding').join()
  const type = headerOf(headers, 'content-type')
  const { url, kind, opening, version } = facts
  // No header has a line end in it, and no address either.
  const key = [version, kind, opening, tag, length, coding, type, url].join('\n')
  return key.length > limits.rewriting.verdictChars ? undefined : key
}
