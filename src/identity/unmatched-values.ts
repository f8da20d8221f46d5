/**
 * Groups and units that came with sign-ins and that the table of meanings lacks, gathered for those who
 * keep the table: each value with its provider, how often it was seen and on which day last. No person
 * stands beside them, and a value that names the person themselves never comes here.
 *
 * All processes add to one count for each provider and day, which expires. It is a hint and no record:
 * what a store that is away did not take is lost, and beyond the bounds new values are not noted.
 * @module
 */
import type { ClaimsConfig } from '../config/config.ts'
import { dayIn } from '../core/calendar.ts'
import type { Clock } from '../core/clock.ts'
import { daysAfter } from '../core/days.ts'
import type { EventBus } from '../core/events.ts'
import { limits } from '../core/limits.ts'
import type { RecordStore } from '../store/contract.ts'
import { hasMeaning } from './groups.ts'

/** One value of one provider. */
export interface UnmatchedValue {
  /** Id of the provider. */
  readonly provider: string
  readonly value: string
  /** Sign-ins that told it within the days that are kept. */
  readonly times: number
  /** ISO day, by the institution's clock. */
  readonly lastOn: string
}

/** What is gathered. */
export interface UnmatchedValues {
  /** Those that still mean nothing, the most frequent first. May reject with `ERR_STORE_AWAY`. */
  list(): Promise<readonly UnmatchedValue[]>
  /** Hands on what this process has seen. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/** What it needs. */
export interface UnmatchedParts {
  readonly records: Pick<RecordStore, 'count' | 'readFields'>
  readonly clock: Clock
  readonly bus: EventBus
  readonly timeZone: string
  readonly providers: readonly {
    readonly id: string
    readonly claims: Pick<ClaimsConfig, 'values'>
  }[]
}

const dayMs = 86_400_000
const bounds = limits.identity.unmatched

/** Listens to sign-ins. */
export function gatherUnmatched(parts: UnmatchedParts): UnmatchedValues {
  const { bus, providers } = parts
  const pending = new Map(providers.map(({ id }) => [id, new Map<string, number>()]))
  let timer: NodeJS.Timeout | undefined

  bus.listen((event) => {
    if (event.kind !== 'sign-in' || event.unmatched === undefined) return
    const seen = pending.get(event.provider ?? '')
    if (seen === undefined) return
    for (const value of event.unmatched.filter(({ length }) => length <= bounds.chars)) {
      addBounded(seen, value, 1)
    }
    timer ??= setTimeout(() => void flush(), bounds.flushMs).unref()
  })

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const taken = [...pending].map(([id, seen]) => [id, new Map(seen)] as const)
    for (const seen of pending.values()) seen.clear()
    await Promise.all(
      taken
        .filter(([, seen]) => seen.size > 0)
        // A hint is not worth an error of its own: a store that is away tells of itself.
        .map(([id, seen]) => add(id, seen, parts).catch(() => undefined)),
    )
  }

  return { list: () => listAll(parts), flush, stop: flush }
}

/** Two processes that add at once may pass the bound by what one of them brings. */
async function add(
  provider: string,
  seen: ReadonlyMap<string, number>,
  { records, clock, timeZone }: UnmatchedParts,
): Promise<void> {
  const key = keyOf(provider, dayIn(timeZone, clock.now()))
  const lifetimeMs = (bounds.days + 1) * dayMs
  const { counts } = await records.count(key, new Map(), lifetimeMs)
  const all = new Map(counts)
  const added = [...seen].filter(([value, times]) => addBounded(all, value, times))
  await records.count(key, new Map(added), lifetimeMs)
}

/** Whether there was room. */
function addBounded(counts: Map<string, number>, value: string, times: number): boolean {
  const before = counts.get(value)
  if (before === undefined && counts.size >= bounds.values) return false
  counts.set(value, (before ?? 0) + times)
  return true
}

async function listAll(parts: UnmatchedParts): Promise<readonly UnmatchedValue[]> {
  const { clock, timeZone, providers } = parts
  const todayOn = dayIn(timeZone, clock.now())
  const days = Array.from({ length: bounds.days }, (_, index) => daysAfter(todayOn, -index))
  const lists = await Promise.all(
    providers.map(async ({ id, claims }) => {
      const found = await ofProvider(id, days, parts)
      // Somebody may have given it a meaning since.
      return found.filter(({ value }) => !hasMeaning(value, claims))
    }),
  )
  return lists.flat().toSorted((one, other) => other.times - one.times)
}

/** Adds up the days, the latest of which comes first. */
async function ofProvider(
  provider: string,
  days: readonly string[],
  { records }: UnmatchedParts,
): Promise<UnmatchedValue[]> {
  const counts = await Promise.all(days.map((on) => records.readFields(keyOf(provider, on))))
  const found = new Map<string, UnmatchedValue>()
  for (const [index, fields] of counts.entries()) {
    for (const [value, count] of fields) {
      const { times = 0, lastOn = days[index] ?? '' } = found.get(value) ?? {}
      found.set(value, { provider, value, times: times + Number(count), lastOn })
    }
  }
  return [...found.values()]
}

/** Both come from the configuration and the clock. */
function keyOf(provider: string, on: string): string {
  return `unmatched:${provider}:${on}`
}
