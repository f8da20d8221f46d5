/**
 * The publishers' cookies of one session that belong to a whole domain: kept here because a proxied
 * host is no part of it, and sent to the sister hosts as a browser would.
 *
 * A cookie that scripts may read is mirrored to the page's own host. The jar remembers what it has
 * mirrored, so that an old mirror coming back is told apart from what a script has written. Besides
 * it remembers which host-only cookies have a SameSite of their own, since the browser will not say.
 *
 * Nothing here does I/O; `jar-keeper.ts` reads and writes it.
 * @module
 */
import { hash } from 'node:crypto'

import { domainMatch, pathMatch } from 'tough-cookie'
import { z } from 'zod'

import { jsonAs } from '../core/decoding.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import { registrableDomain } from './site.ts'
import type { SameSiteContext } from './site.ts'

const sameSite = z.enum(['none', 'lax', 'strict'])

const cookieSchema = z.object({
  kind: z.literal('cookie'),
  domain: z.string(),
  path: z.string(),
  name: z.string(),
  value: z.string(),
  /** Epoch milliseconds; absent for the length of the session. */
  expiresAt: z.number().optional(),
  isSecure: z.boolean(),
  isHttpOnly: z.boolean(),
  sameSite: sameSite.optional(),
  /** Set without a Domain attribute: `domain` is the one host that gets it. */
  isHostOnly: z.literal(true).optional(),
  setAt: z.number(),
  /** Digests of the latest values that were mirrored to browsers. */
  mirrors: z.array(z.string()),
})

const policySchema = z.object({
  kind: z.literal('policy'),
  host: z.string(),
  name: z.string(),
  sameSite,
  setAt: z.number(),
})

const entrySchema = z.discriminatedUnion('kind', [cookieSchema, policySchema])

/** A cookie with a Domain attribute. An expired one stays while its mirrors may come back. */
export type JarCookie = Readonly<z.infer<typeof cookieSchema>>

type Policy = Readonly<z.infer<typeof policySchema>>
type Entry = JarCookie | Policy

/** Where a request goes, as far as cookies care. */
export interface CookieTarget {
  readonly host: string
  readonly path: string
  readonly isSecure: boolean
}

/** A moved expiry is stored when it moved by this: servers renew theirs with every answer. */
const renewalMs = 60_000
const mirrorsKept = 4

/** One session's jar. */
export class Jar {
  #entries = new Map<string, Entry>()
  #dirty = new Set<string>()
  /** Entries as they were stored, by their texts: what has not changed is not read again. */
  #stored = new Map<string, { readonly text: string; readonly entry: Entry }>()
  /** When the latest entry came; unset when all are known to be within the bounds. */
  #grownAt: number | undefined

  /** Counts changes, so that a reader knows whether what it read is still the latest. */
  generation = 0

  /** Whether nothing is kept here. */
  get isEmpty(): boolean {
    return this.#entries.size === 0
  }

  /** Whether there are changes to be stored. */
  get isChanged(): boolean {
    return this.#dirty.size > 0
  }

  /** Live cookies for a target, longest path first, then the oldest (RFC 6265bis 5.8.3). */
  cookiesFor(target: CookieTarget, context: SameSiteContext, now: number): JarCookie[] {
    return this.#cookies()
      .filter((cookie) => isLive(cookie, now) && admits(cookie.sameSite, context))
      .filter(({ domain, path }) => isOf(target.host, domain) && pathMatch(target.path, path))
      .filter(({ domain, isHostOnly }) => isHostOnly !== true || domain === target.host)
      .filter((cookie) => target.isSecure || !cookie.isSecure)
      .toSorted((left, right) => right.path.length - left.path.length || left.setAt - right.setAt)
  }

  /** The cookie, live or expired, of which this pair of a host is a mirror. */
  mirrorOf(host: string, name: string, value: string): JarCookie | undefined {
    const candidates = this.#cookies().filter((cookie) => cookie.name === name)
    const digest = candidates.length === 0 ? '' : digestOf(value)
    return candidates.find(({ domain, mirrors }) => mirrors.includes(digest) && isOf(host, domain))
  }

