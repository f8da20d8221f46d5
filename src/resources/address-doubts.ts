/**
 * What is wrong with a resource's own list of addresses.
 * @module
 */
import type { DocumentPath } from '../core/documents.ts'
import { paintRanges } from '../core/intervals.ts'
import { clientRange, rangeOf, winnersFirst } from '../core/ranges.ts'
import type { AddressEntry } from '../core/resource.ts'
import { wideRanges, wideWords } from '../core/wide-ranges.ts'
import type { RuleFindingNumber } from './findings.ts'
import type { NetworkOutline } from './licence-doubts.ts'

/** A finding before its file and line are known. */
interface AddressDoubt {
  readonly number: RuleFindingNumber
  readonly path: DocumentPath
  readonly message: string
}

/** Every doubt about the entries; names are held against the networks if these are known. */
export function addressDoubts(
  entries: readonly AddressEntry[],
  networks?: readonly NetworkOutline[],
): AddressDoubt[] {
  const rangesOf = networks && new Map(networks.map(({ name, ranges }) => [name, ranges]))
  const each = entries.flatMap((entry, index) => entryDoubts(entry, index, rangesOf))
  if (each.length > 0) return each
  return hiddenEntries(entries).map((index) => ({
    number: 'F042',
    path: ['addresses', index],
    message: 'never decides: other entries take all that it names, and win',
  }))
}

type RangesOf = ReadonlyMap<string, readonly string[]>

function entryDoubts(
  { networks, ranges, treatment }: AddressEntry,
  index: number,
  rangesOf: RangesOf | undefined,
): AddressDoubt[] {
  if (networks.length === 0 && ranges.length === 0) {
    const message = 'holds no address, expected networks or ranges'
    return [{ number: 'F040', path: ['addresses', index], message }]
  }
  const unknown = networks.flatMap((name, position): AddressDoubt[] => {
    if (rangesOf?.has(name) ?? true) return []
    const path = ['addresses', index, 'networks', position]
    const known = [...(rangesOf?.keys() ?? [])].join(', ') || 'no name, for there are no networks'
    const message = `found ${JSON.stringify(name)}, which is no network; expected one of ${known}`
    return [{ number: 'F040', path, message }]
  })
  const isAdmitting = treatment === 'auto-login' || treatment === 'direct'
  const wide = (isAdmitting ? wideRanges(ranges) : []).map((each): AddressDoubt => ({
    number: 'F041',
    path: ['addresses', index, 'ranges', each.index],
    message: wideWords(ranges, each),
  }))
  return [...unknown, ...wide]
}

/** Indexes of the entries that name nothing which those that win over them leave to them. */
function hiddenEntries(entries: readonly AddressEntry[]): number[] {
  const winners = winnersFirst(entries)
  const ranges = winners.flatMap((entry) =>
    (entries[entry]?.ranges ?? []).flatMap((text) => {
      const range = rangeOf(text)
      return range === undefined ? [] : [{ ...clientRange(range), entry }]
    }),
  )
  const deciding = new Set(
    paintRanges(ranges).owners.map((owner) =>
      owner === undefined ? undefined : ranges[owner]?.entry,
    ),
  )
  const named = new Set<string>()
  for (const entry of winners) {
    const names = entries[entry]?.networks ?? []
    if (names.some((name) => !named.has(name))) deciding.add(entry)
    for (const name of names) named.add(name)
  }
  return [...entries.keys()].filter((index) => !deciding.has(index))
}
