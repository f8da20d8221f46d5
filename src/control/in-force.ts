/**
 * The rulebook in force in this process: the published set of the store, or the files of the rules
 * folder as long as nothing was published.
 *
 * The store tells of changes, and is asked a few times in a second besides, so that every process has
 * swapped within a second. A swap is one assignment: exchanges in flight end under the rulebook that
 * they began with. A set that is damaged or does not do changes nothing, is told once, and is not
 * tried again before something else is published.
 * @module
 */
import type { GatewayConfig } from '../config/config.ts'
import { timeOrderedId, randomReference, type Clock } from '../core/clock.ts'
import { asGatewayError, GatewayError, isStoreAway } from '../core/errors.ts'
import type { EventBus, RulesEvent } from '../core/events.ts'
import type { Finding } from '../core/findings.ts'
import { limits } from '../core/limits.ts'
import type { LiveOverrides } from '../core/overrides.ts'
import type { Rulebook } from '../core/resource.ts'
import { rulebookOf, withOverrides, type ReadRules } from '../rulebook.ts'
import type { ControlState, ControlStore, SetHead } from '../store/contract.ts'
import { liveAt, overrideOf, type Override, type OverrideWhat } from './overrides.ts'
import { readHead } from './published.ts'

/** What it needs. */
export interface InForceParts {
  readonly config: GatewayConfig
  readonly control: ControlStore
  readonly clock: Clock
  readonly bus: EventBus
  readonly onWarning: (finding: Finding) => void
  /** Called with the `patronKey` of whoever is newly suspended, once that is in force here. */
  readonly onSuspended: (holder: string) => void
  /** Called whenever other rules or overrides have come into force here. */
  readonly onChange: () => void
}

/** What is in force, for metrics. */
export interface ForceFacts {
  /** 0 for the files. */
  readonly version: number
  /** Epoch milliseconds. */
  readonly swappedAt: number
  /** Overrides that hold, by kind. */
  readonly overrides: Readonly<Record<OverrideWhat['kind'], number>>
}

/** The rules in force. */
export interface RulesInForce {
  /** Throws `ERR_INTERNAL` before the start. */
  current(): Rulebook
  /** False while the store has not yet said whether a set was published. */
  isKnown(): boolean
  facts(): ForceFacts
  /**
   * Puts the published set into force, or the files. A store that is away is asked again until it
   * answers: meanwhile the list of databases is that of the files, and nothing is served.
   *
   * @throws {GatewayError} `ERR_RULE`, `ERR_HOST`, `ERR_ADDRESS_RANGE`, `ERR_STORE_DATA`
   */
  start(): Promise<void>
  /**
   * Reads anew what is in force: the files and the networks of this configuration, or the published
   * set with the secrets that its rules name; the answer is its version, 0 for the files. Throws what
   * is wrong, and then nothing has changed.
   */
  reload(config: GatewayConfig): Promise<number>
  stop(): void
}

const noOverrides: LiveOverrides = liveAt([], 0, 'UTC')

/** Nothing was published, or nothing is known. */
const files: SetHead = { version: 0, hash: '' }

/** Makes the holder of a process; nothing is in force before `start`. */
export function holdRules(parts: InForceParts): RulesInForce {
  return new Holder(parts)
}

class Holder implements RulesInForce {
  readonly #parts: InForceParts
  #config: GatewayConfig
  /** The rules without overrides, and with them. */
  #base: Rulebook | undefined
  #rulebook: Rulebook | undefined
  #overrides: readonly Override[] = []
  #live: LiveOverrides = noOverrides
  /** When the next of them ends, and the entry of the log that changed them last. */
  #nextEndAt = Infinity
  #overridesAt = 0
  #isKnown = false
  #head = files
  #swappedAt = 0
  /** The head that was looked at last, good or not. */
  #seen: SetHead | undefined
  /** Where the audit log ended then. */
  #logHead = ''
  #looking: Promise<void> | undefined
  #isAskedAgain = false
  #timer: NodeJS.Timeout | undefined
  #unwatch: (() => void) | undefined

  constructor(parts: InForceParts) {
    this.#parts = parts
    this.#config = parts.config
  }

