/**
 * What an exchange was to its reader: a pure function of what was asked and what came. It never throws.
 *
 * Most exchanges are nothing: what a page is made of, what scripts ask for, what stands in a frame. A
 * file that is read as a whole is a request, whatever shows it.
 * @module
 */
import { formatOf } from './media.ts'
import type { UseFacts, UseFormat } from './use.ts'

/** An exchange as far as it tells what it was. */
export interface UseQuestion {
  readonly method: string
  readonly host: string
  /** Path without query, as it was sent. */
  readonly path: string
  readonly status: number
  /** Header values; empty when absent. */
  readonly contentType: string
  readonly disposition: string
  /** What becomes of the answer, as the browser's Sec-Fetch-Dest says; empty when it says nothing. */
  readonly destination: string
  /** Whether the answer becomes a page of its own in a window. */
  readonly isPage: boolean
}

/** Answers that give something: the whole, a part, or that the browser has it already. */
const givingStatuses: ReadonlySet<number> = new Set([200, 206, 304])

/** Files that are read as a whole; a script that fetches one shows it. */
const files: ReadonlySet<UseFormat> = new Set(['pdf', 'epub', 'document'])
const fileDestinations = /^(?:|document|embed|empty|frame|iframe|object)$/
/** Not `empty`: players fetch films in a hundred pieces. */
const recordings: ReadonlySet<UseFormat> = new Set(['video', 'audio'])
const recordingDestinations = /^(?:|audio|document|embed|frame|iframe|object|video)$/

/** What it was; undefined for nothing that counts. */
export function classify(question: UseQuestion): UseFacts | undefined {
  if (!givingStatuses.has(question.status) || question.method !== 'GET') return undefined
  const format = formatOf(question.contentType, question.disposition, question.path)
  return isWholeFile(format, question) ? { kind: 'request', format } : undefined
}

function isWholeFile(format: UseFormat, { destination, isPage }: UseQuestion): boolean {
  if (files.has(format)) return fileDestinations.test(destination)
  if (recordings.has(format)) return recordingDestinations.test(destination)
  return format === 'data' && isPage
}
