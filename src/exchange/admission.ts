/**
 * Admission: who gets the next connection to a publisher's host.
 *
 * No reader holds more than a share of the connections to one host, so that somebody who lets twenty
 * long downloads trickle takes them from nobody else. Who has to wait waits among the requests of
 * the same reader in the order they came; readers take turns. Each step costs the same however many
 * wait.
 * @module
 */
import { GatewayError } from '../core/errors.ts'
import type { Departure } from './departure.ts'

/** Bounds of one host's admission. */
export interface AdmissionBounds {
  /** Connections to one host. */
  readonly connections: number
  /** Of these for one reader. */
  readonly perReader: number
  /** Requests that wait, in all and of one reader. */
  readonly queued: number
  readonly queuedPerReader: number
  /** Longest wait. */
  readonly waitMs: number
}

/** Who wants a connection to where. */
export interface Applicant {
  readonly origin: string
  /** The host, for messages. */
  readonly authority: string
  /** Requests with the same key are of one reader. */
  readonly reader: string
}

/** Gives a connection back; called once. */
export type GiveBack = () => void

/** One reader at one host. */
interface Party {
  readonly reader: string
  held: number
  /** First come, first served; a set, so that whoever leaves is taken out at once. */
  readonly waiting: Set<Waiter>
}

/** A host that somebody is connected to or waits for. */
interface Gate {
  readonly origin: string
  held: number
  waitingCount: number
  readonly parties: Map<string, Party>
  /** Those who wait and may have one more, in the order of their turns. */
  readonly turns: Set<Party>
}

interface Waiter {
  readonly admit: () => void
}

/** Admits requests to the connections of each host. */
export class Admission {
  readonly #bounds: AdmissionBounds
  readonly #whenReusable: (act: () => void) => void
  readonly #gates = new Map<string, Gate>()

  /**
   * @param whenReusable Acts once a connection that was given back can be used again: whoever is
   *   admitted sooner opens another one.
   */
  constructor(bounds: AdmissionBounds, whenReusable: (act: () => void) => void) {
    this.#bounds = bounds
    this.#whenReusable = whenReusable
  }

  /**
   * Resolves when a connection is free for the applicant.
   *
   * Rejects with `ERR_OVERLOAD` when too many wait or the wait was too long, and with
   * `ERR_READER_LEFT` when the reader leaves meanwhile.
   */
  async enter(applicant: Applicant, departure: Departure): Promise<GiveBack> {
    const { origin, reader, authority } = applicant
    const gate = this.#gateOf(origin)
    const party = gate.parties.get(reader) ?? { reader, held: 0, waiting: new Set() }
    gate.parties.set(reader, party)
    if (this.#isFree(gate, party)) return this.#admit(gate, party)

    const { queued, queuedPerReader } = this.#bounds
    if (gate.waitingCount >= queued || party.waiting.size >= queuedPerReader) {
      const message = `${authority}: ${gate.waitingCount} requests are waiting`
      this.#forgetIdle(gate, party)
      throw new GatewayError('ERR_OVERLOAD', message)
    }
    return await this.#wait(gate, party, applicant, departure)
  }

  #wait(
    gate: Gate,
    party: Party,
    { authority }: Applicant,
    departure: Departure,
  ): Promise<GiveBack> {
    const { promise, resolve, reject } = Promise.withResolvers<GiveBack>()
    const giveUp = (error: GatewayError): void => {
      stop()
      this.#takeOut(gate, party, waiter)
      this.#forgetIdle(gate, party)
      reject(error)
    }
    const timer = setTimeout(() => {
      giveUp(new GatewayError('ERR_OVERLOAD', `${authority}: no free connection`))
    }, this.#bounds.waitMs)
    const stop = (): void => {
      clearTimeout(timer)
      departure.watch(undefined)
    }
    const waiter: Waiter = {
      admit: () => {
        stop()
        this.#takeOut(gate, party, waiter)
        resolve(this.#admit(gate, party))
      },
    }
    party.waiting.add(waiter)
    gate.waitingCount += 1
    if (party.held < this.#bounds.perReader) gate.turns.add(party)
    departure.watch(() => giveUp(new GatewayError('ERR_READER_LEFT', `${authority}: reader left`)))
    return promise
  }

  #isFree(gate: Gate, { held, waiting }: Party): boolean {
    const { connections, perReader } = this.#bounds
    const isFirst = waiting.size === 0 && gate.turns.size === 0
    return isFirst && gate.held < connections && held < perReader
  }

  #admit(gate: Gate, party: Party): GiveBack {
    gate.held += 1
    party.held += 1
    return () => {
      if (gate.waitingCount === 0) this.#free(gate, party)
      else this.#whenReusable(() => this.#free(gate, party))
    }
  }

  #free(gate: Gate, party: Party): void {
    gate.held -= 1
    party.held -= 1
    if (party.waiting.size > 0) gate.turns.add(party)
    this.#serve(gate)
    this.#forgetIdle(gate, party)
  }

  /** Serves whose turn it is, as long as there is something to serve. */
  #serve(gate: Gate): void {
    const { connections, perReader } = this.#bounds
    for (const party of gate.turns) {
      if (gate.held >= connections) return
      const [next] = party.waiting
      next?.admit()
      // Behind all others, or out until a connection of its own is free again.
      gate.turns.delete(party)
      if (party.waiting.size > 0 && party.held < perReader) gate.turns.add(party)
    }
  }

  #takeOut(gate: Gate, party: Party, waiter: Waiter): void {
    if (!party.waiting.delete(waiter)) return
    gate.waitingCount -= 1
    if (party.waiting.size === 0) gate.turns.delete(party)
  }

  #gateOf(origin: string): Gate {
    const known = this.#gates.get(origin)
    if (known !== undefined) return known
    const gate = { origin, held: 0, waitingCount: 0, parties: new Map(), turns: new Set<Party>() }
    this.#gates.set(origin, gate)
    return gate
  }

  #forgetIdle(gate: Gate, party: Party): void {
    if (party.held === 0 && party.waiting.size === 0) gate.parties.delete(party.reader)
    if (gate.parties.size === 0) this.#gates.delete(gate.origin)
  }
}
