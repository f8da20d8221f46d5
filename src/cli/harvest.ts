/**
 * `counter harvest` and `counter status`: publishers' own reports, fetched now, and how it stands.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { resourcesInForce } from '../control/published.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import { monthAfter } from '../reports/counter/months.ts'
import { lastFullMonth } from '../reports/counter/period.ts'
import { createHarvester } from '../reports/sushi/harvest.ts'
import { createLedger, type HarvestProgress } from '../reports/sushi/ledger.ts'
import { shownInstant, withControl } from './control.ts'
import { underLease } from './lease.ts'

/** Which of them, as typed. */
export interface HarvestOptions {
  readonly config: string
  readonly resource?: string
}

/** Asks publishers now, whether they are due or not. */
export async function harvestNow(
  { config: file, resource }: HarvestOptions,
  env: Environment,
): Promise<void> {
  await withControl(file, env, async (parts, store) => {
    const { config, clock } = parts
    const { timeZone } = config.institution
    const resources = chosen([...(await resourcesInForce(parts)).values()], resource)
    const harvester = createHarvester({ store, clock, timeZone, upstream: config.upstream })
    try {
      await underLease(store.records, { job: 'counter-harvest', what: 'harvests' }, async () => {
        for (const { resourceId, progress, isGood } of await harvester.runAll(resources)) {
          console.log(progressLine(resourceId, progress))
          if (!isGood) process.exitCode = 1
        }
      })
    } finally {
      await harvester.close()
    }
  })
}

function chosen(resources: readonly Resource[], id: string | undefined): readonly Resource[] {
  const harvested = resources.filter(({ sushi }) => sushi !== undefined)
  const found = id === undefined ? harvested : harvested.filter((each) => each.id === id)
  if (found.length > 0) return found
  const names = harvested.map((each) => each.id).join(', ') || 'a rule with sushi'
  throw new GatewayError('ERR_BAD_REQUEST', `found ${id ?? 'none'}, expected ${names}`)
}

/** Which form, as typed. */
export interface HarvestStatusOptions {
  readonly config: string
  readonly json?: true
}

/** Prints how the harvest of each resource stands, and which months are there. */
export async function printHarvestStatus(
  { config: file, json }: HarvestStatusOptions,
  env: Environment,
): Promise<void> {
  await withControl(file, env, async (parts, store) => {
    const ledger = createLedger(store)
    const last = lastFullMonth(parts.clock.now(), parts.config.institution.timeZone)
    const months = await ledger.months(monthAfter(last, 1 - limits.sushi.monthsBack), last)
    for (const { id, sushi } of (await resourcesInForce(parts)).values()) {
      if (sushi === undefined) continue
      const progress = await ledger.progressOf(id)
      const had = [...months].filter(([, by]) => by[id]?.status === 'had').map(([month]) => month)
      if (json === true) {
        const { source: _, ...told } = progress ?? { source: '', state: 'never' as const }
        console.log(JSON.stringify({ resource: id, ...told, months: had }))
        continue
      }
      const line = progress === undefined ? `${id}: never asked` : progressLine(id, progress)
      console.log(
        `${line}; ${had.length} months${had.length === 0 ? '' : `, the last ${had.at(-1)}`}`,
      )
    }
  })
}

function progressLine(id: string, { state, detail, remarks, at, nextAt }: HarvestProgress): string {
  const told = [...(detail === undefined ? [] : [detail]), ...remarks]
  const why = told.length === 0 ? '' : ` (${told.join('; ')})`
  return `${id}: ${state}${why}, asked ${shownInstant(at)}, again after ${shownInstant(nextAt)}`
}
