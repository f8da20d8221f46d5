/**
 * `override add`, `list` and `end`.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { endInstant } from '../control/ends.ts'
import {
  beginOverride,
  endOverride,
  overrideOf,
  type Override,
  type OverrideWhat,
} from '../control/overrides.ts'
import { rulesInForce, type ControlParts } from '../control/publish.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { isWholeInternet, parseRange } from '../core/ranges.ts'
import type { Text } from '../core/resource.ts'
import { patronKey } from '../core/types.ts'
import { doerOf, oneLine, shownInstant, withControl, type DoerOptions } from './control.ts'

/** What is asked, as typed. */
export interface OverrideOptions extends DoerOptions {
  readonly config: string
  readonly until?: string
  readonly issuer?: string
  readonly subject?: string
  readonly patron?: string
  readonly message?: string
  readonly messageKy?: string
  readonly messageRu?: string
  readonly messageEn?: string
}

/** Begins an override and tells its number. */
export async function addOverride(
  kind: OverrideWhat['kind'],
  words: readonly string[],
  options: OverrideOptions,
  env: Environment,
): Promise<void> {
  await withControl(options.config, env, async (parts) => {
    const doer = doerOf(options)
    const what = await whatOf(kind, words, options, parts)
    const { timeZone } = parts.config.institution
    const endsAt = endInstant(options.until ?? '', parts.clock.now(), timeZone)
    const override = await beginOverride(parts, { what, endsAt }, doer)
    console.log(`Override ${override.id} holds until ${shownInstant(endsAt)}: ${wordsOf(what)}.`)
  })
}

/** Ends one. */
export async function dropOverride(
  id: string,
  options: OverrideOptions,
  env: Environment,
): Promise<void> {
  await withControl(options.config, env, async (parts) => {
    const doer = doerOf(options)
    if (!/^[1-9]\d{0,11}$/.test(id))
      throw unreadable(`override "${id.slice(0, 80)}"`, 'a number of "override list"')
    await endOverride(parts, Number(id), doer)
    console.log(`Override ${id} is ended.`)
  })
}

/** Lists those that hold. */
export async function listOverrides(
  { config, json }: { readonly config: string; readonly json?: true },
  env: Environment,
): Promise<void> {
  await withControl(config, env, async ({ control, clock }) => {
    const stored = (await control.overrides()).filter(({ endsAt }) => endsAt > clock.now())
    const overrides = stored.map((row) => overrideOf(row) ?? row.id)
    if (json === true) return console.log(JSON.stringify(overrides))
    if (overrides.length === 0) console.log('No override holds.')
    for (const override of overrides) console.log(lineOf(override))
  })
}

function lineOf(override: Override | number): string {
  if (typeof override === 'number') return `${override}  cannot be read and does not hold`
  const { id, what, by, why, beganAt, endsAt } = override
  const span = `${shownInstant(beganAt)} to ${shownInstant(endsAt)}`
  return `${id}  ${span}  ${wordsOf(what)}  ${by}: ${why}`
}

async function whatOf(
  kind: OverrideWhat['kind'],
  [name = '', number = '']: readonly string[],
  options: OverrideOptions,
  parts: ControlParts,
): Promise<OverrideWhat> {
  if (kind === 'suspension') return { kind, patron: patronOf(options) }
  if (kind === 'block') return { kind, range: rangeOf(name) }
  const { resources } = await rulesInForce(parts)
  if (kind === 'closure') {
    const isKnown = resources.some(({ id }) => id === name)
    if (!isKnown) throw unreadable(`resource "${name.slice(0, 80)}"`, 'one of the rules in force')
    const message = messageOf(options)
    return { kind, resource: name, ...(message && { message }) }
  }
  const isKnown = resources.some(({ licence: { pool, morePools = [] } }) =>
    [pool, ...morePools.map((more) => more.pool)].includes(name),
  )
  if (!isKnown) throw unreadable(`pool "${name.slice(0, 80)}"`, 'a pool of the rules in force')
  if (/^(?:[1-9]\d{0,4}|100000)$/.test(number)) return { kind, pool: name, seats: Number(number) }
  throw unreadable(
    `"${number.slice(0, 80)}" seats`,
    'a whole number from 1 to 100000; to let nobody in, close the resource',
  )
}

function patronOf({ issuer, subject, patron }: OverrideOptions): string {
  if (patron !== undefined && issuer === undefined && subject === undefined) {
    if (/^[\w-]{43}$/.test(patron)) return patron
    throw unreadable('--patron with something else', 'the 43 characters of a patron’s key')
  }
  if (patron !== undefined || issuer === undefined || subject === undefined) {
    throw unreadable('the patron half named', '--issuer and --subject, or --patron alone')
  }
  if (!URL.canParse(issuer) || /\s/.test(issuer)) {
    throw unreadable(
      '--issuer with something else',
      'the URL of the sign-in service, letter for letter',
    )
  }
  const { claimChars } = limits.identity
  // Whatever is in it becomes a digest: no character can reach a key of the store.
  if (subject !== '' && subject.length <= claimChars) return patronKey({ issuer, subject })
  throw unreadable(`--subject of ${subject.length} characters`, `1 to ${claimChars}`)
}

function rangeOf(text: string): string {
  parseRange(text, 'override')
  if (!isWholeInternet(text)) return text
  throw unreadable(`"${text}"`, 'a range that leaves somebody outside')
}

function messageOf({
  message,
  messageKy,
  messageRu,
  messageEn,
}: OverrideOptions): Text | undefined {
  const { reasonChars } = limits.control
  const line = (name: string, text: string | undefined) =>
    text === undefined ? undefined : oneLine(name, text, reasonChars)
  const ky = line('--message-ky', messageKy)
  const ru = line('--message-ru', messageRu)
  const en = line('--message-en', messageEn) ?? line('--message', message)
  const text = { ...(ky && { ky }), ...(ru && { ru }), ...(en && { en }) }
  return Object.keys(text).length === 0 ? undefined : text
}

function wordsOf(what: OverrideWhat): string {
  if (what.kind === 'suspension') return `patron ${what.patron} is suspended`
  if (what.kind === 'block') return `${what.range} is blocked`
  if (what.kind === 'closure') return `${what.resource} is closed`
  return `the pool ${what.pool} has ${what.seats} seats`
}

function unreadable(found: string, expected: string): GatewayError {
  return new GatewayError('ERR_BAD_REQUEST', `found ${found}, expected ${expected}`)
}
