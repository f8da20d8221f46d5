/**
 * The link checker: goes the ways of all links that are due, some hosts at the same time and each one
 * question after the other, and writes down after each resource how its links stand, so that a process
 * that dies loses nothing but what it was at.
 *
 * A publisher that is not due is left in peace. When no publisher at all can be reached, it is the
 * gateway's own network that is away, and nothing is said of any of them.
 * @module
 */
import { hash } from 'node:crypto'

import type { Agent } from 'undici'

import manifest from '../../package.json' with { type: 'json' }
import type { UpstreamConfig } from '../config/config.ts'
import { dayIn } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import type { ResourceLinks } from '../core/links.ts'
import { limits } from '../core/limits.ts'
import type { Resource, Rulebook } from '../core/resource.ts'
import type { Resolver } from '../exchange/egress.ts'
import { createAgent } from '../exchange/exchange.ts'
import { deadlinesOf } from '../policy/deadlines.ts'
import { addressesOf } from './addresses.ts'
import { askLink } from './ask.ts'
import type { LinkRecords, ResourceRecord } from './books.ts'
import { linksOf } from './health.ts'
import { travel, type LinkFinding } from './journey.ts'
import { recordAfter, type LookedAt } from './progress.ts'
import { HostTurns } from './turns.ts'

/** What the checker needs. */
export interface LinkCheckerParts {
  readonly records: LinkRecords
  readonly clock: Clock
  readonly timeZone: string
  /** Told to publishers, so that they know who asks. */
  readonly portalOrigin: string
  /** How publishers are reached, of reading and of looking alike. */
  readonly upstream: UpstreamConfig
  /** DNS, unless given. */
  readonly resolver?: Resolver
  readonly hostPauseMs?: number
  readonly answerMs?: number
}

/** A resource that was looked at: how its links stood, and stand. */
export interface CheckedLinks {
  readonly before: ResourceLinks
  readonly after: ResourceLinks
}

/** What is in force. */
export type LinkedRules = Pick<Rulebook, 'resources' | 'hosts'>

/** The checker. Everything may reject with `ERR_STORE_AWAY`. */
export interface LinkChecker {
  /** Looks at what is due; tells each that was looked at. */
  runDue(rules: LinkedRules, onChecked: (checked: CheckedLinks) => void): Promise<void>
  /** Looks at these, due or not, and tells each; of others too, where they are asked to judge these. */
  runAll(
    rules: LinkedRules,
    ids: ReadonlySet<string>,
    onChecked: (checked: CheckedLinks) => void,
  ): Promise<void>
  /** Gives up what is under way; nothing is learnt of it. */
  close(): Promise<void>
}

/** The resources whose links are checked: those that are open, under a licence that is not over. */
export function checkedResources(
  { resources }: Pick<Rulebook, 'resources'>,
  todayOn: string,
): Resource[] {
  return [...resources.values()].filter((resource) => isChecked(resource, todayOn))
}

/** Whether the links of a resource are checked. */
export function isChecked(
  { isOpen, licence, check }: Pick<Resource, 'isOpen' | 'licence' | 'check'>,
  todayOn: string,
): boolean {
  const isOver = deadlinesOf(licence, todayOn).some(({ state }) => state === 'ended')
  return isOpen && check?.isOn !== false && !isOver
}

/** Makes the checker; no connection is made before it is asked. */
export function createLinkChecker(parts: LinkCheckerParts): LinkChecker {
  const { records, clock, timeZone } = parts
  const stopping = new AbortController()
  const turns = new HostTurns(clock, parts.hostPauseMs ?? limits.links.hostPauseMs)
  let agent: Agent | undefined

  async function queueOf(rules: LinkedRules): Promise<Due[]> {
    const checked = checkedResources(rules, dayIn(timeZone, clock.now()))
    return await Promise.all(
      checked.map(async (resource) => ({ resource, before: await records.recordOf(resource.id) })),
    )
  }

  function runOf(rules: LinkedRules, onChecked: RunParts['onChecked'], endsAt: number): Run {
    agent ??= createAgent(parts.upstream, parts.resolver)
    return new Run({ ...parts, agent, turns, rules, onChecked, endsAt, signal: stopping.signal })
  }

  return {
    async runDue(rules, onChecked) {
      const all = await queueOf(rules)
      const now = clock.now()
      const due = all.filter(({ resource, before }) => isDue(resource, before, now))
      const run = runOf(rules, onChecked, clock.steady() + limits.links.runMs)
      const isWhole = await run.go(
        due,
        all.filter((each) => !due.includes(each)),
      )
      if (isWhole) await records.setDoneAt(clock.now())
    },
    async runAll(rules, ids, onChecked) {
      const all = await queueOf(rules)
      const [asked, others] = [true, false].map((isAsked) =>
        all.filter(({ resource }) => ids.has(resource.id) === isAsked),
      )
      await runOf(rules, onChecked, Infinity).go(asked ?? [], others ?? [])
    },
    async close() {
      stopping.abort()
      await agent?.destroy()
    },
  }
}

interface Due {
  readonly resource: Resource
  readonly before: ResourceRecord | undefined
}

/** What staff have changed since is due at once. */
function isDue(resource: Resource, before: ResourceRecord | undefined, now: number): boolean {
  if (before === undefined || before.nextAt <= now) return true
  const known = new Set(before.links.map(({ source }) => source))
  return addressesOf(resource).some(({ source }) => !known.has(source))
}

