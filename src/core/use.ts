/**
 * What an exchange was to a reader, in COUNTER's senses: known at the time of the exchange, counted
 * later.
 * @module
 */

/** COUNTER 5.1, section 3.3: an item's full content is a request; anything about an item, its full content too, an investigation. */
export const useKinds = ['investigation', 'request', 'search'] as const

/** One of them. */
export type UseKind = (typeof useKinds)[number]

/**
 * COUNTER 5.1, section 3.3: who chose what was searched. `regular`: the reader; `automated`: the
 * platform, over several databases at once; `federated`: a program elsewhere asked for the reader.
 */
export const searchKinds = ['regular', 'automated', 'federated'] as const

/** One of them. */
export type SearchKind = (typeof searchKinds)[number]

/** In what form an item was read; the words are ours, COUNTER has none for it. */
export const useFormats = [
  'html',
  'pdf',
  'epub',
  'document',
  'video',
  'audio',
  'image',
  'data',
  'other',
] as const

/** One of the forms. */
export type UseFormat = (typeof useFormats)[number]

/** COUNTER 5.1, section 3.3.2: the Data_Types that a title can have in a Database Report. */
export const dataTypes = [
  'Journal',
  'Book',
  'Reference_Work',
  'Conference',
  'Newspaper_or_Newsletter',
  'Thesis_or_Dissertation',
  'Report',
  'Patent',
  'Standard',
  'Multimedia',
  'Audiovisual',
  'Image',
  'Sound',
  'Interactive_Resource',
  'Other',
] as const

/** One of the Data_Types. */
export type DataType = (typeof dataTypes)[number]

/** What an exchange was, as far as patterns, content type and the page's own citation tell. */
export interface UseFacts {
  readonly kind: UseKind
  readonly format: UseFormat
  /**
   * What makes two exchanges the same item, whatever its format: `doi:10.1/x`, `isbn:...` of a book as
   * a whole, or an id of the publisher as `id:...`; without one, the address counts as the item.
   */
  readonly item?: string
  /** Journal, book or other whole that the item belongs to: `issn:1234-5679`, `isbn:...` or `id:...`. */
  readonly title?: string
  /** Words of the page for people: the item's and the title's name. */
  readonly itemName?: string
  readonly titleName?: string
  /** COUNTER's Data_Type of the title, where a pattern or the page tells. */
  readonly dataType?: DataType
  /** Of a search, where its pattern says that it is no regular one. */
  readonly search?: Exclude<SearchKind, 'regular'>
}

/** What a pattern finds in an address: the names that it may give to a part of it. */
export const foundNames = ['doi', 'item', 'isbn', 'issn', 'title'] as const

/** The parts that were found, as they stand in the address. */
export type FoundParts = Readonly<Partial<Record<(typeof foundNames)[number], string>>>

/** What an address of a resource is, as its rule says. What was written stands beside what was made of it. */
export interface UsePattern {
  /** The pattern of the path and those of parameters, or that of both together, as written. */
  readonly written: string
  /** Hosts that it is for; empty for all. */
  readonly hosts: readonly string[]
  /** `nothing` silences what would count by default, and the patterns below. */
  readonly kind: UseKind | 'nothing'
  readonly format?: UseFormat
  readonly dataType?: DataType
  /** Of a pattern of searches that are no regular ones. */
  readonly search?: Exclude<SearchKind, 'regular'>
  /** Takes a host of the resource, a path and a query without its `?`; undefined when it does not fit. */
  readonly find: (host: string, path: string, query: string) => FoundParts | undefined
}
