/**
 * What an exchange was to its reader: a pure function of what was asked and what came. It never throws.
 *
 * The patterns of the resource decide first. Without one, a file that is read as a whole is a request,
 * whatever shows it, and a page that cites the work it is about is an investigation, or a request where
 * it says that it is the full text itself; what a page is made of, what scripts ask for and what stands
 * in a frame is nothing.
 * @module
 */
import type { PageCitation } from './citation.ts'
import { percentDecoded } from './decoding.ts'
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
  /** What the page says of its work. */
  readonly citation?: PageCitation | undefined
  /** What the address is known as, from earlier answers and from pages that lead to it; seldom asked. */
  readonly known?: () => UseFacts | undefined
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
  const use = method === 'GET' ? useByDefault(question, format) : undefined
  return use === undefined ? {} : { use }
}

function useByDefault(question: UseQuestion, format: UseFormat): UseFacts | undefined {
  const { citation, isPage, status } = question
  // An answer that the browser has it already says nothing more of it.
  const known = status === 304 ? question.known?.() : undefined
  if (known !== undefined) return known
  if (isWholeFile(format, question)) {
    return { kind: 'request', format, ...workOf(question.known?.()) }
  }
  if (format !== 'html' || !isPage || citation === undefined) return undefined
  const kind = isFullText(question, citation) ? 'request' : 'investigation'
  return { kind, format, ...citedWork(citation) }
}

/** Whether the page is where it says that the full text is. */
function isFullText({ host, path, query }: UseQuestion, { fullTextUrl }: PageCitation): boolean {
  if (fullTextUrl === undefined) return false
  const url = URL.parse(fullTextUrl, `https://${host}${path}`)
  if (url === null) return false
  const isSamePlace = url.hostname === host && url.pathname === path
  return isSamePlace && (url.search === '' || url.search === `?${query}`)
}

/** The work alone, whatever was made of it. */
type Work = Omit<UseFacts, 'kind' | 'format'>

function workOf(use: UseFacts | undefined): Work {
  if (use === undefined) return {}
  const { kind: _kind, format: _format, ...work } = use
  return work
}

function citedWork({ doi, isbn, issn, itemName, titleName, dataType }: PageCitation): Work {
  // The number of a chapter's book is no number of the chapter.
  const isWhole = titleName === undefined
  const item = doi ? `doi:${doi}` : isbn && isWhole ? `isbn:${isbn}` : undefined
  const title = issn ? `issn:${issn}` : isbn ? `isbn:${isbn}` : undefined
  const work: { -readonly [Name in keyof Work]: Work[Name] } = { itemName }
  if (item) work.item = item
  if (title) work.title = title
  if (titleName) work.titleName = titleName
  if (dataType) work.dataType = dataType
  return work
}

function fittingPattern(
  question: UseQuestion,
  format: UseFormat,
  isPart: boolean,
): UseDecision | undefined {
  const { patterns, host, path, query } = question
  const isLong = Math.max(path.length, query.length) > limits.core.useAddressChars
  if (isLong) return undefined
  for (const [index, pattern] of patterns.entries()) {
    if (isPart && pattern.format !== 'image') continue
    if (isContrary(pattern.format, format)) continue
    const parts = pattern.find(host, path, query)
    if (parts !== undefined) return { pattern: index, ...usedBy(pattern, parts, question, format) }
  }
  return undefined
}

/** A page in place of a file shows that it is not for this reader; a file is no page. */
function isContrary(stated: UseFormat | undefined, format: UseFormat): boolean {
  if (stated === undefined) return false
  return stated === 'html' ? files.has(format) : format === 'html'
}

function usedBy(
  { kind, format, dataType, search }: UsePattern,
  parts: FoundParts,
  { citation, known, status }: UseQuestion,
  answered: UseFormat,
): { use?: UseFacts } {
  if (kind === 'nothing') return {}
  const seen = status === 304 && answered === 'other' ? known?.()?.format : undefined
  const form = { kind, format: format ?? seen ?? answered }
  if (kind === 'search') return { use: { ...form, ...(search && { search }) } }
  const work = citation === undefined ? workOf(known?.()) : citedWork(citation)
  return { use: { ...form, ...work, ...idsOf(parts), ...(dataType && { dataType }) } }
}

/**
 * Item and title by what was found; what is no identifier of its kind is not taken for one. An id beside
 * that of its title is one within it: every book has a chapter 2. A whole alone is its own item.
 */
function idsOf(parts: FoundParts): Pick<UseFacts, 'item' | 'title'> {
  const doi = parts.doi && doiOf(parts.doi)
  const isbn = parts.isbn && isbnOf(parts.isbn)
  const issn = parts.issn && issnOf(percentDecoded(parts.issn) ?? parts.issn)
  const [item, title] = [ownId(parts.item), ownId(parts.title)]
  const whole = issn || isbn || title
  const book = isbn ? `isbn:${isbn}` : title && `id:${title}`
  const itemId = doi ? `doi:${doi}` : item ? `id:${whole ? `${whole}/` : ''}${item}` : book
  const titleId = issn ? `issn:${issn}` : book
  return { ...(itemId && { item: itemId }), ...(titleId && { title: titleId }) }
}

/** An id of the publisher's own, which keeps its case. */
function ownId(part: string | undefined): string | undefined {
  const id = (percentDecoded(part ?? '') ?? part ?? '').trim()
  // eslint-disable-next-line no-control-regex
  const isId = id !== '' && id.length <= limits.core.useIdChars && !/[\0-\x1f\x7f]/.test(id)
  return isId ? id : undefined
}

function isWholeFile(format: UseFormat, { destination, isPage }: UseQuestion): boolean {
  if (files.has(format)) return fileDestinations.test(destination)
  if (recordings.has(format)) return recordingDestinations.test(destination)
  return format === 'data' && isPage
}