  current(): Rulebook {
    if (this.#rulebook !== undefined) return this.#rulebook
    throw new GatewayError('ERR_INTERNAL', 'no rules are in force before the start')
  }

  isKnown(): boolean {
    return this.#isKnown
  }

  facts(): ForceFacts {
    const { suspensions, blocks, closures, seats } = this.#live
    return {
      version: this.#head.version,
      swappedAt: this.#swappedAt,
      overrides: {
        suspension: suspensions.size,
        block: blocks.size,
        closure: closures.size,
        seats: seats.size,
      },
    }
  }

  async start(): Promise<void> {
    try {
      const { rules, overridesAt } = await this.#state()
      await this.#readOverrides(overridesAt)
      await this.#begin(rules)
    } catch (error) {
      if (!isStoreAway(error)) throw error
      this.#put(await this.#read(files), files)
      this.#rulebook = withoutHosts(this.current())
    }
    this.#unwatch = this.#parts.control.watch(() => void this.#look())
    this.#wait()
  }

  async reload(config: GatewayConfig): Promise<number> {
    this.#config = config
    const { rules } = await this.#state()
    this.#put(await this.#read(rules), rules)
    this.#know(rules)
    return rules.version
  }

  stop(): void {
    this.#unwatch?.()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /**
   * At the start there is nothing to go on with: of the kept sets the newest one that can be read is
   * what the other processes, which went on with theirs, have in force.
   */
  async #begin(rules: SetHead): Promise<void> {
    const heads = [rules, ...(await this.#parts.control.sets()).filter(isBefore(rules))]
    let first: unknown
    for (const head of heads) {
      try {
        this.#put(await this.#read(head), head)
        if (first !== undefined) this.#tellFailure(rules, first)
        return this.#know(rules)
      } catch (error) {
        if (isStoreAway(error)) throw error
        first ??= error
      }
    }
    throw first
  }

  #know(seen: SetHead): void {
    this.#seen = seen
    this.#isKnown = true
  }

  #wait(): void {
    this.#timer = setTimeout(() => void this.#lookAndWait(), limits.control.pollMs)
    this.#timer.unref()
  }

  async #lookAndWait(): Promise<void> {
    await this.#look()
    if (this.#timer !== undefined) this.#wait()
  }

  /** One look at a time: whoever comes meanwhile makes it look once more. */
  #look(): Promise<void> {
    if (this.#looking !== undefined) {
      this.#isAskedAgain = true
      return this.#looking
    }
    this.#looking = this.#lookOnce().finally(() => {
      this.#looking = undefined
      if (!this.#isAskedAgain) return
      this.#isAskedAgain = false
      void this.#look()
    })
    return this.#looking
  }

  async #lookOnce(): Promise<void> {
    let rules: SetHead | undefined
    try {
      const state = await this.#state()
      rules = state.rules
      await this.#lookAtOverrides(state.overridesAt)
      if (this.#seen !== undefined && isSame(rules, this.#seen)) return
      await (this.#isKnown ? this.#swap(rules) : this.#begin(rules))
    } catch (error) {
      // A store that is away is asked again; other failures last until something else is published.
      if (isStoreAway(error) || rules === undefined) return
      this.#tellFailure(rules, error)
      this.#seen = rules
    }
  }

  async #swap(rules: SetHead): Promise<void> {
    if (rules.version === 0) {
      throw new GatewayError('ERR_STORE_DATA', 'the store has lost the rule set that is in force')
    }
    this.#put(await this.#read(rules), rules)
    this.#seen = rules
  }

  async #state(): Promise<ControlState> {
    const state = await this.#parts.control.state()
    this.#logHead = `${state.log.sequence}:${state.log.hash}`
    return state
  }

  async #lookAtOverrides(overridesAt: number): Promise<void> {
    const isChanged = overridesAt !== this.#overridesAt
    if (isChanged) await this.#readOverrides(overridesAt)
    const isOver = this.#parts.clock.now() >= this.#nextEndAt
    // Before the rules are known nothing is served, whatever overrides say.
    const base = this.#isKnown ? this.#base : undefined
    if (base !== undefined && (isChanged || isOver)) this.#putOver(base)
  }

  /** One that cannot be read is told, and the others hold. */
  async #readOverrides(overridesAt: number): Promise<void> {
    const stored = await this.#parts.control.overrides()
    this.#overrides = stored.map(overrideOf).filter((override) => override !== undefined)
    this.#overridesAt = overridesAt
    const damaged = stored.length - this.#overrides.length
    if (damaged === 0) return
    const message = `${damaged} overrides cannot be read and do not hold`
    this.#tellFailure(this.#head, new GatewayError('ERR_STORE_DATA', message))
  }

  /** Puts the overrides that hold now over the rules, and that into force. */
  #putOver(base: Rulebook): void {
    const { clock, onSuspended, onChange } = this.#parts
    const now = clock.now()
    const live = liveAt(this.#overrides, now, this.#config.institution.timeZone)
    this.#rulebook = withOverrides(base, live)
    const before = this.#live.suspensions
    this.#live = live
    this.#nextEndAt = Math.min(
      ...this.#overrides.map(({ endsAt }) => endsAt).filter((endsAt) => endsAt > now),
      Infinity,
    )
    for (const holder of live.suspensions.keys()) if (!before.has(holder)) onSuspended(holder)
    onChange()
  }

  #read(head: SetHead): Promise<ReadRules> {
    return readHead({ control: this.#parts.control, config: this.#config }, head)
  }

  #put(read: ReadRules, head: SetHead): void {
    const base = rulebookOf(read, this.#config)
    this.#putOver(base)
    this.#base = base
    this.#head = head
    this.#swappedAt = this.#parts.clock.now()
    for (const warning of read.warnings) this.#parts.onWarning(warning)
    if (head.version > 0)
      this.#tell({ outcome: 'in-force', version: head.version, hash: head.hash })
  }

  #tellFailure({ version, hash }: SetHead, error: unknown): void {
    const { code, message } = asGatewayError(error)
    this.#tell({ outcome: 'failed', version, hash, code, message })
  }

  #tell(what: RulesOutcome): void {
    const { bus, clock } = this.#parts
    const at = clock.now()
    const base = { id: timeOrderedId(at), at, reference: randomReference() }
    bus.emit({ kind: 'rules', ...base, logHead: this.#logHead, ...what })
  }
}

type RulesOutcome = Pick<RulesEvent, 'outcome' | 'version' | 'hash' | 'code' | 'message'>

/** Shows what the files say and serves none of it: they may not be what is in force. */
function withoutHosts(rulebook: Rulebook): Rulebook {
  const hosts: Rulebook['hosts'] = {
    ...rulebook.hosts,
    upstreamOf() {
      const message = 'the store has not yet said which rules are in force'
      throw new GatewayError('ERR_STORE_AWAY', message)
    },
  }
  return { ...rulebook, hosts }
}

function isSame(left: SetHead, right: SetHead): boolean {
  return left.version === right.version && left.hash === right.hash
}

function isBefore(head: SetHead): (other: SetHead) => boolean {
  return ({ version }) => version < head.version
}
