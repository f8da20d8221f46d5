/**
 * The nouns that stages share as values: who asks, from where, for what.
 * @module
 */
import { hash } from 'node:crypto'

import type { OverrideNote } from './overrides.ts'

/**
 * What a person is to the institution. Source: eduPerson 202208, eduPersonAffiliation; `walk-in` is
 * its `library-walk-in`, and `employee` is read as `staff`.
 */
export const categories = [
  'faculty',
  'staff',
  'student',
  'member',
  'alum',
  'affiliate',
  'walk-in',
] as const

/** One category; the order of `categories` is the precedence for reports, which count one each. */
export type Category = (typeof categories)[number]

/** Whether a text is one. */
export function isCategory(text: string): text is Category {
  return categories.some((category) => category === text)
}

/** How readers come in: from the library's networks, through the VPN, from anywhere else. */
export const channels = ['onsite', 'vpn', 'remote'] as const

/** One of the ways. */
export type Channel = (typeof channels)[number]

/** What an address alone decides; in brackets, the EZproxy directive it stands for. */
export type AddressTreatment =
  | 'authenticate' // sign in, then proxy [IncludeIP]; also the answer when no network matches
  | 'auto-login' // proxy without sign-in [AutoLoginIP]
  | 'direct' // send to the publisher, unproxied [ExcludeIP]
  | 'reject' // refuse [RejectIP]

/** Issuer of patrons who are admitted by their address alone. */
export const addressIssuer = 'urn:darbaza:address'

/**
 * An issuer as it is compared: with and without the slash after the host it is one, as discovery holds.
 * What is no URL is as it is.
 */
export function issuerText(issuer: string): string {
  return URL.parse(issuer)?.href ?? issuer
}

/** A person as the sign-in service describes them; parsed, normalised, never the raw token. */
export interface Patron {
  /** OIDC issuer by `issuerText`; `addressIssuer` for someone admitted by address alone. */
  readonly issuer: string
  /** OIDC subject: unique within the issuer, case-sensitive. */
  readonly subject: string
  /** For the account page only; never logged, never stored with usage. */
  readonly displayName?: string
  /** In the order of `categories`; empty when the provider told nothing usable. */
  readonly categories: readonly Category[]
  /** Faculty or department. */
  readonly unit?: string
  readonly groups: readonly string[]
  /** The provider left groups out, or sent more than are kept: an absent one proves nothing. */
  readonly hasTooManyGroups?: boolean
}

/** Where a request comes from, as its address alone tells. */
export interface Place {
  /** The client's address in canonical text, `unreadable` when it cannot be read. */
  readonly address: string
  /** Name of the network that decided; absent when none matched. */
  readonly network?: string
  /** Campus. */
  readonly site?: string
  readonly channel: Channel
  readonly treatment: AddressTreatment
  /** What the address alone makes of a reader; present when `treatment` is `auto-login`. */
  readonly category?: Category
  /** Which entry of the resource's own list decided, counted from 0; absent when none did. */
  readonly entry?: number
  /** Present when staff have blocked the address; then it is rejected. */
  readonly block?: OverrideNote
}

/** A signed-in visit. Its tokens live in cookies; the store knows only their hashes. */
export interface Session {
  /** Random, not derivable from a cookie; safe in logs. */
  readonly id: string
  readonly patron: Patron
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** Epoch milliseconds: ends then however busy it is. */
  readonly endsAt: number
  /** For RP-initiated logout (OIDC RP-Initiated Logout 1.0, `id_token_hint`). */
  readonly idToken?: string
  /** The provider's session id (`sid`), for back-channel logout. */
  readonly providerSession?: string
}

/**
 * Name of a patron in leases and other stored keys: the same person in any browser, of a fixed form
 * whatever the provider puts into `sub`. Not the usage pseudonym, whose key rotates.
 */
export function patronKey(patron: Pick<Patron, 'issuer' | 'subject'>): string {
  return hash('sha256', `${patron.issuer}\n${patron.subject}`, 'base64url')
}
