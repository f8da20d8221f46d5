/**
 * Sessions in the store. A session is one record; the cookies of portal and zone are secrets of
 * their own, and the store maps the digest of each to the session's id. So removing the one record
 * ends the session on every host and in every process at once, and neither cookie opens the other
 * door.
 *
 * The record's lifetime is the idle limit, renewed at most once a minute and never beyond the
 * absolute limit, in the same step in which it is read. A session that the store has just told of is believed for a moment, so that a page
 * of a hundred files asks once; one that ends in this process is forgotten at once. While the store is
 * away, a session seen within the grace time is still believed; everything else fails with
 * `ERR_STORE_AWAY`.
 * @module
 */
import type { IdentityConfig } from '../config/config.ts'
import { randomToken, timeOrderedId } from '../core/clock.ts'
import type { Clock } from '../core/clock.ts'
import { isStoreAway } from '../core/errors.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import { patronKey } from '../core/types.ts'
import type { Patron, Session } from '../core/types.ts'
import type { RecordStore } from '../store/contract.ts'
import { digest } from './secrets.ts'
import { createSessionMemory } from './session-memory.ts'
import type { Remembered, SessionMemory } from './session-memory.ts'
import { readSessionRow, writeSessionRow } from './session-row.ts'

/** Which of the two session cookies. */
export type Door = 'portal' | 'zone'

/** What a sign-in found out. */
export interface NewSession {
  readonly patron: Patron
  readonly idToken?: string
  readonly providerSession?: string
}

/** Begins, finds and ends sessions. Everything may fail with `ERR_STORE_AWAY`. */
export interface Sessions {
  /** A new session with a new id; the patron's oldest ones are handed back when they are too many. */
  begin(news: NewSession): Promise<{ session: Session; surplus: readonly Session[] }>
  /** A new cookie value for a session. */
  issue(session: Session, door: Door): Promise<string>
  /** The live session that a cookie value leads to. */
  find(door: Door, token: string): Promise<Session | undefined>
  findById(id: string): Promise<Session | undefined>
  /** The live sessions of a person, oldest first. */
  ofPatron(patron: Pick<Patron, 'issuer' | 'subject'>): Promise<Session[]>
  /** The live sessions that belong to a session at the provider. */
  ofProviderSession(issuer: string, providerSession: string): Promise<Session[]>
  /** Keeps a proxied host's origin, so that its storage is cleared at sign-out. */
  noteVisit(session: Session, origin: string): Promise<void>
  visitedHosts(session: Session): Promise<string[]>
  /** Removes the session; its cookies lead nowhere from now on. */
  end(session: Session): Promise<void>
  /** Secret of a session's forms; undefined for a session that is not from here. */
  formKey(session: Session): string | undefined
}

/** What sessions are made of. */
export interface SessionsOptions {
  readonly config: IdentityConfig
  readonly records: RecordStore
  readonly clock: Clock
}

const keys = {
  token: (door: Door, tokenDigest: string) => `session-${door}:${tokenDigest}`,
  session: (id: string) => `session:${id}`,
  visits: (id: string) => `session-visits:${id}`,
  patron: (patron: Pick<Patron, 'issuer' | 'subject'>) => `patron-sessions:${patronKey(patron)}`,
  provider: (issuer: string, sid: string) => `provider-sessions:${digest(`${issuer}\n${sid}`)}`,
}

/** Sessions over a record store. */
export function createSessions(options: SessionsOptions): Sessions {
  const memory = createSessionMemory()
  // Beside the session and not in it, so that the secret cannot travel with the value.
  const formKeys = new WeakMap<Session, string>()
  const visits = new WeakMap<Session, Set<string>>()
  const loadRow = createLoader(options, formKeys)
  const load: Load = async (id) => (await loadRow(id))?.session
  const { records } = options

  return {
    begin: (news) => begin(news, options, load, formKeys),
    async issue(session, door) {
      const token = randomToken()
      const lifetimeMs = session.endsAt - options.clock.now()
      await records.write(keys.token(door, digest(token)), session.id, lifetimeMs)
      return token
    },
    find: (door, token) => find(tokenKeyOf[door](token), options, loadRow, memory),
    findById: load,
    ofPatron: (patron) => loadIndexed(keys.patron(patron), records, load),
    ofProviderSession: (issuer, sid) => loadIndexed(keys.provider(issuer, sid), records, load),
    noteVisit: (session, origin) => noteVisit(session, origin, options, visits),
    async visitedHosts(session) {
      const fields = await records.readFields(keys.visits(session.id))
      return [...fields.keys()].slice(0, limits.identity.visitedHosts)
    },
    async end(session) {
      memory.forget(session.id)
      await records.remove([keys.session(session.id), keys.visits(session.id)])
      // Who asked while it was being removed may have been told that it lives.
      memory.forget(session.id)
      await removeFromIndexes(session, options)
    },
    formKey: (session) => formKeys.get(session),
  }
}

