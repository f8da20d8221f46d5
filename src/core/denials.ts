/**
 * The closed list of reasons for which access is refused, with what each means to HTTP and COUNTER.
 *
 * Words for readers stand in `locales/` under `denial.<reason>`; `docs/reference.md` has a line for each.
 * Source: DESIGN.md section 4 "Policy"; COUNTER Code of Practice 5.1 section 3.3.4 (access denied).
 * @module
 */

/**
 * What reports count a refusal as. `Limit_Exceeded` and `No_License` are COUNTER's, and the latter is
 * for an institution without licence; a reader whom the institution's licence does not cover is
 * counted as `Not_Authorized`, a metric of the library's own (COUNTER section 11.3), never as either.
 */
export type Turnaway = 'Limit_Exceeded' | 'No_License' | 'Not_Authorized' | 'none'

/** What the reader can do next; the page offers it as its first button. */
export type NextStep = 'sign-in' | 'wait' | 'come-to-library' | 'contact' | 'browse'

/** The facts of one reason. */
export interface DenialFacts {
  /** HTTP status of the refusal page. */
  readonly status: number
  readonly turnaway: Turnaway
  readonly next: NextStep
}

/** Every reason, in the order in which the decision asks. */
export const denialFacts = {
  /** The address is listed as `reject`, or cannot be read. */
  address_rejected: { status: 403, turnaway: 'none', next: 'contact' },
  /** Staff have blocked the address for a time. */
  address_blocked: { status: 403, turnaway: 'none', next: 'contact' },
  /** Staff closed the resource. */
  resource_closed: { status: 403, turnaway: 'none', next: 'contact' },
  /** The licence begins on a later day. */
  licence_not_started: { status: 403, turnaway: 'No_License', next: 'contact' },
  /** The licence and its grace days are over. */
  licence_ended: { status: 403, turnaway: 'No_License', next: 'contact' },
  /** Nobody is signed in and the address alone does not admit. */
  not_signed_in: { status: 401, turnaway: 'none', next: 'sign-in' },
  /** Staff have suspended the patron for a time. */
  patron_suspended: { status: 403, turnaway: 'none', next: 'contact' },
  /** The sign-in service told nothing from which a category follows. */
  claims_missing: { status: 403, turnaway: 'Not_Authorized', next: 'contact' },
  /** The sign-in service left out groups, and what it told does not suffice. */
  groups_missing: { status: 403, turnaway: 'Not_Authorized', next: 'contact' },
  /** The licence does not cover any category or group of the patron. */
  category_not_entitled: { status: 403, turnaway: 'Not_Authorized', next: 'contact' },
  /** The licence is limited to faculties or departments that the patron does not belong to. */
  unit_not_entitled: { status: 403, turnaway: 'Not_Authorized', next: 'contact' },
  /** The licence covers the library's own rooms, listed sites or listed networks only. */
  place_not_entitled: { status: 403, turnaway: 'Not_Authorized', next: 'come-to-library' },
  /** The reader has taken as much as the licence's fair-use quota allows in its window. */
  quota: { status: 429, turnaway: 'Not_Authorized', next: 'contact' },
  /** Every seat is taken. */
  seats_full: { status: 403, turnaway: 'Limit_Exceeded', next: 'wait' },
  /** The store cannot say whether a seat is free; seats are never granted blindly. */
  seats_unknown: { status: 503, turnaway: 'none', next: 'wait' },
} as const satisfies Record<string, DenialFacts>

/** A reason of the closed list. */
export type DenialReason = keyof typeof denialFacts

/** Whether a word is one of the reasons. */
export function isDenialReason(word: string): word is DenialReason {
  return Object.hasOwn(denialFacts, word)
}

/** The reasons in the order of the decision. */
export const denialReasons: readonly DenialReason[] =
  Object.keys(denialFacts).filter(isDenialReason)