  /** Whether scripts may not see a cookie of this domain, on whatever path; so they write none. */
  isHidden(domain: string, name: string, now: number): boolean {
    return this.#cookies()
      .filter((cookie) => cookie.domain === domain && cookie.name === name)
      .some((cookie) => cookie.isHttpOnly && isLive(cookie, now))
  }

  /** The SameSite attribute that a host-only cookie was set with. */
  policyOf(host: string, name: string): SameSiteContext | undefined {
    if (this.#entries.size === 0) return undefined
    const entry = this.#entries.get(fieldOf('policy', host, name))
    return entry?.kind === 'policy' ? entry.sameSite : undefined
  }

  /** Keeps a cookie, or its absence when it has expired. */
  put(cookie: Omit<JarCookie, 'kind' | 'mirrors'>): void {
    const field = fieldOf('cookie', cookie.domain, cookie.path, cookie.name)
    const old = this.#entries.get(field)
    const known = old?.kind === 'cookie' ? old : undefined
    const isMirrored = !cookie.isHttpOnly && isLive(cookie, cookie.setAt)
    const past = known?.mirrors ?? []
    const fresh = isMirrored ? [digestOf(cookie.value)] : []
    const mirrors = [...new Set([...fresh, ...past])].slice(0, mirrorsKept)
    // RFC 6265bis 5.7 step 23: a cookie that is set again keeps its place in the order.
    const setAt = known?.setAt ?? cookie.setAt
    const entry: Entry = { kind: 'cookie', ...cookie, setAt, mirrors }
    const isForgotten = mirrors.length === 0 && !isLive(cookie, cookie.setAt)
    if (isForgotten ? known === undefined : known !== undefined && isSame(known, entry)) return
    this.#set(field, isForgotten ? undefined : entry)
    this.#grownAt = cookie.setAt
  }

  /** Remembers the SameSite attribute of a host-only cookie; Lax is what all others count as. */
  putPolicy(policy: Omit<Policy, 'kind'>): void {
    const field = fieldOf('policy', policy.host, policy.name)
    const wanted = policy.sameSite === 'lax' ? undefined : policy.sameSite
    if (this.policyOf(policy.host, policy.name) === wanted) return
    this.#set(field, wanted && { kind: 'policy', ...policy })
    this.#grownAt = policy.setAt
  }

  /** Forgets the cookies of a registrable domain. */
  clear(domain: string): void {
    for (const [field, entry] of this.#entries) {
      if (ownerOf(entry) === domain) this.#set(field, undefined)
    }
  }

  /** The changes since the last call, as fields of the stored record. */
  takeChanges(): ReadonlyMap<string, string | undefined> {
    this.#shrink()
    const changes = new Map<string, string | undefined>()
    for (const field of this.#dirty) {
      const entry = this.#entries.get(field)
      changes.set(field, entry && JSON.stringify(entry))
    }
    this.#dirty.clear()
    return changes
  }

  /** Gives changes back that could not be stored. */
  returnChanges(fields: Iterable<string>): void {
    for (const field of fields) this.#dirty.add(field)
  }

  /** Takes the stored record for true, except for changes that are not in it yet. */
  replace(record: ReadonlyMap<string, string>): void {
    const unsaved = [...this.#dirty].map((field) => [field, this.#entries.get(field)] as const)
    const stored = new Map<string, { readonly text: string; readonly entry: Entry }>()
    for (const [field, text] of record) {
      const known = this.#stored.get(field)
      // What does not read as an entry is left out: the publisher will set it again.
      const entry = known?.text === text ? known.entry : jsonAs(entrySchema, text)
      if (entry !== undefined) stored.set(field, { text, entry })
    }
    this.#stored = stored
    this.#entries = new Map([...stored].map(([field, { entry }]) => [field, entry]))
    for (const [field, entry] of unsaved) this.#assign(field, entry)
  }

  #cookies(): JarCookie[] {
    this.#shrink()
    return [...this.#entries.values()].filter((entry) => entry.kind === 'cookie')
  }

  #set(field: string, entry: Entry | undefined): void {
    this.#assign(field, entry)
    this.#dirty.add(field)
    this.generation += 1
  }

  #assign(field: string, entry: Entry | undefined): void {
    if (entry === undefined) this.#entries.delete(field)
    else this.#entries.set(field, entry)
  }

