/**
 * Overrides in the store: begun and ended by staff, each with its entry of the audit log.
 * @module
 */
import { z } from 'zod'

import { dayIn } from '../core/calendar.ts'
import { timeOrderedId, type Clock } from '../core/clock.ts'
import { jsonAs } from '../core/decoding.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { LiveOverrides, OverrideNote } from '../core/overrides.ts'
import { isRange } from '../core/ranges.ts'
import { parseAddress, truncatedAddress } from '../core/address.ts'
import type { ControlStore, StoredOverride } from '../store/contract.ts'
import type { Doer } from './audit.ts'
import { canonicalJson, digestOf } from './canonical.ts'
import { commitPlan } from './commit.ts'

const text = z.object({
  ky: z.string().optional(),
  ru: z.string().optional(),
  en: z.string().optional(),
})

const what = z.discriminatedUnion('kind', [
  /** `patron` is a `patronKey`. */
  z.strictObject({ kind: z.literal('suspension'), patron: z.string() }),
  z.strictObject({ kind: z.literal('block'), range: z.string().refine(isRange) }),
  z.strictObject({ kind: z.literal('closure'), resource: z.string(), message: text.optional() }),
  z.strictObject({ kind: z.literal('seats'), pool: z.string(), seats: z.int().positive() }),
])

const overrideSchema = z.strictObject({
  what,
  by: z.string(),
  why: z.string(),
  beganAt: z.int(),
  endsAt: z.int(),
})

/** What an override does. */
export type OverrideWhat = z.output<typeof what>

/** An override with who made it. Instants are epoch milliseconds. */
export type Override = z.output<typeof overrideSchema> & { readonly id: number }

/**
 * Begins an override; it takes the place of another one of the same kind about the same.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST` when there are too many.
 */
export async function beginOverride(
  { control, clock }: { readonly control: ControlStore; readonly clock: Clock },
  { what: done, endsAt }: Pick<Override, 'what' | 'endsAt'>,
  { by, why }: Doer,
): Promise<Override> {
  const at = clock.now()
  const override = { what: done, by, why, beganAt: at, endsAt }
  const body = canonicalJson(override)
  const details = { kind: done.kind, until: new Date(endsAt).toISOString(), hash: digestOf(body) }
  const act = { id: timeOrderedId(at), at, by, why, target: targetOf(done), details }
  const { sequence } = await commitPlan(control, async ({ log }) => {
    const live = (await control.overrides()).filter((other) => other.endsAt > at)
    if (live.length >= limits.control.overrides) {
      const message = `found ${live.length} overrides, expected at most ${limits.control.overrides}: end some, or write rules`
      throw new GatewayError('ERR_BAD_REQUEST', message)
    }
    return {
      act: { ...act, action: 'override-add' },
      effect: { kind: 'override', override: { id: log.sequence + 1, endsAt, body } },
    }
  })
  return { ...override, id: sequence }
}

/**
 * Ends an override before its time.
 *
 * @throws {GatewayError} `ERR_NOT_FOUND` when it does not hold.
 */
export async function endOverride(
  { control, clock }: { readonly control: ControlStore; readonly clock: Clock },
  id: number,
  { by, why }: Doer,
): Promise<void> {
  const at = clock.now()
  const actId = timeOrderedId(at)
  await commitPlan(control, async () => {
    const found = (await control.overrides()).find((override) => override.id === id)
    if (found === undefined || found.endsAt <= at) {
      throw new GatewayError('ERR_NOT_FOUND', `override ${id} does not hold`)
    }
    const read = overrideOf(found)
    const target = read === undefined ? `override ${id}` : targetOf(read.what)
    const act = { id: actId, at, by, why, target, details: { override: id } }
    return { act: { ...act, action: 'override-end' }, effect: { kind: 'end-override', id } }
  })
}

/** An override as it was stored; undefined when it cannot be read. */
export function overrideOf({ id, body }: StoredOverride): Override | undefined {
  const read = jsonAs(overrideSchema, body)
  return read && { ...read, id }
}

/** Those that hold at an instant; of two about the same the later one. */
export function liveAt(
  overrides: readonly Override[],
  at: number,
  timeZone: string,
): LiveOverrides {
  const suspensions = new Map<string, OverrideNote>()
  const blocks = new Map<string, OverrideNote>()
  const closures: Map<string, OverrideNote & { message?: z.output<typeof text> }> = new Map()
  const seats = new Map<string, OverrideNote & { seats: number }>()
  for (const { id, what: done, why, endsAt } of overrides.toSorted((a, b) => a.id - b.id)) {
    if (endsAt <= at) continue
    // The end itself is outside: midnight belongs to the day before.
    const note = { id, why, untilOn: dayIn(timeZone, endsAt - 1) }
    if (done.kind === 'suspension') suspensions.set(done.patron, note)
    else if (done.kind === 'block') blocks.set(done.range, note)
    else if (done.kind === 'seats') seats.set(done.pool, { ...note, seats: done.seats })
    else closures.set(done.resource, { ...note, ...(done.message && { message: done.message }) })
  }
  return { suspensions, blocks, closures: new Map([...closures].map(withText)), seats }
}

/** Languages without words are left out. */
function withText([resource, { message, ...note }]: [
  string,
  OverrideNote & { message?: z.output<typeof text> },
]) {
  const { ky, ru, en } = message ?? {}
  const words = { ...(ky && { ky }), ...(ru && { ru }), ...(en && { en }) }
  return [resource, { ...note, ...(message && { message: words }) }] as const
}

/** Whom or what it is about, as the audit log keeps it: a single address is cut short there. */
function targetOf(done: OverrideWhat): string {
  if (done.kind === 'suspension') return `patron ${done.patron}`
  if (done.kind === 'closure') return `resource ${done.resource}`
  if (done.kind === 'seats') return `pool ${done.pool}`
  const [first = '', last = first] = done.range.split('-')
  const isOne = first === last && parseAddress(first) !== undefined
  return `address ${isOne ? truncatedAddress(first) : done.range}`
}
