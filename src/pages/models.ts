/**
 * What all views share, as values: every word chosen, every date written, every link made. A library
 * that writes views of its own builds on these and on the models of the portal and the console.
 * @module
 */
import type { Language } from '../core/languages.ts'
import type { Facts, WordKey } from '../locales/words.ts'

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
  /** Whether the menu leads to the staff console. */
  readonly isStaff: boolean
}

/** A line of a description list. */
export interface Term {
  readonly name: string
  readonly value: string
}

/** The hidden field of every form. */
export interface FormModel {
  readonly field: string
  readonly token: string
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
  /** What staff want readers to be told. */
  readonly message?: Marked
  readonly reference: string
  readonly resource?: Marked
  /** Where and when the library is open, for a refusal that it would lift. */
  readonly visit?: Marked
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
    readonly waitingScript: string
    readonly languages: readonly {
      readonly language: Language
      readonly url: string
      readonly name: string
    }[]
  }
}
