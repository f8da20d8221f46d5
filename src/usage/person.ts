/**
 * What usage records keep of one person: told to them on request, or cut loose from them for good.
 *
 * Whoever has the key can make the pseudonyms of a person whom they name, and find what carries
 * them; nobody can go the other way. To erase puts random pseudonyms in their place, the same for
 * the same within what is erased, so that every figure stays as it is.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { Patron } from '../core/types.ts'
import type { FiguresDocument, Store, StoredEvent } from '../store/contract.ts'
import {
  anonymousBody,
  createStranger,
  factsOf,
  type Marked,
  type Stranger,
} from './anonymous-event.ts'
import { createErasures } from './erasures.ts'
import { personChars } from './readers-text.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** Where to look, and for whom. */
export interface PersonParts {
  readonly store: Pick<Store, 'usage' | 'figures' | 'records'>
  readonly pseudonyms: Pseudonyms
  readonly clock: Clock
  readonly person: Pick<Patron, 'issuer' | 'subject'>
  /** How long events are kept. */
  readonly keepMs: number
}

/** An event that is somebody's. */
export interface PersonEvent extends StoredEvent {
  readonly facts: Marked
}

/** Every event of the person, in order of time. */
export async function* eventsOfPerson(parts: PersonParts): AsyncGenerator<PersonEvent> {
  const { pseudonyms, person } = parts
  for await (const event of storedEvents(parts)) {
    const isTheirs = event.body.includes(pseudonyms.person(person, pseudonyms.periodOf(event.at)))
    if (isTheirs) yield { ...event, facts: factsOf(event.body) }
  }
}

/** How much was cut loose. */
export interface Erasure {
  readonly events: number
  /** Lists of readers, of days and months. */
  readonly lists: number
}

/**
 * Cuts everything loose, and looks again until nothing is left that could have come meanwhile. What
 * other gateways still have on disk is cut loose when it comes.
 */
export async function erasePerson(parts: PersonParts): Promise<Erasure> {
  const stranger = createStranger()
  const { records, usage } = parts.store
  const now = parts.clock.now()
  await createErasures({ records, usage, keepMs: parts.keepMs }).remember(pseudonymsOf(parts), now)
  let erased: Erasure = { events: 0, lists: 0 }
  for (let round = 0; round < limits.usage.eraseRounds; round++) {
    const events = await eraseEvents(parts, stranger)
    const lists = await eraseLists(parts, stranger)
    erased = { events: erased.events + events, lists: erased.lists + lists }
    if (events + lists === 0) break
  }
  return erased
}

/** Those of the person in every period of which events may be kept. */
function pseudonymsOf({ pseudonyms, person, clock, keepMs }: PersonParts): Set<string> {
  const periods = new Set<string>()
  const now = clock.now()
  for (let at = now - keepMs; at < now; at += 28 * 86_400_000) periods.add(pseudonyms.periodOf(at))
  periods.add(pseudonyms.periodOf(now))
  return new Set([...periods].map((period) => pseudonyms.person(person, period)))
}

async function eraseEvents(parts: PersonParts, stranger: Stranger) {
  const { usage } = parts.store
  let batch: { id: string; body: string }[] = []
  let count = 0
  for await (const { id, body } of eventsOfPerson(parts)) {
    batch.push({ id, body: anonymousBody(body, stranger) })
    count++
    if (batch.length < limits.usage.batchEvents) continue
    await usage.replace(batch)
    batch = []
  }
  await usage.replace(batch)
  return count
}

async function eraseLists(parts: PersonParts, stranger: Stranger) {
  const { store, pseudonyms, person } = parts
  const changed: FiguresDocument[] = []
  for (const kind of ['day-readers', 'month-readers'] as const) {
    for (const period of (await store.figures.madeFrom(kind)).keys()) {
      const [document] = await store.figures.read(kind, period, period)
      const own = pseudonyms.person(person, pseudonyms.periodWith(period))
      const [before, after] = [own, stranger(own)].map((text) => `"${text.slice(0, personChars)}"`)
      if (document === undefined || before === undefined || after === undefined) continue
      if (!document.body.includes(before)) continue
      changed.push({ ...document, body: document.body.replace(before, after) })
    }
  }
  await store.figures.write(changed)
  return changed.length
}

async function* storedEvents({ store, clock }: PersonParts): AsyncGenerator<StoredEvent> {
  const range = { fromAt: await store.usage.keptFrom(), toAt: clock.now() + 86_400_000 }
  const count = limits.usage.batchEvents
  let afterId: string | undefined
  for (;;) {
    const after = afterId === undefined ? {} : { afterId }
    const page = await store.usage.read({ ...range, count, ...after })
    yield* page
    afterId = page.at(-1)?.id
    if (page.length < count) return
  }
}
