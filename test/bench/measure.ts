/**
 * Measuring: every peer once in each round, in turn, so that a slow minute of the machine hits all;
 * figures are medians with their range, comparisons are medians of the ratios within a round.
 * @module
 */
import { get, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'

import type { Ask } from './load.ts'
import type { Peer } from './peers.ts'
import { cpuSeconds, runLoad } from './processes.ts'

/** What is asked of the peers. */
export interface Load {
  readonly sample: string
  /** The Accept-Encoding header. */
  readonly codings: string
  readonly requests: number
  readonly connections: number
  /** Whether every request asks for a URL of its own. */
  readonly isUnique: boolean
}

/** A figure with its spread. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** How one peer did. */
export interface Row {
  readonly peer: string
  /** User and system time of the peer's processes, in milliseconds for one exchange. */
  readonly cpuMs: Spread
  /** Its CPU in proportion to the reference's in the same round. */
  readonly ratio: Spread
  readonly perSecond: Spread
  readonly p50Ms: Spread
  readonly p99Ms: Spread
  /** How the answer was coded, its bytes, and how often the zone stands in it. */
  readonly answer: Sight
}

/** What an answer looks like. */
export interface Sight {
  readonly coding: string
  readonly bytes: number
  readonly rewritten: number
}

/** Runs the rounds; ratios are to the first peer. */
export async function measure(peers: readonly Peer[], load: Load, rounds: number): Promise<Row[]> {
  const sights = new Map<Peer, Sight>()
  for (const peer of peers) {
    sights.set(peer, await look(peer, load))
    await runRound(peer, { ...load, requests: Math.ceil(load.requests / 3) })
  }
  const results: Round[][] = []
  for (let round = 0; round < rounds; round += 1) {
    const row: Round[] = []
    for (const peer of peers) row.push(await runRound(peer, load))
    results.push(row)
  }
  const of = (figure: (row: Round[]) => number) => spreadOf(results.map(figure))
  return peers.map((peer, index) => {
    return {
      peer: peer.name,
      cpuMs: of((row) => row[index]?.cpuMs ?? 0),
      ratio: of((row) => (row[index]?.cpuMs ?? 0) / (row[0]?.cpuMs ?? 1)),
      perSecond: of((row) => row[index]?.perSecond ?? 0),
      p50Ms: of((row) => row[index]?.p50Ms ?? 0),
      p99Ms: of((row) => row[index]?.p99Ms ?? 0),
      answer: sights.get(peer) ?? { coding: '', bytes: 0, rewritten: 0 },
    }
  })
}

/** Median, least and most. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((left, right) => left - right)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return { median, least: sorted[0] ?? 0, most: sorted.at(-1) ?? 0 }
}

/** The readers' words to a peer. */
export function loadOf(peer: Peer, load: Load) {
  const { requests, connections } = load
  return { port: peer.port, requests, connections, asks: [askOf(peer, load)] }
}

/** The words for one thing. */
export function askOf(peer: Peer, load: Pick<Load, 'sample' | 'codings' | 'isUnique'>): Ask {
  const { sample, codings, isUnique } = load
  return { path: `/${sample}`, lines: [...peer.lines, `Accept-Encoding: ${codings}`], isUnique }
}

/** One peer in one round. */
interface Round {
  readonly cpuMs: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

async function runRound(peer: Peer, load: Load): Promise<Round> {
  const before = cpuSeconds(peer.pid)
  const { requests, elapsedMs, p50Ms, p99Ms } = await runLoad(loadOf(peer, load))
  const cpuMs = ((cpuSeconds(peer.pid) - before) * 1000) / requests
  return { cpuMs, p50Ms, p99Ms, perSecond: (requests * 1000) / elapsedMs }
}

const decoders: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  br: brotliDecompressSync,
  gzip: gunzipSync,
  zstd: zstdDecompressSync,
}

async function look(peer: Peer, load: Load): Promise<Sight> {
  const { path, lines } = askOf(peer, load)
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2)))
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port: peer.port, path, headers, agent: false }, resolve).once(
      'error',
      reject,
    )
  })
  const body = await buffer(answer)
  if (answer.statusCode !== 200) throw new Error(`${peer.name} answers ${answer.statusCode}`)
  const coding = answer.headers['content-encoding'] ?? 'identity'
  const plain = decoders[coding]?.(body) ?? body
  const rewritten = plain.toString('latin1').split('.proxy.localhost').length - 1
  return { coding, bytes: body.length, rewritten }
}
