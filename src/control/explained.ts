/**
 * The rulebook that every gateway of the store has: the published set, or the files as long as nothing
 * was published, with the overrides that hold now. For who asks it without being one of them.
 * @module
 */
import type { Rulebook } from '../core/resource.ts'
import { GatewayError } from '../core/errors.ts'
import { readRules, rulebookOf, sourceOfFiles, withOverrides } from '../rulebook.ts'
import { liveAt, overrideOf } from './overrides.ts'
import type { ControlParts } from './publish.ts'
import { decodeSet } from './rule-set.ts'

/** A rulebook and where it is from. */
export interface FoundRulebook {
  readonly rulebook: Rulebook
  /** 0 for the files. */
  readonly version: number
  /** How many overrides hold. */
  readonly overrides: number
}

/**
 * Reads it.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY`; `ERR_STORE_DATA` when the set is damaged; `ERR_RULE`, `ERR_HOST`
 * and `ERR_ADDRESS_RANGE` when it would not do here.
 */
export async function rulebookInForce(parts: ControlParts): Promise<FoundRulebook> {
  const { control, clock, config } = parts
  const { rules } = await control.state()
  const { version, hash } = rules
  const stored = version === 0 ? undefined : await control.set(version)
  if (version > 0 && stored === undefined) {
    throw new GatewayError('ERR_STORE_DATA', `rule set ${version} is not in the store`)
  }
  const source =
    stored === undefined ? sourceOfFiles(config) : decodeSet({ ...stored, hash }, config)
  const overrides = (await control.overrides()).flatMap((row) => overrideOf(row) ?? [])
  const now = clock.now()
  const live = liveAt(overrides, now, config.institution.timeZone)
  return {
    rulebook: withOverrides(rulebookOf(readRules(source, config), config), live),
    version,
    overrides: overrides.filter(({ endsAt }) => endsAt > now).length,
  }
}
