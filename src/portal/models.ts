/**
 * What the views show, as values: every word chosen, every date written, every link made. A library
 * that writes views of its own builds on these.
 * @module
 */
import type { WordKey } from '../locales/words.ts'
import type { FormModel, Marked, Term } from '../pages/models.ts'
import type { AccessKind } from './access.ts'

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

/** One database. */
export interface ResourceModel extends EntryModel {
  readonly terms: readonly Term[]
  /** What readers may do with what they read. */
  readonly permissions: readonly Term[]
  /** Terms in the library's own words; empty when there are none. */
  readonly note: Marked
  readonly permalink: string
  readonly start?: WordKey
  /** What the library's own check of links finds wrong, if it is sure. */
  readonly trouble?: string
  /** Why it does not open, in the words of the refusal page. */
  readonly refusal?: {
    readonly title: string
    readonly text: string
    /** What staff want readers to be told of it. */
    readonly message?: Marked
  }
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
  readonly form: FormModel
  /** True on the page after "release seat". */
  readonly isReleased: boolean
  readonly endsText: string
}

/** Where the reader signs in. */
export interface ChooserModel {
  readonly choices: readonly {
    readonly name: Marked
    readonly url: string
    /** False while the provider does not answer: it is shown, and is no link. */
    readonly isReady: boolean
    /** Chosen in this browser before. */
    readonly isUsual: boolean
  }[]
}

/** The waiting room of one database. */
export interface WaitingModel {
  /** `gone` for somebody who has left the queue, or was not heard of for too long. */
  readonly kind: 'waiting' | 'gone'
  readonly resource: Marked
  readonly place: string
  readonly ahead: string
  /** How long it takes, or that nothing honest can be said. */
  readonly estimate: string
  readonly terms: readonly Term[]
  readonly refreshText: string
  readonly refreshSeconds: number
  /** This page, joining anew; and this page without joining. */
  readonly pageUrl: string
  readonly refreshUrl: string
  readonly eventsUrl: string
  /** The page that is waited for. */
  readonly to: string
  readonly form: FormModel
  /** What can be read meanwhile. */
  readonly others: readonly EntryModel[]
}

/** A database that a page names. */
export interface NamedResource {
  readonly id: string
  readonly title: Marked
}

/** The form that tells of what does not work, as it was filled in. */
export interface LinkReportModel {
  readonly form: FormModel
  /** Absent: it is chosen of `resources`. */
  readonly resource?: NamedResource
  readonly resources: readonly NamedResource[]
  readonly kinds: readonly {
    readonly kind: string
    readonly text: string
    readonly isChosen: boolean
  }[]
  readonly text: string
  readonly textChars: number
  /** Reference of the page that showed an error; empty without one. */
  readonly about: string
  /** `all` is about no field. */
  readonly problem?: { readonly field: 'resource' | 'kind' | 'text' | 'all'; readonly text: string }
}

/** What is shown after it. */
export interface LinkThanksModel {
  readonly resource?: NamedResource
  /** Absent when so many have told of it that one more was not kept. */
  readonly reference?: string
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
