/**
 * What an exchange was to a reader, in COUNTER's senses: known at the time of the exchange, counted
 * later.
 * @module
 */

/** COUNTER 5.1, section 3.3: an item's full content is a request; anything about an item, its full content too, an investigation. */
export type UseKind = 'investigation' | 'request' | 'search'

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
export type DataType =
  | 'Journal'
  | 'Book'
  | 'Reference_Work'
  | 'Conference'
  | 'Newspaper_or_Newsletter'
  | 'Thesis_or_Dissertation'
  | 'Report'
  | 'Patent'
  | 'Standard'
  | 'Multimedia'
  | 'Audiovisual'
  | 'Image'
  | 'Sound'
  | 'Interactive_Resource'
  | 'Other'

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
}
