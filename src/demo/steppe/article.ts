/**
 * The shape of an article of Steppe Journals.
 * @module
 */
import type { Figure } from '../chart.ts'

/** A journal. */
export interface Journal {
  readonly code: string
  readonly title: string
  readonly issn: string
  readonly aims: string
  readonly palette: 'lake' | 'autumn'
}

/** An article with everything that a subscriber may read. */
export interface Article {
  readonly doi: string
  readonly journal: string
  readonly title: string
  readonly authors: readonly { readonly name: string; readonly institution: string }[]
  /** ISO date. */
  readonly publishedOn: string
  readonly volume: number
  readonly issue: number
  readonly firstPage: number
  readonly lastPage: number
  readonly keywords: readonly string[]
  readonly abstract: string
  /** The abstract in the region's languages, where authors gave one. */
  readonly abstracts?: { readonly ky: string; readonly ru: string }
  readonly sections: readonly {
    readonly heading: string
    readonly paragraphs: readonly string[]
    readonly figure?: Figure
  }[]
  readonly references: readonly { readonly text: string; readonly doi?: string }[]
}
