/**
 * What usage costs an exchange: a gateway as it is and one without usage, side by side, asked by turns for
 * a part of a second each, so that whatever else the machine does hits both alike. A round has processes
 * of its own, since no two of them are compiled alike; its figure is the median of its pairs.
 * @module
 */
import type { ChapterGround, Effort } from './chapters.ts'
import type { Ask } from './load.ts'
import { askOf, spreadOf } from './measure.ts'
import type { Peer } from './peers.ts'
import { cpuNanoseconds, runLoad } from './processes.ts'
import type { Result } from './result.ts'
import { measureEvents } from './usage-alone.ts'

/** The one that is, and the one that it is compared with. */
export const usagePeers = ['darbaza', 'darbaza-without-usage'] as const

const codings = 'gzip, deflate, br, zstd'
const connections = 16
/** Of the exchanges of a turn: a fifth of a second. */
const requests = 480
const turnsOfRound = 17
const warmUp = 4000

/** A new page, and the scripts, sheets and pictures that a browser does not have yet; they stay the same. */
const visit: readonly (readonly [sample: string, destination: string, count: number])[] = [
  ['html-8k', 'document', 1],
  ['script-20k', 'script', 5],
  ['style-20k', 'style', 2],
  ['image-20k', 'image', 8],
]

/** What is asked for by each load. */
const loads: Readonly<Record<'page' | 'visit', (peer: Peer) => Ask[]>> = {
  page: (peer) => asksFor(peer, visit.slice(0, 1)),
  visit: (peer) => asksFor(peer, visit),
}
type LoadName = keyof typeof loads

function asksFor(peer: Peer, parts: typeof visit): Ask[] {
  return parts.flatMap(([sample, destination, count]) => {
    const ask = askOf(peer, { sample, codings, isUnique: destination === 'document' })
    const lines = [...ask.lines, `Sec-Fetch-Dest: ${destination}`]
    return Array.from({ length: count }, () => ({ ...ask, lines }))
  })
}

interface Pair {
  readonly withUsage: number
  readonly without: number
}

/** Tells of each turn of a peer the microseconds of CPU for one exchange. */
function turnsOf(peer: Peer, load: LoadName): (count: number) => Promise<number> {
  let told = cpuNanoseconds(peer.pid)
  return async (count) => {
    await runLoad({ port: peer.port, asks: loads[load](peer), requests: count, connections })
    // Since the end of the turn before: what the recorder does a moment later counts as well.
    const since = told
    told = cpuNanoseconds(peer.pid)
    return (told - since) / count / 1000
  }
}

async function pairsOf(peers: readonly [Peer, Peer], load: LoadName, count: number) {
  const [own, other] = [turnsOf(peers[0], load), turnsOf(peers[1], load)]
  for (const warm of [own, other]) await warm(warmUp)
  const pairs: Pair[] = []
  for (let number = 0; number < count; number++) {
    // By turns the one and the other comes first.
    const isFirst = number % 2 === 0
    const early = await (isFirst ? own : other)(requests)
    const late = await (isFirst ? other : own)(requests)
    pairs.push(isFirst ? { withUsage: early, without: late } : { withUsage: late, without: early })
  }
  // The first pair pays for what the warm-up has left over.
  return pairs.slice(1)
}

interface Round {
  readonly ratio: number
  readonly addedUs: number
  readonly wholeUs: number
}

function roundOf(pairs: readonly Pair[]): Round {
  const of = (figure: (pair: Pair) => number) => spreadOf(pairs.map(figure)).median
  return {
    ratio: of(({ withUsage, without }) => withUsage / without),
    addedUs: of(({ withUsage, without }) => withUsage - without),
    wholeUs: of(({ without }) => without),
  }
}

/** The ratios of both loads; nothing when one of the two was left out. */
export async function measureUsage(
  { fresh }: ChapterGround,
  { rounds, share }: Effort,
): Promise<Result> {
  const found: Record<LoadName, Round[]> = { page: [], visit: [] }
  for (let round = 0; round < rounds; round++) {
    const [own, other] = [await fresh(usagePeers[0]), await fresh(usagePeers[1])]
    try {
      if (own === undefined || other === undefined) break
      for (const load of ['page', 'visit'] as const) {
        const pairs = await pairsOf([own, other], load, Math.ceil(turnsOfRound * share))
        found[load].push(roundOf(pairs))
      }
    } finally {
      await own?.close()
      await other?.close()
    }
  }
  return {
    title:
      'usage: a new html-8k with a citation in it; a visit of 16 exchanges; with usage and without',
    rows: [],
    costs: [
      ...(['page', 'visit'] as const).flatMap((load) => costsOf(load, found[load])),
      ...(await measureEvents({ rounds, share })),
    ],
  }
}

function costsOf(load: LoadName, rounds: readonly Round[]) {
  if (rounds.length === 0) return []
  const of = (what: string, figure: (round: Round) => number) => ({
    what: `${load}: ${what}`,
    cost: spreadOf(rounds.map(figure)),
  })
  return [
    of('with usage to without', ({ ratio }) => ratio),
    of('added to an exchange, us', ({ addedUs }) => addedUs),
    of('an exchange without, us', ({ wholeUs }) => wholeUs),
  ]
}
