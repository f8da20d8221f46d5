/**
 * The harvest of publishers' own reports (SUSHI client): which months are missing, one question after
 * the other, and what came of it in the books.
 *
 * A publisher that is not due is left in peace. A run is short, since other jobs wait meanwhile; what it
 * does not come to, the next one does.
 * @module
 */
import { hash } from 'node:crypto'

import type { Agent } from 'undici'

import type { UpstreamConfig } from '../../config/config.ts'
import type { Clock } from '../../core/clock.ts'
import type { SushiSource } from '../../core/counter.ts'
import { limits } from '../../core/limits.ts'
import type { Resource } from '../../core/resource.ts'
import type { Resolver } from '../../exchange/egress.ts'
import { createAgent } from '../../exchange/exchange.ts'
import type { Store } from '../../store/contract.ts'
import { firstDay, lastDay, monthAfter, monthsBetween, type Month } from '../counter/months.ts'
import { lastFullMonth } from '../counter/period.ts'
import { askPublisher } from './ask-publisher.ts'
import { createLedger, type HarvestProgress, type Ledger } from './ledger.ts'
import { outcomeOf, pauseMs, type Outcome, type ReportedMonth } from './outcome.ts'

/** What the harvest needs. */
export interface HarvestParts {
  readonly store: Pick<Store, 'records' | 'figures'>
  readonly clock: Clock
  readonly timeZone: string
  /** How publishers are reached, of reading and of reports alike. */
  readonly upstream: UpstreamConfig
  /** DNS, unless given. */
  readonly resolver?: Resolver
}

/** What came of one resource. */
export interface Harvested extends Pick<HarvestProgress, 'state' | 'detail'> {
  readonly resourceId: string
  /** What was asked for came, as far as there is any yet. */
  readonly isGood: boolean
  readonly progress: HarvestProgress
}

/** The harvest. Everything may reject with `ERR_STORE_AWAY`. */
export interface Harvester {
  /** Asks each publisher that is due; tells what came of those that were asked. */
  runDue(resources: Iterable<Resource>): Promise<readonly Harvested[]>
  /** Asks each publisher, due or not. */
  runAll(resources: Iterable<Resource>): Promise<readonly Harvested[]>
  /** Gives up what is under way. */
  close(): Promise<void>
}

type Harvestable = Pick<Resource, 'id'> & { readonly sushi: SushiSource }

/** Makes the harvest. */
export function createHarvester(parts: HarvestParts): Harvester {
  const { store, clock, upstream, resolver } = parts
  const ledger = createLedger(store)
  // Made when it is first needed: most gateways of a library ask nobody.
  let agent: Agent | undefined
  const stopping = new AbortController()

  async function run(queue: readonly Due[], endsAt: number): Promise<readonly Harvested[]> {
    const harvested: Harvested[] = []
    for (const { resource, before } of queue) {
      if (stopping.signal.aborted || clock.steady() > endsAt) break
      agent ??= createAgent(upstream, resolver)
      const means = { ledger, agent, signal: stopping.signal, parts }
      const progress = await harvestOne(resource, before, means)
      if (progress !== undefined) harvested.push(harvestedOf(resource.id, progress))
    }
    return harvested
  }

  return {
    async runDue(resources) {
      const now = clock.now()
      const queue = (await queueOf(resources, ledger)).filter(
        ({ resource, before }) =>
          before === undefined ||
          before.source !== fingerprint(resource.sushi) ||
          before.nextAt <= now,
      )
      return await run(queue, clock.steady() + limits.sushi.runMs)
    },
    runAll: async (resources) => await run(await queueOf(resources, ledger), Infinity),
    async close() {
      stopping.abort()
      await agent?.destroy()
    },
  }
}

interface Due {
  readonly resource: Harvestable
  readonly before: HarvestProgress | undefined
}

/** All publishers, who waited longest first. */
async function queueOf(resources: Iterable<Resource>, ledger: Ledger): Promise<Due[]> {
  const found: Due[] = []
  for (const { id, sushi } of resources) {
    if (sushi === undefined) continue
    found.push({ resource: { id, sushi }, before: await ledger.progressOf(id) })
  }
  return found.toSorted((one, other) => (one.before?.nextAt ?? 0) - (other.before?.nextAt ?? 0))
}

function harvestedOf(resourceId: string, progress: HarvestProgress): Harvested {
  const { state, detail } = progress
  const isGood = state === 'done' || state === 'incomplete'
  return { resourceId, state, isGood, ...(detail !== undefined && { detail }), progress }
}

interface Means {
  readonly ledger: Ledger
  readonly agent: Agent
  readonly signal: AbortSignal
  readonly parts: Pick<HarvestParts, 'clock' | 'timeZone'>
}

