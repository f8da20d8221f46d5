/**
 * What a page says of the work that it is about, in its own citation tags, as usage reads it.
 * @module
 */
import type { DataType } from './use.ts'

/** A work; identifiers in one spelling and checked, words bounded and without markup. */
export interface PageCitation {
  readonly itemName: string
  /** Name of the journal, book or other whole. */
  readonly titleName?: string
  readonly doi?: string
  readonly issn?: string
  readonly isbn?: string
  readonly dataType?: DataType
  /** Where the page says that the full text is; absolute or relative to the page. */
  readonly fullTextUrl?: string
  readonly pdfUrl?: string
}
