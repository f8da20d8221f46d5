/**
 * Changes of networks in words: what an address alone decides.
 * @module
 */
import type { NetworkConfig } from '../config/config.ts'
import { counted, listDifference, listed, type Change } from './words.ts'

/** Every change; networks are known by their names. */
export function networkChanges(
  before: readonly NetworkConfig[],
  after: readonly NetworkConfig[],
): Change[] {
  const old = new Map(before.map((network) => [network.name, network]))
  const kept = new Set(after.map(({ name }) => name))
  const changes = [
    ...before
      .filter(({ name }) => !kept.has(name))
      .map(({ name }) => ({
        line: `removes the network ${name}`,
        counts: { 'removes|network': 1 },
      })),
    ...after.flatMap((network) => {
      const was = old.get(network.name)
      return was === undefined ? [added(network)] : changesOf(was, network)
    }),
  ]
  return isReordered(before, after) ? [...changes, reordered] : changes
}

function added({ name, ranges, channel, treatment, category, site }: NetworkConfig): Change {
  const as = treatment === 'auto-login' ? `${treatment} as ${category}` : treatment
  const where = site === undefined ? channel : `${channel}, ${site}`
  const line = `adds the network ${name}: ${counted(ranges.length, 'range')}, ${where}, ${as}`
  return { line, counts: { 'adds|network': 1 } }
}

function changesOf(was: NetworkConfig, is: NetworkConfig): Change[] {
  const { gone, come } = listDifference(was.ranges, is.ranges)
  return [
    ...rangeLine('takes', come, 'into', is.name),
    ...rangeLine('takes', gone, 'out of', is.name),
    ...(['site', 'channel', 'treatment', 'category'] as const)
      .filter((setting) => was[setting] !== is[setting])
      .map((setting) => ({
        line: `the network ${is.name} has ${setting} ${is[setting] ?? 'none'} instead of ${was[setting] ?? 'none'}`,
        counts: { 'changes|network': 1 },
      })),
  ]
}

function rangeLine(
  verb: string,
  ranges: readonly string[],
  direction: 'into' | 'out of',
  name: string,
): Change[] {
  if (ranges.length === 0) return []
  const line = `${verb} ${counted(ranges.length, 'range')} ${direction} the network ${name}: ${listed(ranges)}`
  return [
    { line, counts: { [`${direction === 'into' ? 'adds' : 'removes'}|range`]: ranges.length } },
  ]
}

const reordered: Change = {
  line: 'puts networks into another order: of those that overlap, the last one counts',
  counts: { 'reorders|network list': 1 },
}

function isReordered(before: readonly NetworkConfig[], after: readonly NetworkConfig[]): boolean {
  return namesIn(before, after).join('\n') !== namesIn(after, before).join('\n')
}

/** Names in the order of the first list, of those that are in both. */
function namesIn(list: readonly NetworkConfig[], other: readonly NetworkConfig[]): string[] {
  return list
    .map(({ name }) => name)
    .filter((name) => other.some((network) => network.name === name))
}