async function harvestOne(
  { id, sushi }: Harvestable,
  before: HarvestProgress | undefined,
  { ledger, agent, signal, parts: { clock, timeZone } }: Means,
): Promise<HarvestProgress | undefined> {
  const finish = async (outcome: Outcome, isMore: boolean): Promise<HarvestProgress> => {
    const progress = progressAfter(outcome, before, { sushi, now: clock.now(), isMore })
    await ledger.setProgress(id, progress)
    return progress
  }
  if (sushi.isIncomplete === true) return await finish(noSecret, false)

  const ranges = await missingRanges(id, ledger, { now: clock.now(), timeZone })
  let last: Outcome = { state: 'done', remarks: [], months: new Map() }
  for (const months of ranges.slice(0, limits.sushi.questionsInRow)) {
    const answer = await askPublisher(urlOf(sushi, months), { dispatcher: agent, signal })
    // The gateway stops: nothing was learnt of the publisher.
    if (signal.aborted) return undefined
    const outcome = outcomeOf(answer, months, { database: sushi.database, at: clock.now() })
    if (outcome.months.size > 0) await ledger.setMonths(id, outcome.months)
    last = merged(last, outcome)
    if (outcome.months.size === 0) return await finish(last, false)
  }
  return await finish(last, ranges.length > limits.sushi.questionsInRow)
}

const noSecret: Outcome = { state: 'no-secret', remarks: [], months: new Map() }

/** Of several questions the state that needs most attention, and all that is remarked. */
function merged(before: Outcome, next: Outcome): Outcome {
  const isWorse = next.state !== 'done' || before.state === 'done'
  const remarks = [...new Set([...before.remarks, ...next.remarks])]
  return { ...(isWorse ? next : before), remarks }
}

/** States after which the same question is worth the same answer: they count as failures in a row. */
const failing = new Set<HarvestProgress['state']>(['unavailable', 'queued'])

function progressAfter(
  outcome: Outcome,
  before: HarvestProgress | undefined,
  {
    sushi,
    now,
    isMore,
  }: { readonly sushi: SushiSource; readonly now: number; readonly isMore: boolean },
): HarvestProgress {
  const { state, detail, remarks } = outcome
  const isAgain = before?.state === state
  const failures = failing.has(state) ? (isAgain ? before.failures : 0) + 1 : 0
  const isGood = state === 'done' || state === 'incomplete'
  const lastDoneAt = isGood ? now : before?.lastDoneAt
  return {
    state,
    ...(detail !== undefined && { detail }),
    remarks: [...remarks],
    at: now,
    nextAt: isGood && isMore ? now : now + pauseMs(outcome, failures),
    failures,
    ...(lastDoneAt !== undefined && { lastDoneAt }),
    source: fingerprint(sushi),
  }
}

/** Stretches of months that are wanted, each for one question, the latest first. */
async function missingRanges(
  id: string,
  ledger: Ledger,
  { now, timeZone }: { readonly now: number; readonly timeZone: string },
): Promise<Month[][]> {
  const last = lastFullMonth(now, timeZone)
  const first = monthAfter(last, 1 - limits.sushi.monthsBack)
  const known = await ledger.months(first, last)
  const correctable = monthAfter(last, 1 - limits.sushi.correctedMonths)
  const wanted = monthsBetween(first, last).filter((month) =>
    isWanted(known.get(month)?.[id], { isCorrectable: month >= correctable, now }),
  )
  return stretchesOf(wanted).toReversed()
}

function isWanted(
  month: ReportedMonth | undefined,
  { isCorrectable, now }: { readonly isCorrectable: boolean; readonly now: number },
): boolean {
  if (month === undefined || month.status === 'partial' || month.status === 'not-ready') return true
  return month.status === 'had' && isCorrectable && now - month.at >= limits.sushi.correctedMs
}

/** Months that follow each other, at most a year in one. */
function stretchesOf(months: readonly Month[]): Month[][] {
  const stretches: Month[][] = []
  for (const month of months) {
    const stretch = stretches.at(-1)
    const end = stretch?.at(-1)
    const isNext = end !== undefined && monthAfter(end, 1) === month
    if (stretch !== undefined && isNext && stretch.length < limits.sushi.monthsAsked) {
      stretch.push(month)
    } else {
      stretches.push([month])
    }
  }
  return stretches
}

function urlOf(sushi: SushiSource, months: readonly Month[]): URL {
  const { url, release, report, customerId, requestorId, apiKey, platform } = sushi
  const path = release === '5.1' ? '/r51/reports/' : '/reports/'
  const asked = new URL(`${url}${path}${report.toLowerCase()}`)
  asked.search = new URLSearchParams({
    customer_id: customerId,
    ...(requestorId && { requestor_id: requestorId() }),
    ...(apiKey && { api_key: apiKey() }),
    ...(platform !== undefined && { platform }),
    begin_date: firstDay(months[0] ?? ''),
    end_date: lastDay(months.at(-1) ?? ''),
  }).toString()
  return asked
}

/** Changes when staff have changed what is asked, or with what; too short to tell a key by. */
function fingerprint(sushi: SushiSource): string {
  const { requestorId, apiKey, ...plain } = sushi
  const text = JSON.stringify([plain, requestorId?.(), apiKey?.()])
  return hash('sha256', text, 'base64url').slice(0, 6)
}