/** Keys of the cookies met lately: a reader's hundred requests have the same one. */
const tokenKeyOf: Readonly<Record<Door, (token: string) => string>> = {
  portal: rememberLately(limits.identity.tokensKnown, (token) =>
    keys.token('portal', digest(token)),
  ),
  zone: rememberLately(limits.identity.tokensKnown, (token) => keys.token('zone', digest(token))),
}

type Load = (id: string) => Promise<Session | undefined>

/** A session as read, and the text of its row. */
type Row = Pick<Remembered, 'session' | 'row'>
type LoadRow = (id: string, known?: Row, lifetimeMs?: number) => Promise<Row | undefined>

/**
 * Loads live sessions, and gives them a lifetime if one is named; a row that says the same as the known
 * one is that very session.
 */
function createLoader(
  { records, clock }: SessionsOptions,
  formKeys: WeakMap<Session, string>,
): LoadRow {
  function read(row: string): Row {
    const { session, formKey } = readSessionRow(row)
    formKeys.set(session, formKey)
    return { session, row }
  }
  return async function loadRow(id, known, lifetimeMs) {
    const row = await records.read(keys.session(id), lifetimeMs)
    if (row === undefined) return undefined
    const loaded = known?.row === row ? known : read(row)
    return loaded.session.endsAt <= clock.now() ? undefined : loaded
  }
}

async function begin(
  news: NewSession,
  { config, records, clock }: SessionsOptions,
  load: Load,
  formKeys: WeakMap<Session, string>,
): Promise<{ session: Session; surplus: readonly Session[] }> {
  const now = clock.now()
  const lifetimeMs = config.sessionMaxSeconds * 1000
  const session: Session = {
    ...news,
    id: timeOrderedId(now),
    startedAt: now,
    endsAt: now + lifetimeMs,
  }
  const formKey = randomToken()
  formKeys.set(session, formKey)
  const idleMs = Math.min(config.sessionIdleSeconds * 1000, lifetimeMs)
  await records.write(keys.session(session.id), writeSessionRow({ session, formKey }), idleMs)

  const older = await addToIndexes(session, records, load, lifetimeMs)
  const surplusCount = Math.max(0, older.length + 1 - limits.identity.sessionsPerPatron)
  return { session, surplus: older.slice(0, surplusCount) }
}

async function find(
  tokenKey: string,
  options: SessionsOptions,
  loadRow: LoadRow,
  memory: SessionMemory,
): Promise<Session | undefined> {
  const { records, clock } = options
  const remembered = memory.get(tokenKey)
  if (remembered !== undefined && isFresh(remembered, options)) return remembered.session
  const { forgottenCount } = memory
  const askedAt = clock.now()
  try {
    // Which session a cookie leads to never changes; whether there still is one, the store says.
    const id = remembered?.session.id ?? (await records.read(tokenKey))
    const isDue = remembered !== undefined && isRenewalDue(remembered, options)
    const lifetimeMs = isDue ? lifetimeOf(remembered.session, options) : undefined
    const loaded = id === undefined ? undefined : await loadRow(id, remembered, lifetimeMs)
    if (loaded === undefined) {
      if (remembered !== undefined) memory.forget(remembered.session.id)
      return undefined
    }
    const { session, row } = loaded
    const renewedAt = remembered === undefined || isDue ? askedAt : remembered.renewedAt
    // How long it may live at most, one that is not known has told just now.
    if (remembered === undefined) {
      await records.extend(keys.session(session.id), lifetimeOf(session, options))
    }
    // A session that ended meanwhile may be this one: then the next request asks again.
    if (memory.forgottenCount === forgottenCount) {
      memory.put({ session, row, tokenKey, seenAt: askedAt, renewedAt })
    }
    return session
  } catch (thrown) {
    if (isStoreAway(thrown) && isWithinGrace(remembered, clock.now())) return remembered.session
    throw thrown
  }
}

