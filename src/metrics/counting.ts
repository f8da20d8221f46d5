/**
 * What is said on the bus, as counters.
 *
 * Sets of labels that are known beforehand begin at 0, so that the first event is seen as a change.
 * @module
 */
import { claimRejections } from '../core/claims.ts'
import { errorStatuses } from '../core/errors.ts'
import type { EventBus, ExchangeEvent, GatewayEvent } from '../core/events.ts'
import type { Rulebook } from '../core/resource.ts'
import type { Meters } from './meters.ts'

/** What is counted from. */
export interface CountingParts {
  readonly bus: EventBus
  readonly meters: Meters
  readonly rulebook: () => Rulebook
  readonly providers: () => readonly { readonly id: string }[]
  /** Names of the scheduled jobs. */
  readonly jobs: readonly string[]
}

/** No resource can have this name, which begins with what ids do not. */
const other = '_other'

/** Begins to count; what it gives back puts the counts of exchanges into the meters. */
export function countEvents(parts: CountingParts): () => void {
  const { bus, meters, rulebook } = parts
  const exchanges = countExchanges(meters)
  const waits = meters.observer('darbaza_seat_wait_seconds', {})
  const known = (id: string | undefined) =>
    id !== undefined && rulebook().resources.has(id) ? id : other
  beginAtZero(parts)

  bus.listen((event) => {
    if (event.kind === 'exchange') exchanges.add(known(event.resourceId), event)
    else countOne(event, known, meters)
    if (event.kind === 'wait' && event.waitedMs !== undefined) waits(event.waitedMs / 1000)
  })
  return function tell() {
    for (const resource of rulebook().resources.keys()) {
      for (const outcome of ['allowed', 'seats_full']) {
        meters.count('darbaza_decisions_total', { resource, outcome }, 0)
      }
    }
    exchanges.tell()
  }
}

function countOne(
  event: Exclude<GatewayEvent, ExchangeEvent>,
  known: (id: string | undefined) => string,
  meters: Meters,
): void {
  switch (event.kind) {
    case 'denial':
    case 'direct': {
      const outcome = event.kind === 'denial' ? event.reason : event.kind
      meters.count('darbaza_decisions_total', { resource: known(event.resourceId), outcome })
      break
    }
    case 'job':
      meters.count('darbaza_jobs_total', { name: event.name, outcome: event.outcome })
      break
    case 'fair-use': {
      const labels = { resource: known(event.resourceId), mode: event.mode }
      meters.count('darbaza_fair_use_reached_total', labels)
      break
    }
    case 'wait': {
      const labels = { resource: known(event.resourceId), outcome: event.outcome }
      meters.count('darbaza_seat_waits_total', labels)
      break
    }
    case 'failure':
      meters.count('darbaza_failures_total', { code: event.code })
      break
    case 'rules':
      if (event.outcome === 'failed') meters.count('darbaza_rules_failures_total', {})
      break
    case 'provider':
      if (event.status === 'away') {
        meters.count('darbaza_provider_losses_total', { provider: event.provider })
      }
      break
    case 'sign-in': {
      const { outcome, provider = other, rejections } = event
      meters.count('darbaza_sign_ins_total', { outcome, provider })
      for (const reason of claimRejections) {
        meters.count('darbaza_claims_rejected_total', { reason }, rejections?.[reason] ?? 0)
      }
      break
    }
    case 'counter-request':
    case 'harvest':
    case 'licence':
    case 'link-report':
    case 'link':
    case 'seats':
    case 'sign-out':
    case 'staff':
  }
}

function beginAtZero({ meters, providers, jobs }: CountingParts): void {
  for (const code of Object.keys(errorStatuses)) {
    meters.count('darbaza_failures_total', { code }, 0)
  }
  for (const reason of claimRejections) meters.count('darbaza_claims_rejected_total', { reason }, 0)
  for (const { id: provider } of providers()) {
    meters.count('darbaza_provider_losses_total', { provider }, 0)
    for (const outcome of ['success', 'failure']) {
      meters.count('darbaza_sign_ins_total', { outcome, provider }, 0)
    }
  }
  for (const name of jobs) {
    for (const outcome of ['done', 'failed']) {
      meters.count('darbaza_jobs_total', { name, outcome }, 0)
    }
  }
}

/** Counted here and told when somebody asks: to look for labels costs more than to count. */
function countExchanges(meters: Meters) {
  const tallies = new Map<string, { byClass: number[]; bytes: number; count: number; ms: number }>()
  return {
    add(resource: string, { status, bytes, isWebSocket, durationMs }: ExchangeEvent): void {
      const tally = tallies.get(resource) ?? { byClass: [], bytes: 0, count: 0, ms: 0 }
      const statusClass = Math.floor(status / 100)
      tally.byClass[statusClass] = (tally.byClass[statusClass] ?? 0) + 1
      tally.bytes += bytes
      tally.count += 1
      if (!isWebSocket) tally.ms += durationMs
      tallies.set(resource, tally)
    },
    tell(): void {
      for (const [resource, tally] of tallies) {
        for (const [statusClass, count] of tally.byClass.entries()) {
          const status = `${statusClass}xx`
          if (count > 0) meters.count('darbaza_exchanges_total', { resource, status }, count)
        }
        meters.count('darbaza_exchange_sent_bytes_total', { resource }, tally.bytes)
        meters.count('darbaza_exchange_seconds_total', { resource }, tally.ms / 1000)
        const outcome = 'allowed'
        meters.count('darbaza_decisions_total', { resource, outcome }, tally.count)
      }
      tallies.clear()
    },
  }
}
