/**
 * How the networks of a configuration lie over each other: which ranges never decide, and which of two
 * networks decides where both could. n log n for n ranges, so that fifty thousand are a blink.
 *
 * A narrow network below a wide one that it cuts into is what the order is for, and a note; networks
 * that cross, and ranges that never decide, are more likely mistakes.
 * @module
 */
import type { DocumentPath } from '../core/documents.ts'
import { intervalAt, paintRanges, type Intervals } from '../core/intervals.ts'
import { limits } from '../core/limits.ts'
import { clientRange, parseRange, winnersFirst, type AddressRange } from '../core/ranges.ts'
import type { NetworkConfig } from './config.ts'
import type { ConfigFindingNumber } from './findings.ts'

/** A finding before its file and line are known. */
interface NetworkDoubt {
  readonly number: ConfigFindingNumber
  readonly path: DocumentPath
  readonly message: string
}

type Network = Omit<NetworkConfig, 'site'> & { readonly site?: string | undefined }

/** A range with where it stands. */
interface Placed extends AddressRange {
  readonly text: string
  readonly network: number
  readonly position: number
}

/** Every doubt about the ranges, at most `limits.config.networkFindings` of them. */
export function overlapDoubts(networks: readonly Network[]): NetworkDoubt[] {
  const ranges = winnersFirst(networks).flatMap((network) => placedRanges(networks, network))
  const top = paintRanges(ranges)
  const doubts = [...hiddenRanges(ranges, top, networks), ...coverings(ranges, top, networks)]
  const surplus = doubts.length - limits.config.networkFindings
  if (surplus <= 0) return doubts
  const message = `has ${surplus} more overlaps and ranges that never decide`
  const rest: NetworkDoubt = { number: 'C016', path: ['networks'], message }
  return [...doubts.slice(0, limits.config.networkFindings), rest]
}

function placedRanges(networks: readonly Network[], network: number): Placed[] {
  return (networks[network]?.ranges ?? []).map((text, position) => {
    return { ...clientRange(parseRange(text, '')), text, network, position }
  })
}

/** Ranges that own no interval: what covers them is told by the winner of their first address. */
function hiddenRanges(
  ranges: readonly Placed[],
  { edges, owners }: Intervals,
  networks: readonly Network[],
): NetworkDoubt[] {
  const deciding = new Set(owners)
  return ranges.flatMap((range, index): NetworkDoubt[] => {
    if (deciding.has(index)) return []
    const winner = ranges[owners[intervalAt(edges, range.low)] ?? index] ?? range
    return [{ path: pathOf(range), ...hiddenWords(range, winner, networks) }]
  })
}

function hiddenWords(
  range: Placed,
  winner: Placed,
  networks: readonly Network[],
): Pick<NetworkDoubt, 'number' | 'message'> {
  const found = `found ${JSON.stringify(range.text)}`
  if (winner.low === range.low && winner.high === range.high) {
    return { number: 'C017', message: `${found}, which stands in ${nameOf(winner, networks)} too` }
  }
  const isReject = networks[winner.network]?.treatment === 'reject'
  const why = isReject ? 'rejects, which always wins' : 'comes later'
  const reason = winner.network === range.network ? 'holds it as well' : why
  const by = `${JSON.stringify(winner.text)} of ${nameOf(winner, networks)}`
  return { number: 'C015', message: `${found}, which never decides: ${by} ${reason}` }
}

/** Pairs of networks of which one decides in place of the other, each pair once. */
function coverings(
  ranges: readonly Placed[],
  top: Intervals,
  networks: readonly Network[],
): NetworkDoubt[] {
  // Painted the other way round, the one that would decide last is seen below the one that does.
  const bottom = paintRanges(ranges.toReversed())
  const hidden = new Set(ranges.keys()).difference(new Set(top.owners))
  const pairs = new Map<string, NetworkDoubt>()
  for (const [interval, owner] of top.owners.entries()) {
    const below = bottom.owners[interval]
    if (owner === undefined || below === undefined) continue
    const [winner, loser] = [ranges[owner], ranges[ranges.length - 1 - below]]
    if (winner === undefined || loser === undefined) continue
    const isHidden = hidden.has(ranges.length - 1 - below)
    if (isHidden || !differ(networks[winner.network], networks[loser.network])) continue
    const doubt = covering(winner, loser, networks)
    const key = `${winner.network} ${loser.network} ${doubt.number}`
    if (!pairs.has(key)) pairs.set(key, doubt)
  }
  return [...pairs.values()]
}

function covering(winner: Placed, loser: Placed, networks: readonly Network[]): NetworkDoubt {
  const isWithin = loser.low <= winner.low && winner.high <= loser.high
  const decides = `${networks[winner.network]?.treatment} instead of ${networks[loser.network]?.treatment}`
  const other = `${JSON.stringify(loser.text)} of ${nameOf(loser, networks)}`
  return {
    number: isWithin ? 'C018' : 'C016',
    path: pathOf(winner),
    message: isWithin
      ? `found ${JSON.stringify(winner.text)}, an exception to ${other}: ${decides}`
      : `found ${JSON.stringify(winner.text)}, which crosses ${other} and decides where both hold: ${decides}`,
  }
}

/** Whether it matters which of the two decides. */
function differ(one: Network | undefined, other: Network | undefined): boolean {
  return outcomeOf(one) !== outcomeOf(other)
}

function outcomeOf(network: Network | undefined): string {
  if (network === undefined) return ''
  const { site, channel, treatment, category } = network
  return JSON.stringify([site, channel, treatment, treatment === 'auto-login' && category])
}

function nameOf({ network }: Placed, networks: readonly Network[]): string {
  return JSON.stringify(networks[network]?.name)
}

function pathOf({ network, position }: Placed): DocumentPath {
  return ['networks', network, 'ranges', position]
}