/** Whether the store has just told of it; no longer than a fraction of the idle limit. */
function isFresh({ session, seenAt }: Remembered, { config, clock }: SessionsOptions): boolean {
  const now = clock.now()
  const age = now - seenAt
  const trustMs = Math.min(limits.identity.trustMs, (config.sessionIdleSeconds * 1000) / 4)
  // A clock that was set back makes nothing younger.
  return age >= 0 && age < trustMs && session.endsAt > now
}

function isWithinGrace(remembered: Remembered | undefined, now: number): remembered is Remembered {
  if (remembered === undefined || remembered.session.endsAt <= now) return false
  return now - remembered.seenAt < limits.identity.graceMs
}

function isRenewalDue({ renewedAt }: Remembered, { config, clock }: SessionsOptions): boolean {
  const pauseMs = Math.min(limits.identity.renewMs, (config.sessionIdleSeconds * 1000) / 4)
  return clock.now() - renewedAt >= pauseMs
}

/** What a session lives without an exchange, within its absolute limit. */
function lifetimeOf({ endsAt }: Session, { config, clock }: SessionsOptions): number {
  return Math.min(config.sessionIdleSeconds * 1000, endsAt - clock.now())
}

async function noteVisit(
  session: Session,
  origin: string,
  { records, clock }: SessionsOptions,
  visits: WeakMap<Session, Set<string>>,
): Promise<void> {
  const noted = visits.get(session) ?? new Set()
  if (noted.has(origin) || noted.size >= limits.identity.visitedHosts) return
  const lifetimeMs = session.endsAt - clock.now()
  try {
    await records.writeFields(keys.visits(session.id), new Map([[origin, '1']]), lifetimeMs)
  } catch (thrown) {
    if (isStoreAway(thrown)) return // Reading goes on; the next visit is noted.
    throw thrown
  }
  visits.set(session, noted.add(origin))
}

/** The live sessions of an index, oldest first: ids sort by time. */
async function loadIndexed(key: string, records: RecordStore, load: Load): Promise<Session[]> {
  const ids = [...(await records.readFields(key)).keys()].toSorted()
  const sessions = await Promise.all(ids.map(load))
  return sessions.filter((session) => session !== undefined)
}

/** Answers the patron's other live sessions; ids that ended by themselves are swept out. */
async function addToIndexes(
  { patron, providerSession, id }: Session,
  records: RecordStore,
  load: Load,
  lifetimeMs: number,
): Promise<Session[]> {
  const listed = [...(await records.readFields(keys.patron(patron))).keys()].toSorted()
  const loaded = await Promise.all(listed.map(load))
  const fields = new Map<string, string | undefined>([[id, '1']])
  for (const [index, session] of loaded.entries()) {
    const dead = session === undefined ? listed[index] : undefined
    if (dead !== undefined) fields.set(dead, undefined)
  }
  await records.writeFields(keys.patron(patron), fields, lifetimeMs)
  if (providerSession !== undefined) {
    const key = keys.provider(patron.issuer, providerSession)
    await records.writeFields(key, new Map([[id, '1']]), lifetimeMs)
  }
  return loaded.filter((session) => session !== undefined)
}

async function removeFromIndexes(
  session: Session,
  { config, records }: SessionsOptions,
): Promise<void> {
  const { patron, providerSession, id } = session
  const lifetimeMs = config.sessionMaxSeconds * 1000
  const fields = new Map([[id, undefined]])
  await records.writeFields(keys.patron(patron), fields, lifetimeMs)
  if (providerSession === undefined) return
  await records.writeFields(keys.provider(patron.issuer, providerSession), fields, lifetimeMs)
}
