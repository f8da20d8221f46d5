/**
 * The resources as the gateway has them now, for commands that tell of them: the published rules with
 * the overrides of staff over them.
 * @module
 */
import { liveAt, overrideOf } from '../control/overrides.ts'
import { rulesInForce, type ControlParts } from '../control/publish.ts'
import type { Resource } from '../core/resource.ts'
import { overriddenResources } from '../policy/overrides.ts'

/** Closures and other numbers of seats are in them. */
export async function resourcesInForce(parts: ControlParts): Promise<readonly Resource[]> {
  const { control, clock, config } = parts
  const { resources } = await rulesInForce(parts)
  const overrides = (await control.overrides()).flatMap((row) => overrideOf(row) ?? [])
  return overriddenResources(resources, liveAt(overrides, clock.now(), config.institution.timeZone))
}
