/**
 * `override add`, `list` and `end`.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { readOverrideRequest, type OverrideRequest } from '../control/override-request.ts'
import {
  beginOverride,
  endOverride,
  overrideOf,
  type Override,
  type OverrideWhat,
} from '../control/overrides.ts'
import { resourcesInForce } from '../control/published.ts'
import { GatewayError } from '../core/errors.ts'
import { doerOf, shownInstant, withControl, type DoerOptions } from './control.ts'

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
    const { config, clock } = parts
    const { what, endsAt } = readOverrideRequest(requestOf(kind, words, options), {
      // Only what is about a resource needs the rules, which may be as damaged as they like otherwise.
      resources: needsRules(kind) ? (await resourcesInForce(parts)).values() : [],
      providers: config.identity.providers,
      timeZone: config.institution.timeZone,
      now: clock.now(),
    })
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

function needsRules(kind: OverrideWhat['kind']): boolean {
  return kind === 'closure' || kind === 'seats'
}

function requestOf(
  kind: OverrideWhat['kind'],
  [name = '', seats = '']: readonly string[],
  options: OverrideOptions,
): OverrideRequest {
  const { issuer, subject, patron, message, messageKy, messageRu, messageEn, until = '' } = options
  const en = messageEn ?? message
  return {
    kind,
    ...(issuer !== undefined && { issuer }),
    ...(subject !== undefined && { subject }),
    ...(patron !== undefined && { patron }),
    range: name,
    resource: name,
    pool: name,
    seats,
    message: {
      ...(messageKy !== undefined && { ky: messageKy }),
      ...(messageRu !== undefined && { ru: messageRu }),
      ...(en !== undefined && { en }),
    },
    until,
  }
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
