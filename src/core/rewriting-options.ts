/**
 * What a rule may ask of rewriting beyond the defaults, as loaded from `rewriting:` of a rule file.
 *
 * Everything is compiled when rules are loaded. What was written stays beside what was made of it,
 * so that a change of it makes another rulebook; functions and secrets are no part of that.
 * @module
 */

/** The languages that a rule may name; a body is of one of them after its label and first bytes. */
export const textKinds = ['html', 'javascript', 'css', 'json', 'xml', 'text'] as const

/** A language that a rule may name; `text` is all that is none of the others. */
export type TextKind = (typeof textKinds)[number]

/** What a body of another label is to be read as; `none` leaves it as it is. */
export const bodyLabels = ['html', 'javascript', 'css', 'json', 'xml', 'none'] as const

/** A word of `bodyLabels`. */
export type BodyLabel = (typeof bodyLabels)[number]

/** Of which hosts and paths something holds. */
export interface Scope {
  /** As written; empty for all. */
  readonly hosts: readonly string[]
  readonly paths: readonly string[]
  /** Takes a host of the resource and a path without its query. */
  covers(host: string, path: string): boolean
}

/** A stretch `[start, end)` of a text. */
export type Stretch = readonly [start: number, end: number]

/** What was found: the whole, then the groups; undefined for a group that took no part. */
export type Found = readonly [Stretch, ...(Stretch | undefined)[]]

/**
 * Finds what begins first at or behind `from`; never nothing. Bytes are read as UTF-8, and places
 * in them are those of bytes.
 */
export type Finder = (text: string | Uint8Array, from: number) => Found | undefined

/** One entry of `replace`. */
export interface Replacement {
  /** The text or RE2 pattern as written. */
  readonly find: string
  /** Absent for a literal text. */
  readonly finder?: Finder
  readonly isPattern: boolean
  /** Texts and numbers of groups that stand for what was found; absent: it stays, unmapped. */
  readonly template?: readonly (string | number)[]
  readonly kinds: readonly TextKind[]
  readonly scope: Scope
}

/** A header that goes to the publisher. */
export interface RequestHeader {
  readonly name: string
  /** Whether it came from a file or the environment; then it goes only where cookies go. */
  readonly isSecret: boolean
  /** A function, so that nothing that prints or digests a rule ever holds it. */
  readonly value: () => string
}

/** Paths that need no session. */
export interface AnonymousPath {
  readonly scope: Scope
  readonly methods: readonly string[]
}

/** A cookie that the publisher gets as if it had set it. */
export interface PresetCookie {
  readonly name: string
  readonly value: string
  /** It is sent to this host and all below it. */
  readonly domain: string
}

/** An entry of `contentTypes`. */
export interface TypeOverride {
  /** The received media type without parameters, `''` for none; absent for any. */
  readonly type?: string
  readonly as: BodyLabel
  readonly scope: Scope
}

/** A host that stays direct although a domain rule covers it. */
export interface DirectHost {
  readonly host: string
  readonly match: 'exact' | 'domain' | 'subdomains'
}

/** All options of a resource; what is absent is as if there were no options. */
export interface RewritingOptions {
  readonly replace?: readonly Replacement[]
  readonly bareHosts?: boolean
  readonly encodedUrls?: boolean
  readonly requestHeaders?: readonly RequestHeader[]
  readonly neverProxy?: readonly DirectHost[]
  readonly anonymousPaths?: readonly AnonymousPath[]
  /** `server`: all of them stay in the session, none reaches the browser or comes from it. */
  readonly cookies?: 'default' | 'server'
  readonly setCookies?: readonly PresetCookie[]
  readonly contentTypes?: readonly TypeOverride[]
  /** False leaves the shim out. */
  readonly shim?: boolean
}
