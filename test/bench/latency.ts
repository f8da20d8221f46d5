/**
 * How long one reader waits who is alone: the time that a proxy adds to the origin's own.
 * @module
 */
import type { Effort } from './chapters.ts'
import type { LoadResult } from './load.ts'
import { loadOf, spreadOf } from './measure.ts'
import type { Peer } from './peers.ts'
import { runLoad } from './processes.ts'
import type { Latency, Result } from './result.ts'

const samples = ['html-8k', 'image-20k']
const codings = 'gzip, deflate, br, zstd'

/** Runs the chapter; the first peer is the origin, the second the one that ratios are to. */
export async function aloneOnOneConnection(
  peers: readonly Peer[],
  { rounds, share }: Effort,
): Promise<Result> {
  const latencies: Latency[] = []
  for (const sample of samples) {
    const results: LoadResult[][] = []
    for (let round = 0; round <= rounds; round += 1) {
      const row: LoadResult[] = []
      for (const peer of peers) row.push(await ask(peer, sample, Math.ceil(1500 * share)))
      // The first round warms up.
      if (round > 0) results.push(row)
    }
    latencies.push(...peers.map(({ name }, index) => latencyOf(name, sample, index, results)))
  }
  return { title: 'one connection, one request at a time', rows: [], latencies }
}

function ask(peer: Peer, sample: string, requests: number): Promise<LoadResult> {
  return runLoad(loadOf(peer, { sample, codings, requests, isUnique: false, connections: 1 }))
}

function latencyOf(
  peer: string,
  sample: string,
  index: number,
  results: readonly (readonly LoadResult[])[],
): Latency {
  const of = (figure: (row: readonly LoadResult[]) => number) => spreadOf(results.map(figure))
  return {
    peer,
    sample,
    p50Us: of((row) => p50(row, index) * 1000),
    p99Us: of((row) => (row[index]?.p99Ms ?? 0) * 1000),
    addedRatio: of((row) => (p50(row, index) - p50(row, 0)) / (p50(row, 1) - p50(row, 0))),
  }
}

function p50(row: readonly LoadResult[], at: number): number {
  return row[at]?.p50Ms ?? 0
}