  /**
   * Within the bounds again: expired entries go first, then the oldest. Once for all that an answer
   * has set, before anybody looks.
   */
  #shrink(): void {
    const now = this.#grownAt
    if (now === undefined) return
    this.#grownAt = undefined
    if ([...this.#entries.values()].every(fitterInto())) return
    const fits = fitterInto()
    const order = [...this.#entries].toSorted(
      ([, left], [, right]) => ageRank(right, now) - ageRank(left, now),
    )
    for (const [field, entry] of order) if (!fits(entry)) this.#set(field, undefined)
  }
}

/** Tells of one entry after the other whether it still has room in a jar. */
function fitterInto(): (entry: Entry) => boolean {
  const { jarCookies, jarCookiesPerDomain, jarBytes, jarBytesPerDomain } = limits.rewriting
  const owners = new Map<string, { readonly count: number; readonly bytes: number }>()
  let [total, bytes] = [0, 0]
  return (entry) => {
    const owner = ownerOf(entry)
    const size = bytesOf(entry)
    const known = owners.get(owner) ?? { count: 0, bytes: 0 }
    const own = { count: known.count + 1, bytes: known.bytes + size }
    // What one publisher sets pushes out nothing of another's.
    if (own.count > jarCookiesPerDomain || own.bytes > jarBytesPerDomain) return false
    if (total >= jarCookies || bytes + size > jarBytes) return false
    owners.set(owner, own)
    total += 1
    bytes += size
    return true
  }
}

/** What an entry takes in the store, within some dozens: its texts, and the names around them. */
function bytesOf(entry: Entry): number {
  const texts = entry.kind === 'cookie' ? [entry.domain, entry.path, entry.value] : [entry.host]
  return texts.reduce((sum, text) => sum + text.length, entry.name.length + 250)
}

/** Whether a host is within a cookie's domain; the library reads both names anew each time. */
function isOf(host: string, domain: string): boolean {
  return isPairOf(`${host} ${domain}`)
}

const isPairOf = rememberLately(limits.rewriting.hostPairs, (pair) => {
  const blank = pair.indexOf(' ')
  return domainMatch(pair.slice(0, blank), pair.slice(blank + 1)) === true
})

/** Whether a cookie with this SameSite attribute may travel; without one it counts as Lax. */
export function admits(attribute: SameSiteContext | undefined, context: SameSiteContext): boolean {
  if (context === 'strict' || attribute === 'none') return true
  return context === 'lax' && attribute !== 'strict'
}

/** Whether a cookie has not expired. */
export function isLive(
  { expiresAt }: { readonly expiresAt?: number | undefined },
  now: number,
): boolean {
  return expiresAt === undefined || expiresAt > now
}

function ageRank(entry: Entry, now: number): number {
  return entry.kind === 'cookie' && !isLive(entry, now) ? 0 : entry.setAt
}

function ownerOf(entry: Entry): string {
  return registrableDomain(entry.kind === 'cookie' ? entry.domain : entry.host)
}

function isSame(known: JarCookie, entry: JarCookie): boolean {
  const plain = ({ expiresAt: _expiresAt, ...rest }: JarCookie) => JSON.stringify(rest)
  const isRenewed =
    known.expiresAt === entry.expiresAt ||
    Math.abs((known.expiresAt ?? 0) - (entry.expiresAt ?? 0)) < renewalMs
  return isRenewed && plain(known) === plain({ ...entry })
}

function fieldOf(...parts: readonly string[]): string {
  return hash('sha256', parts.join('\n'), 'base64url').slice(0, 22)
}

function digestOf(value: string): string {
  return hash('sha256', value, 'base64url').slice(0, 12)
}
