/**
 * What staff ask for when they begin an override, as typed: read in one place for the command line and
 * for the console, so that both take and refuse the same.
 * @module
 */
import type { ProviderConfig } from '../config/config.ts'
import { GatewayError } from '../core/errors.ts'
import type { Text } from '../core/languages.ts'
import { limits } from '../core/limits.ts'
import { parseRange, rangeWords } from '../core/ranges.ts'
import type { Resource } from '../core/resource.ts'
import { patronKey } from '../core/types.ts'
import { isWholeInternet } from '../core/wide-ranges.ts'
import type { Doer } from './audit.ts'
import { endInstant } from './ends.ts'
import { FieldError, type StaffField } from './field-error.ts'
import { issuerNamed } from './issuer.ts'
import type { Override, OverrideWhat } from './overrides.ts'

/** Everything that may be typed; what a kind does not need is not looked at. */
export interface OverrideRequest {
  readonly kind: OverrideWhat['kind']
  readonly issuer?: string
  readonly subject?: string
  /** The `patronKey`, instead of both. */
  readonly patron?: string
  readonly range?: string
  readonly resource?: string
  readonly pool?: string
  readonly seats?: string
  /** For readers; empty texts are none. */
  readonly message?: Text
  readonly until: string
}

/** What a request is read against. */
export interface RequestContext {
  /** Those in force. */
  readonly resources: Iterable<Resource>
  readonly providers: readonly Pick<ProviderConfig, 'issuer'>[]
  readonly timeZone: string
  /** Epoch milliseconds. */
  readonly now: number
}

/**
 * The override that is asked for.
 *
 * @throws {FieldError} `ERR_BAD_REQUEST`, with the first field that does not do.
 */
export function readOverrideRequest(
  request: OverrideRequest,
  context: RequestContext,
): Pick<Override, 'what' | 'endsAt'> {
  const what = whatOf(request, context)
  return { what, endsAt: endInstant(request.until, context.now, context.timeZone) }
}

/** Pools whose seats may be changed: one that counts none so far is limited by it. */
export function poolNames(resources: Iterable<Resource>): readonly string[] {
  const names = [...resources].flatMap(({ licence: { pool, morePools = [] } }) => [
    pool,
    ...morePools.map((more) => more.pool),
  ])
  return [...new Set(names)]
}

/**
 * Who acts and why.
 *
 * @throws {FieldError} `ERR_BAD_REQUEST` for a name or reason that is empty, too long or not one line.
 */
export function readDoer({ by, why }: Doer): Doer {
  return {
    by: oneLine('by', by, limits.control.nameChars),
    why: oneLine('why', why, limits.control.reasonChars),
  }
}

function whatOf(request: OverrideRequest, context: RequestContext): OverrideWhat {
  const { kind, range = '', resource = '', pool = '', seats = '' } = request
  switch (kind) {
    case 'suspension':
      return { kind, patron: patronOf(request, context) }
    case 'block':
      return { kind, range: rangeOf(range) }
    case 'closure': {
      const isKnown = [...context.resources].some(({ id }) => id === resource)
      if (!isKnown) {
        throw new FieldError(
          'resource',
          `resource ${quoted(resource)}`,
          'one of the rules in force',
        )
      }
      const message = messageOf(request.message)
      return { kind, resource, ...(message && { message }) }
    }
    case 'seats':
      return { kind, pool: poolOf(pool, context), seats: seatsOf(seats) }
  }
}

function patronOf({ issuer, subject, patron }: OverrideRequest, context: RequestContext): string {
  if (patron !== undefined && issuer === undefined && subject === undefined) {
    if (/^[\w-]{43}$/.test(patron)) return patron
    throw new FieldError('patron', 'something else', 'the 43 characters of a patron’s key')
  }
  if (patron !== undefined || issuer === undefined || subject === undefined) {
    const field = patron !== undefined ? 'patron' : issuer === undefined ? 'issuer' : 'subject'
    throw new FieldError(field, 'the patron half named', 'issuer and subject, or the key alone')
  }
  const { claimChars } = limits.identity
  // Whatever is in it becomes a digest: no character can reach a key of the store.
  if (subject === '' || subject.length > claimChars) {
    throw new FieldError('subject', `${subject.length} characters`, `1 to ${claimChars}`)
  }
  return patronKey({ issuer: issuerOf(issuer, context), subject })
}

function issuerOf(typed: string, { providers }: RequestContext): string {
  const found = issuerNamed(typed, providers)
  if (found !== undefined) return found
  const known = providers.map(({ issuer }) => issuer).join(', ')
  throw new FieldError('issuer', quoted(typed), `one of the configured: ${known}`)
}

function rangeOf(typed: string): string {
  const text = typed.trim()
  try {
    parseRange(text, '')
  } catch (cause) {
    if (!(cause instanceof GatewayError)) throw cause
    throw new FieldError('range', `range ${quoted(text)}`, rangeWords)
  }
  if (!isWholeInternet(text)) return text
  throw new FieldError('range', `range ${quoted(text)}`, 'one of less than half of all addresses')
}

function poolOf(name: string, { resources }: RequestContext): string {
  if (poolNames(resources).includes(name)) return name
  throw new FieldError('pool', `pool ${quoted(name)}`, 'a pool of the rules in force')
}

function seatsOf(typed: string): number {
  if (/^(?:[1-9]\d{0,4}|100000)$/.test(typed)) return Number(typed)
  const expected = 'a whole number from 1 to 100000; to let nobody in, close the resource'
  throw new FieldError('seats', `${quoted(typed)} seats`, expected)
}

function messageOf(typed: Text = {}): Text | undefined {
  const { reasonChars } = limits.control
  const said = Object.entries(typed).filter(([, text]) => text.trim() !== '')
  const lines = said.map(([language, text]) => [language, oneLine('message', text, reasonChars)])
  return lines.length === 0 ? undefined : Object.fromEntries(lines)
}

/** The text without blanks around it. */
function oneLine(field: StaffField, text: string, charsMax: number): string {
  const trimmed = text.trim()
  // Control and format characters could pass for something else in a terminal or a log.
  const isPlain = !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(trimmed)
  if (trimmed !== '' && trimmed.length <= charsMax && isPlain) return trimmed
  const found = trimmed.length > charsMax ? `${trimmed.length} characters` : JSON.stringify(trimmed)
  throw new FieldError(field, found, `one line of 1 to ${charsMax} characters`)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}
