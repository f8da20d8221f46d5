/**
 * What the views show, as values: every word chosen, every date written, every link made. A library
 * that writes views of its own builds on these.
 * @module
 */
import type { Language } from '../core/resource.ts'
import type { Facts, WordKey } from '../locales/words.ts'
import type { AccessKind } from './access.ts'

/** A text with the language that it is in, for `lang`. */
export interface Marked {
  readonly text: string
  readonly language: Language
}

/** What surrounds every page. */
export interface Frame {
  readonly language: Language
  /** Path and query of this page on its own host: the language switch comes back to it. */
  readonly path: string
  /** The page of the portal that "Sign in" leads back to. */
  readonly afterSignIn: string
  /** `unknown` on the pages of refusals and failures, which may stand on any host. */
  readonly visitor: 'signed-in' | 'signed-out' | 'unknown'
  readonly isProviderAway: boolean
}

/** A badge in words. */
export interface Badge {
  readonly kind: AccessKind
  readonly text: string
}

/** One row of the list. */
export interface EntryModel {
  readonly id: string
  readonly title: Marked
  readonly description: Marked
  readonly provider: string
  readonly subjects: readonly string[]
  readonly badge: Badge
  /** "2 of 3 seats in use now"; absent without a limit or when it cannot be told. */
  readonly seats?: string
}

/** The rows under one letter. */
export interface LetterGroup {
  readonly letter: string
  readonly label: string
  readonly anchor: string
  readonly entries: readonly EntryModel[]
}

/** A letter of the bar; one without entries is text, not a dead link. */
export interface LetterLink {
  readonly label: string
  readonly anchor?: string
}

/** The list of databases. */
export interface HomeModel {
  readonly search: string
  readonly subject: string
  readonly subjects: readonly string[]
  readonly isFiltered: boolean
  readonly count: number
  readonly letterRows: readonly (readonly LetterLink[])[]
  readonly groups: readonly LetterGroup[]
}

/** A line of a description list. */
export interface Term {
  readonly name: string
  readonly value: string
}

/** One database. */
export interface ResourceModel extends EntryModel {
  readonly terms: readonly Term[]
  /** What readers may do with what they read. */
  readonly permissions: readonly Term[]
  /** Terms in the library's own words; empty when there are none. */
  readonly note: Marked
  readonly permalink: string
  readonly start?: WordKey
  /** Why it does not open, in the words of the refusal page. */
  readonly refusal?: { readonly title: string; readonly text: string }
}

/** A seat that the reader holds. */
export interface SeatModel {
  readonly id: string
  readonly title: Marked
  readonly until: string
}

/** Who the reader is here. */
export interface AccountModel {
  readonly lines: readonly Term[]
  /** Absent when the store cannot tell. */
  readonly seats?: readonly SeatModel[]
  /** The hidden field of every form. */
  readonly form: { readonly field: string; readonly token: string }
  /** True on the page after "release seat". */
  readonly isReleased: boolean
  readonly endsText: string
}

/** Help with access. */
export interface HelpModel {
  readonly loginPrefix: string
  readonly proxyScheme: string
  readonly proxyLogin: string
}

/** A link of `/login` that leads nowhere. */
export interface DeadLinkModel {
  readonly kind: 'not_in_collection' | 'bad_link'
  /** The link as text. */
  readonly address?: string
}

/** A button or link. */
export interface Action {
  readonly text: string
  readonly url: string
}

/** A refusal or a failure. */
export interface ProblemModel {
  readonly kind: 'refusal' | 'failure'
  /** The denial reason or error code. */
  readonly code: string
  readonly title: string
  readonly text: string
  readonly actions: readonly Action[]
  readonly reference: string
  readonly resource?: Marked
}

/** What every view is given as `it`, besides the layout's `title` and `body`. */
export interface View<Model> {
  readonly say: (key: WordKey, facts?: Facts) => string
  readonly frame: Frame
  readonly model: Model
  readonly site: {
    readonly name: Marked
    readonly portal: string
    readonly contact: { readonly text: string; readonly url?: string }
    readonly signInUrl: string
    readonly style: string
    readonly icon: string
    readonly languages: readonly {
      readonly language: Language
      readonly url: string
      readonly name: string
    }[]
  }
}
