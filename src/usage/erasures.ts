/**
 * Whose records were erased, so that what was recorded of them before and comes later, out of the spool
 * of a gateway whose store was away, is cut loose from them as well.
 *
 * A hash of each pseudonym is kept with the time of the erasure, no longer than the events themselves:
 * what is older than those is not taken. Erasing writes it before it looks for events, and the recorder
 * looks at it before and after it hands events in, so that one of them finds each event.
 * @module
 */
import { hash } from 'node:crypto'

import { limits } from '../core/limits.ts'
import type { RecordStore, StoredEvent, UsageStore } from '../store/contract.ts'
import { anonymousBody, createStranger, personIn, type Stranger } from './anonymous-event.ts'

/** What was erased until when, epoch milliseconds, by hash of the pseudonym. */
type Erased = ReadonlyMap<string, number>

/** Erasures of a store. */
export interface Erasures {
  /** Remembers that what carries these pseudonyms, and was recorded until then, is erased. */
  remember(pseudonyms: Iterable<string>, erasedAt: number): Promise<void>
  /**
   * Hands events in, those that are erased without what leads to anybody; answers how many came too late
   * to be taken. Safe to repeat.
   */
  append(events: readonly StoredEvent[]): Promise<number>
}

/** What erasures are kept in. */
export interface ErasureParts {
  readonly records: Pick<RecordStore, 'readFields' | 'writeFields'>
  readonly usage: Pick<UsageStore, 'append' | 'replace'>
  /** How long events are kept. */
  readonly keepMs: number
}

const key = 'usage-erased'

/** Opens the erasures of a store. */
export function createErasures({ records, usage, keepMs }: ErasureParts): Erasures {
  const stranger = createStranger()

  async function read(): Promise<Erased> {
    const fields = await records.readFields(key)
    return new Map([...fields].map(([mark, at]) => [mark, Number(at)]))
  }

  return {
    async remember(pseudonyms, erasedAt) {
      const before = [...(await read())].toSorted(([, one], [, other]) => other - one)
      const isOld = ([, at]: readonly [string, number], place: number) =>
        at < erasedAt - keepMs || place >= limits.usage.erasedMarks
      const fields = new Map<string, string | undefined>(
        before.filter(isOld).map(([mark]) => [mark, undefined]),
      )
      for (const pseudonym of pseudonyms) fields.set(markOf(pseudonym), String(erasedAt))
      await records.writeFields(key, fields, keepMs)
    },
    async append(events) {
      const known = await read()
      const before = events.map((event) => cutLoose(event, known, stranger))
      const late = await usage.append(events.map((event, place) => before[place] ?? event))
      const now = await read()
      const after = isSame(known, now)
        ? before
        : events.map((each) => cutLoose(each, now, stranger))
      // One that was taken before its erasure, by an attempt that broke off, is left as it was by the next.
      const erased = after.filter((event) => event !== undefined)
      if (erased.length > 0) await usage.replace(erased)
      return late
    },
  }
}

/** The event without what leads to anybody; undefined for one that was not erased. */
function cutLoose(event: StoredEvent, erased: Erased, stranger: Stranger): StoredEvent | undefined {
  if (erased.size === 0) return undefined
  const person = personIn(event.body)
  const erasedAt = person === undefined ? undefined : erased.get(markOf(person))
  if (erasedAt === undefined || event.at > erasedAt + limits.usage.erasedSlackMs) return undefined
  return { ...event, body: anonymousBody(event.body, stranger) }
}

function isSame(one: Erased, other: Erased): boolean {
  return one.size === other.size && [...other].every(([mark, at]) => one.get(mark) === at)
}

/** Not the pseudonym itself, which nothing is to carry any more. */
function markOf(pseudonym: string): string {
  return hash('sha256', `erased\n${pseudonym}`, 'base64url').slice(0, 22)
}
