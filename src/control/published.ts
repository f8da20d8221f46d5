/**
 * What the store says is in force, for who asks it without being a gateway: the published set, or the
 * files as long as nothing was published, with the overrides that hold now.
 * @module
 */
import type { ConfigOutline } from '../config/load.ts'
import type { Clock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import type { Rulebook } from '../core/resource.ts'
import { readRules, rulebookOf, sourceOfFiles, withOverrides, type ReadRules } from '../rulebook.ts'
import type { ControlStore, SetHead } from '../store/contract.ts'
import { liveAt, overrideOf } from './overrides.ts'
import { decodeSet } from './rule-set.ts'

/** What the control of a gateway works on. */
export interface ControlParts {
  readonly control: ControlStore
  readonly clock: Clock
  readonly config: ConfigOutline
}

/** A rulebook and where it is from. */
export interface FoundRulebook {
  readonly rulebook: Rulebook
  /** 0 for the files. */
  readonly version: number
  /** How many overrides hold. */
  readonly overrides: number
}

/**
 * Reads the rulebook that every gateway of the store has.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY`; `ERR_STORE_DATA` when the set is damaged; `ERR_RULE`, `ERR_HOST`
 * and `ERR_ADDRESS_RANGE` when it would not do here.
 */
export async function rulebookInForce(parts: ControlParts): Promise<FoundRulebook> {
  const { control, clock, config } = parts
  const { rules } = await control.state()
  const read = await readHead(parts, rules)
  const overrides = (await control.overrides()).flatMap((row) => overrideOf(row) ?? [])
  const now = clock.now()
  const live = liveAt(overrides, now, config.institution.timeZone)
  return {
    rulebook: withOverrides(rulebookOf(read, config), live),
    version: rules.version,
    overrides: overrides.filter(({ endsAt }) => endsAt > now).length,
  }
}

/** Its resources: closures and other numbers of seats are in them. Throws as `rulebookInForce`. */
export async function resourcesInForce(parts: ControlParts): Promise<Rulebook['resources']> {
  const { rulebook } = await rulebookInForce(parts)
  return rulebook.resources
}

/**
 * Reads the published set that a head names, or the files where it names none.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY`, `ERR_RULE`; `ERR_STORE_DATA` when the set is damaged or gone.
 */
export async function readHead(
  { control, config }: Pick<ControlParts, 'control' | 'config'>,
  { version, hash }: SetHead,
): Promise<ReadRules> {
  if (version === 0) return readRules(sourceOfFiles(config), config)
  const stored = await control.set(version)
  if (stored === undefined) {
    throw new GatewayError('ERR_STORE_DATA', `rule set ${version} is not in the store`)
  }
  return readRules(decodeSet({ ...stored, hash }, config), config)
}