interface RunParts extends LinkCheckerParts {
  readonly agent: Agent
  /** Of the checker: a look that staff ask for waits for the job's. */
  readonly turns: HostTurns
  readonly rules: LinkedRules
  readonly onChecked: (checked: CheckedLinks) => void
  /** Of the steady clock: no resource is begun after that. */
  readonly endsAt: number
  readonly signal: AbortSignal
}

interface Looked extends Due {
  readonly looks: readonly LookedAt[]
}

/** One run over a queue. */
class Run {
  readonly #parts: RunParts
  /** Somebody has answered: the network is there. */
  #hasAnswer = false
  /** Those that could not be reached, as long as nobody could. */
  readonly #held: Looked[] = []

  constructor(parts: RunParts) {
    this.#parts = parts
  }

  /** Looks at a queue; whether it came to its end. */
  async go(queue: readonly Due[], others: readonly Due[]): Promise<boolean> {
    // Links of one host follow each other: they would only wait for each other.
    const groups = [...Map.groupBy(queue, ({ resource }) => hostOf(resource)).values()]
    let left = queue.length
    const work = async (): Promise<void> => {
      for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
        for (const due of group) {
          if (this.#isOver()) return
          await this.#look(due)
          left -= 1
        }
      }
    }
    await Promise.all(Array.from({ length: limits.links.hostsAtOnce }, work))
    await this.#settleHeld(others)
    return left === 0 && !this.#parts.signal.aborted
  }

  #isOver(): boolean {
    return this.#parts.signal.aborted || this.#parts.clock.steady() > this.#parts.endsAt
  }

  async #look(due: Due): Promise<void> {
    const looks: LookedAt[] = []
    for (const address of addressesOf(due.resource)) {
      const finding = await travel(address, due.resource, this.#journeyParts())
      // The gateway stops: nothing was learnt of the publisher.
      if (this.#parts.signal.aborted) return
      looks.push({ address, finding })
    }
    const looked = { ...due, looks }
    this.#hasAnswer ||= looks.some(({ finding }) => !isOfNetwork(finding))
    this.#held.push(looked)
    if (this.#hasAnswer) await this.#write(this.#held.splice(0))
  }

  #journeyParts() {
    const { agent, turns, rules, clock, signal, portalOrigin } = this.#parts
    const { answerMs = limits.links.answerMs } = this.#parts
    let leftMs = answerMs * limits.links.answersOfWay
    return {
      hosts: rules.hosts,
      // `LinkCheck` is on COUNTER's list of robots, and on ours.
      userAgent: `Mozilla/5.0 (compatible; DarbazaLinkCheck/${manifest.version}; +${portalOrigin}/)`,
      now: () => clock.now(),
      ask: async (url: URL, headers: Parameters<typeof askLink>[1]['headers']) => {
        const end = await turns.take(url.host, signal).catch(() => undefined)
        const askedAt = clock.steady()
        try {
          return await askLink(url, {
            dispatcher: agent,
            headers,
            signal,
            answerMs: Math.max(1, Math.ceil(Math.min(answerMs, leftMs))),
          })
        } finally {
          leftMs -= clock.steady() - askedAt
          end?.()
        }
      },
    }
  }

  /** Nobody was reached: others are asked before it is said of the publishers. */
  async #settleHeld(others: readonly Due[]): Promise<void> {
    if (this.#held.length === 0) return
    const controls = others.filter(({ before }) =>
      before?.links.every(({ failures }) => failures === 0),
    )
    for (const control of controls.slice(0, limits.links.controls)) {
      if (this.#hasAnswer || this.#parts.signal.aborted) break
      await this.#look(control)
    }
    if (this.#parts.signal.aborted) return
    const looked = this.#held.splice(0)
    const hosts = new Set(looked.map(({ resource }) => hostOf(resource)))
    await this.#write(hosts.size >= limits.links.hostsOfNetwork ? looked.map(untold) : looked)
  }

  async #write(all: readonly Looked[]): Promise<void> {
    const { records, clock, onChecked } = this.#parts
    for (const { resource, looks } of all) {
      const now = clock.now()
      // What was known when the run began may be of some minutes ago: another one may have looked since.
      const before = await records.recordOf(resource.id)
      const record = recordAfter(before, looks, resource, { now, chance: chanceOf(resource, now) })
      await records.setRecord(resource.id, record)
      onChecked({ before: linksOf(resource, before), after: linksOf(resource, record) })
    }
  }
}

/** States that tell nothing of a publisher when no other can be reached either. */
function isOfNetwork({ state }: LinkFinding): boolean {
  return ['nameless', 'unreachable', 'slow', 'untold'].includes(state)
}

function untold(looked: Looked): Looked {
  const detail = 'no publisher at all could be reached'
  return {
    ...looked,
    looks: looked.looks.map(({ address }) => ({ address, finding: { state: 'untold', detail } })),
  }
}

function hostOf({ startUrl }: Pick<Resource, 'startUrl'>): string {
  return new URL(startUrl).host
}

/** Where a resource's next time lies in its span of jitter: another place each day, and no dice. */
function chanceOf({ id }: Resource, now: number): number {
  const day = Math.floor(now / 86_400_000)
  return Number.parseInt(hash('sha256', `${id} ${day}`).slice(0, 8), 16) / 0xffffffff
}
