/**
 * Changes of licence terms in words: seats, dates, who may read and where.
 * @module
 */
import { limits } from '../core/limits.ts'
import type { FairUse, LicenceTerms } from '../core/licence.ts'
import type { Resource } from '../core/resource.ts'
import { counted, listDifference, listed, type Change } from './words.ts'

/** Both licences of a resource. */
interface Pair {
  readonly id: string
  readonly was: LicenceTerms
  readonly is: LicenceTerms
}

/** Every change of the terms. */
export function licenceChanges(was: Resource, is: Resource): Change[] {
  const pair = { id: is.id, was: was.licence, is: is.licence }
  return [...seatChanges(pair), ...readerChanges(pair), ...termChanges(pair)]
}

function seatChanges({ id, was, is }: Pair): Change[] {
  if (was.seats === is.seats) return []
  if (was.seats === undefined) {
    const line = `limits ${id} to ${counted(is.seats ?? 0, 'seat')}`
    return [{ line, counts: { 'limits|resource': 1 } }]
  }
  if (is.seats === undefined) {
    const line = `lifts the limit of ${counted(was.seats, 'seat')} of ${id}`
    return [{ line, counts: { 'lifts the limit of|resource': 1 } }]
  }
  const more = is.seats - was.seats
  const now = `(${was.seats} before, ${is.seats} now)`
  return more > 0
    ? [{ line: `adds ${counted(more, 'seat')} to ${id} ${now}`, counts: { 'adds|seat': more } }]
    : [
        {
          line: `takes ${counted(-more, 'seat')} from ${id} ${now}`,
          counts: { 'takes|seat': -more },
        },
      ]
}

function readerChanges({ id, was, is }: Pair): Change[] {
  const { gone, come } = listDifference(readersOf(was), readersOf(is))
  const lines = [
    come.length === 0 ? '' : `gives access to ${listed(come)} for ${id}`,
    gone.length === 0 ? '' : `ends access for ${listed(gone)} to ${id}`,
  ].filter((line) => line !== '')
  // Both are one change of the readers.
  return lines.map((line, index) => ({
    line,
    counts: index === 0 ? { 'changes the readers of|resource': 1 } : {},
  }))
}

function readersOf({ categories, groups }: LicenceTerms): string[] {
  return [...categories, ...groups.map((group) => `group ${group}`)]
}

/** How each other term is told; one that is not named here is told by its name alone. */
const terms: ReadonlyMap<string, (licence: LicenceTerms) => string> = new Map(
  Object.entries({
    fromOn: ({ fromOn }) => (fromOn === undefined ? 'begins at once' : `begins on ${fromOn}`),
    untilOn: ({ untilOn }) => (untilOn === undefined ? 'has no end' : `ends on ${untilOn}`),
    graceDays: ({ graceDays }) => `has ${counted(graceDays, 'day')} of grace`,
    units: ({ units }) => `is for ${units === undefined ? 'all units' : listed(units)}`,
    remote: ({ remote }) => remoteWords[remote],
    sites: ({ sites }) => `names ${sites.length === 0 ? 'no site' : listed(sites)}`,
    networks: ({ networks }) => `names ${networks === undefined ? 'no network' : listed(networks)}`,
    pool: ({ pool }) => `takes seats from the pool ${pool}`,
    seatIdleSeconds: ({ seatIdleSeconds }) =>
      `frees seats after ${counted(seatIdleSeconds / 60, 'idle minute')}`,
    seatGraceSeconds: ({ seatGraceSeconds = limits.policy.seatGraceMs / 1000 }) =>
      `frees seats ${counted(seatGraceSeconds, 'second')} after the last page is closed`,
    fairUse: ({ fairUse }) => (fairUse === undefined ? 'has no fair use' : fairUseWords(fairUse)),
  } satisfies Partial<Record<keyof LicenceTerms, (licence: LicenceTerms) => string>>),
)

const remoteWords = {
  anywhere: 'is read from anywhere',
  on_site_only: 'is read inside the library only',
  listed_sites: 'is read at the listed sites only',
  listed_networks: 'is read in the listed networks only',
} as const satisfies Record<LicenceTerms['remote'], string>

function fairUseWords({ items, bytes, per, mode }: FairUse): string {
  const amounts = [
    ...(items === undefined ? [] : [counted(items, 'item')]),
    ...(bytes === undefined ? [] : [counted(bytes, 'byte')]),
  ]
  return `has a fair use of ${amounts.join(' and ')} a ${per} (${mode})`
}

/** Told by the functions above. */
const toldBefore = new Set(['seats', 'categories', 'groups'])

function termChanges({ id, was, is }: Pair): Change[] {
  const [before, after] = [entries(was), entries(is)]
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => !toldBefore.has(name),
  )
  return names
    .filter((name) => JSON.stringify(before.get(name)) !== JSON.stringify(after.get(name)))
    .map((name) => {
      const words = terms.get(name)
      const line =
        words === undefined
          ? `changes licence.${name} of ${id}`
          : `${id} ${words(is)} (before: ${words(was)})`
      return { line, counts: { 'changes|licence term': 1 } }
    })
}

function entries(licence: LicenceTerms): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(Object.entries(licence))
}
