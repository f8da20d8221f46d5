/**
 * What an exchange was to its reader: a pure function of what was asked and what came. It never throws.
 *
 * The patterns of the resource decide first. Without one, a file that is read as a whole is a request,
 * whatever shows it; what a page is made of, what scripts ask for and what stands in a frame is
 * nothing.
 * @module
 */
import { doiOf, isbnOf, issnOf } from './identifiers.ts'
import type { Intent } from './intent.ts'
import { limits } from './limits.ts'
import { formatOf } from './media.ts'
import type { FoundParts, UseFacts, UseFormat, UsePattern } from './use.ts'

/** An exchange as far as it tells what it was. */
export interface UseQuestion extends Intent {
  /** Those of the resource. */
  readonly patterns: readonly UsePattern[]
  readonly method: string
  readonly host: string
  /** Path without query, as it was sent. */
  readonly path: string
  /** Query without its `?`, as it was sent. */
  readonly query: string
  readonly status: number
  /** Header values; empty when absent. */
  readonly contentType: string
  readonly disposition: string
}

/** What it was, and which pattern decided, counted from 0; undefined when none did. */
export interface UseDecision {
  readonly pattern?: number
  readonly use?: UseFacts
}

/** Answers that give something: the whole, a part, or that the browser has it already. */
const givingStatuses: ReadonlySet<number> = new Set([200, 206, 304])

/** Files that are read as a whole; a script that fetches one shows it. */
const files: ReadonlySet<UseFormat> = new Set(['pdf', 'epub', 'document'])
const fileDestinations = /^(?:|document|embed|empty|frame|iframe|object)$/
/** Not `empty`: players fetch films in a hundred pieces. */
const recordings: ReadonlySet<UseFormat> = new Set(['video', 'audio'])
const recordingDestinations = /^(?:|audio|document|embed|frame|iframe|object|video)$/

/** What pages are made of; of these, a pattern can mean a picture alone. */
const partDestinations =
  /^(?:.*worklet|.*worker|font|image|json|manifest|report|script|style|track|webidentity|xslt)$/

/** What it was; undefined for nothing that counts. */
export function classify(question: UseQuestion): UseFacts | undefined {
  return decideUse(question).use
}

/** What it was, and by which pattern. */
export function decideUse(question: UseQuestion): UseDecision {
  const { status, method, contentType, disposition, path } = question
  if (!givingStatuses.has(status) || (method !== 'GET' && method !== 'POST')) return {}
  const isPart = partDestinations.test(question.destination)
  if (isPart && question.patterns.length === 0) return {}
  const format = formatOf(contentType, disposition, path)
  const fitting = fittingPattern(question, format, isPart)
  if (fitting !== undefined) return fitting
  const isRequest = method === 'GET' && isWholeFile(format, question)
  return isRequest ? { use: { kind: 'request', format } } : {}
}

function fittingPattern(
  { patterns, host, path, query }: UseQuestion,
  format: UseFormat,
  isPart: boolean,
): UseDecision | undefined {
  const isLong = Math.max(path.length, query.length) > limits.core.useAddressChars
  if (isLong) return undefined
  for (const [index, pattern] of patterns.entries()) {
    if (isPart && pattern.format !== 'image') continue
    if (isContrary(pattern.format, format)) continue
    const parts = pattern.find(host, path, query)
    if (parts !== undefined) return { pattern: index, ...usedBy(pattern, parts, format) }
  }
  return undefined
}

/** A page in place of a file shows that it is not for this reader; a file is no page. */
function isContrary(stated: UseFormat | undefined, format: UseFormat): boolean {
  if (stated === undefined) return false
  return stated === 'html' ? files.has(format) : format === 'html'
}

function usedBy(
  { kind, format, dataType }: UsePattern,
  parts: FoundParts,
  answered: UseFormat,
): { use?: UseFacts } {
  if (kind === 'nothing') return {}
  const ids = kind === 'search' ? {} : idsOf(parts)
  return { use: { kind, format: format ?? answered, ...ids, ...(dataType && { dataType }) } }
}

/** Item and title by what was found; what is no identifier of its kind is not taken for one. */
function idsOf(parts: FoundParts): Pick<UseFacts, 'item' | 'title'> {
  const doi = parts.doi && doiOf(parts.doi)
  const isbn = parts.isbn && isbnOf(parts.isbn)
  const issn = parts.issn && issnOf(decoded(parts.issn))
  const [item, title] = [ownId(parts.item), ownId(parts.title)]
  const itemId =
    (doi && `doi:${doi}`) ?? (item && `id:${item}`) ?? (isbn && !title && `isbn:${isbn}`)
  const titleId = (issn && `issn:${issn}`) ?? (isbn && `isbn:${isbn}`) ?? (title && `id:${title}`)
  return { ...(itemId && { item: itemId }), ...(titleId && { title: titleId }) }
}

/** An id of the publisher's own, which keeps its case. */
function ownId(part: string | undefined): string | undefined {
  const id = decoded(part ?? '').trim()
  // eslint-disable-next-line no-control-regex
  const isId = id !== '' && id.length <= limits.core.useIdChars && !/[\0-\x1f\x7f]/.test(id)
  return isId ? id : undefined
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function isWholeFile(format: UseFormat, { destination, isPage }: UseQuestion): boolean {
  if (files.has(format)) return fileDestinations.test(destination)
  if (recordings.has(format)) return recordingDestinations.test(destination)
  return format === 'data' && isPage
}
