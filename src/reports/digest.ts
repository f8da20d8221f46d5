/**
 * A month's figures in the few sums that reports are made of: some hundred numbers in the place of
 * some ten thousand. What is made of many months is made of digests, so that one month at a time is
 * in memory whole.
 *
 * Sessions of the whole library are fewer than the sum over resources, and figures have them by
 * themselves: they are taken from there.
 * @module
 */
import type { DenialReason } from '../core/denials.ts'
import {
  metrics,
  type Figures,
  type ItemFigures,
  type LeftOut,
  type Metric,
  type Period,
  type PersonDimension,
  type PoolFigures,
  type ReaderFigures,
  type TitleFigures,
} from '../core/figures.ts'
import { addCounts, countedIn, placeOf } from '../usage/count-rows.ts'
import { readingRows } from '../usage/figures-text.ts'
import type { Side } from '../usage/sides.ts'
import type { Steps } from '../usage/steps.ts'
import { GroupCounts, togetherKey } from './masking.ts'

/** Numbers by metric; what is absent is 0. */
export type Sums = Readonly<Partial<Record<Metric, number>>>

type MutableSums = Partial<Record<Metric, number>>

/** What use is divided by. */
const dimensions = ['resource', 'category', 'unit', 'site', 'channel', 'hour', 'format'] as const

/** One of what use is divided by; the key of an hour is its number. */
export type Dimension = (typeof dimensions)[number]

/** The sums of a month. */
export interface MonthDigest {
  readonly period: Period
  readonly total: Sums
  /** Groups of persons that are not told of by themselves are one, `togetherKey`. */
  readonly by: Readonly<Record<Dimension, ReadonlyMap<string, Sums>>>
  /** Those groups. */
  readonly hidden: Readonly<Record<PersonDimension, ReadonlySet<string>>>
  /** By resource ('' for the portal), then by reason. */
  readonly denials: ReadonlyMap<string, ReadonlyMap<DenialReason, number>>
  readonly items: readonly ItemFigures[]
  readonly titles: readonly TitleFigures[]
  readonly readers: readonly ReaderFigures[]
  readonly pools: readonly PoolFigures[]
  readonly leftOut: LeftOut
}

/** What goes into a digest. */
export interface DigestScope {
  /** Of one resource alone. */
  readonly resourceId?: string
  /** Whether items are told, which are many. */
  readonly hasItems: boolean
}

/**
 * Reads the digest of a month's document, without making a cell of each of its numbers.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function* readingDigest(
  period: Period,
  text: string,
  { resourceId, hasItems }: DigestScope,
): Steps<MonthDigest> {
  const bySide = new Map<Side, number[]>()
  const byResource = new Map<string, number[]>()
  const byHour = new Map<string, number[]>()
  // Of all resources: what is told of one depends on what is told of the others.
  const groups = new GroupCounts()
  const isMine = (id: string) => resourceId === undefined || id === resourceId
  const rest = yield* readingRows(text, {
    takeCells(side, { resourceId: id, counts }) {
      groups.add(id, side, counts)
      if (!isMine(id)) return
      addCounts(bySide, side, counts, placesOf(id, resourceId))
      if (id !== '') addCounts(byResource, id, counts, allPlaces)
    },
    takeHours({ resourceId: id, beside, counts }) {
      if (isMine(id)) addCounts(byHour, String(beside), counts, placesOf(id, resourceId))
    },
  })
  yield
  const hiddenIn = (by: PersonDimension) => groups.mask(by, rest.readers).of(resourceId ?? '')
  const hidden = { category: hiddenIn('category'), unit: hiddenIn('unit'), site: hiddenIn('site') }
  const told = (by: PersonDimension) =>
    named(together(bySide, (side) => (hidden[by].has(side[by]) ? togetherKey : side[by])))
  return {
    period,
    hidden,
    total: sumsIn(together(bySide, () => '').get('') ?? []),
    by: {
      resource: named(byResource),
      category: told('category'),
      unit: told('unit'),
      site: told('site'),
      channel: named(together(bySide, ({ channel }) => channel)),
      hour: named(byHour),
      // Only what was read has one.
      format: named(together(bySide, ({ format }) => format || undefined)),
    },
    denials: denialsOf(rest, isMine),
    items: hasItems ? rest.items.filter(({ resourceId: id }) => isMine(id)) : [],
    titles: hasItems ? rest.titles.filter(({ resourceId: id }) => isMine(id)) : [],
    readers: rest.readers.filter(({ resourceId: id }) => isMine(id)),
    pools: rest.pools,
    leftOut: rest.leftOut,
  }
}

const allPlaces = [...metrics.keys()]
const ofLibrary = [placeOf('sessions')]
const ofResources = allPlaces.filter((place) => !ofLibrary.includes(place))

/** Which numbers of a resource's row are part of the whole: of the library, or of the one resource. */
function placesOf(id: string, only: string | undefined): readonly number[] {
  if (only !== undefined) return allPlaces
  return id === '' ? ofLibrary : ofResources
}

/** The counts of sides by what they have in common; those without a key are left out. */
function together(
  bySide: ReadonlyMap<Side, readonly number[]>,
  keyOf: (side: Side) => string | undefined,
): Map<string, number[]> {
  const found = new Map<string, number[]>()
  for (const [side, counts] of bySide) {
    const key = keyOf(side)
    if (key !== undefined) addCounts(found, key, counts, allPlaces)
  }
  return found
}

/** The sums of keys that have any. */
function named(counts: ReadonlyMap<string, readonly number[]>): Map<string, Sums> {
  const sums = [...counts].map(([key, own]) => [key, sumsIn(own)] as const)
  return new Map(sums.filter(([, own]) => Object.keys(own).length > 0))
}

function sumsIn(counts: readonly number[]): Sums {
  return Object.fromEntries(countedIn(counts).map(({ metric, count }) => [metric, count]))
}

function denialsOf(
  { denials }: Pick<Figures, 'denials'>,
  isMine: (id: string) => boolean,
): Map<string, Map<DenialReason, number>> {
  const found = new Map<string, Map<DenialReason, number>>()
  for (const { resourceId, reason, count } of denials) {
    if (!isMine(resourceId)) continue
    const reasons = found.get(resourceId) ?? new Map<DenialReason, number>()
    reasons.set(reason, (reasons.get(reason) ?? 0) + count)
    found.set(resourceId, reasons)
  }
  return found
}

/** Numbers of several months together. */
export function sumsOf(all: readonly (Sums | undefined)[]): Sums {
  const sums: MutableSums = {}
  for (const each of all) {
    if (each === undefined) continue
    for (const metric of metrics) {
      const count = each[metric]
      if (count !== undefined) sums[metric] = (sums[metric] ?? 0) + count
    }
  }
  return sums
}
