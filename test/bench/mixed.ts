/**
 * How long a small page takes on one connection while eight connections ask for big ones.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises'

import type { Effort } from './chapters.ts'
import { loadOf, spreadOf } from './measure.ts'
import type { Peer } from './peers.ts'
import { runLoad } from './processes.ts'
import type { Result } from './result.ts'

const base = { codings: 'gzip, deflate, br, zstd', isUnique: false }

interface Found {
  readonly p50: number
  readonly p99: number
  readonly big: number
}

/** Runs the chapter; ratios are to the first peer. */
export async function besideBigOnes(
  peers: readonly Peer[],
  { rounds, share }: Effort,
): Promise<Result> {
  const results: Found[][] = []
  // The first round warms up.
  for (let round = 0; round <= rounds; round += 1) {
    const row: Found[] = []
    for (const peer of peers) row.push(await runRound(peer, Math.ceil(240 * share)))
    if (round > 0) results.push(row)
  }
  const of = (figure: (row: Found[]) => number | undefined) =>
    spreadOf(results.map((row) => figure(row) ?? 0))
  const waits = peers.map((peer, index) => ({
    peer: peer.name,
    p50Ms: of((row) => row[index]?.p50),
    p99Ms: of((row) => row[index]?.p99),
    bigPerSecond: of((row) => row[index]?.big),
    p50Ratio: of((row) => (row[index]?.p50 ?? 0) / (row[0]?.p50 ?? 1)),
    p99Ratio: of((row) => (row[index]?.p99 ?? 0) / (row[0]?.p99 ?? 1)),
  }))
  return { title: 'html-8k on one connection while eight ask for html-1m', rows: [], waits }
}

async function runRound(peer: Peer, requests: number): Promise<Found> {
  const big = runLoad(loadOf(peer, { ...base, sample: 'html-1m', requests, connections: 8 }))
  await pause(400)
  const count = peer.name.startsWith('nginx') ? 15 : 150
  const small = await runLoad(
    loadOf(peer, { ...base, sample: 'html-8k', requests: count, connections: 1 }),
  )
  const { elapsedMs } = await big
  return { p50: small.p50Ms, p99: small.p99Ms, big: (requests * 1000) / elapsedMs }
}
