/**
 * The shape of an e-book of Ala-Too Books.
 * @module
 */
import type { palettes } from '../artwork.ts'

/** A book with everything that a subscriber may read. */
export interface Book {
  readonly slug: string
  readonly language: 'ky' | 'ru' | 'en'
  readonly title: string
  readonly subtitle: string
  readonly authors: readonly string[]
  readonly isbn: string
  readonly publishedOn: string
  readonly palette: keyof typeof palettes
  readonly description: string
  readonly chapters: readonly { readonly title: string; readonly paragraphs: readonly string[] }[]
}
