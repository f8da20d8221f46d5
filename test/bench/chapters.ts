/**
 * What is measured, chapter by chapter, and among whom. The first peer of a chapter is the one that
 * all ratios are to.
 * @module
 */
import { measure, loadOf, spreadOf, type Load, type Row, type Spread } from './measure.ts'
import type { Peer, PeerName } from './peers.ts'
import { runLoad } from './processes.ts'

/** One chapter. */
export interface Chapter {
  readonly name: string
  readonly peers: readonly PeerName[]
  run(peers: readonly Peer[], effort: Effort): Promise<Result>
}

/** How much is done. */
export interface Effort {
  readonly rounds: number
  /** Share of the requests of a full run. */
  readonly share: number
}

/** What came of a chapter. */
export interface Result {
  readonly title: string
  readonly rows: readonly Row[]
  readonly waits?: readonly Wait[]
}

/** How long a small page takes beside big ones. */
export interface Wait {
  readonly peer: string
  readonly p50Ms: Spread
  readonly p99Ms: Spread
  readonly bigPerSecond: Spread
}

/** What browsers send over TLS, and what clients do that know only the oldest coding. */
const modern = 'gzip, deflate, br, zstd'
const rewriting = [
  'nginx-two-hops',
  'nginx-identity',
  'apache-substitute',
  'darbaza',
] as const satisfies readonly PeerName[]

/** Requests of a round: about a second of the slower peers. */
const counts: Readonly<Record<string, number>> = {
  'html-8k': 4000,
  'html-120k': 600,
  'html-1m': 80,
  'bundle-500k': 120,
  'style-100k': 700,
  'api-50k': 1500,
  'clean-500k': 200,
  'paper-5m': 60,
}

interface Variant {
  readonly codings?: string
  readonly isUnique?: boolean
  readonly peers?: readonly PeerName[]
  readonly title?: string
}

function chapter(name: string, sample: string, variant: Variant = {}): Chapter {
  const { codings = modern, isUnique = false, peers = rewriting } = variant
  return {
    name,
    peers,
    async run(found, { rounds, share }) {
      const requests = Math.ceil((counts[sample] ?? 100) * share)
      const load: Load = { sample, codings, requests, isUnique, connections: 16 }
      const rows = await measure(found, load, rounds)
      return { title: variant.title ?? `${sample}, the client takes ${codings}`, rows }
    },
  }
}

const untouched = ['node-http-untouched', 'undici-untouched', 'nginx-untouched', 'darbaza'] as const

/** All chapters, in order. */
export const chapters: readonly Chapter[] = [
  chapter('html-8k', 'html-8k'),
  chapter('html-120k', 'html-120k', {
    peers: [...rewriting, 'apache-proxy-html', 'nginx-100-hosts'],
  }),
  chapter('html-120k-br', 'html-120k', { codings: 'gzip, deflate, br' }),
  chapter('html-120k-gzip', 'html-120k', { codings: 'gzip' }),
  chapter('html-1m', 'html-1m'),
  chapter('html-1m-gzip', 'html-1m', { codings: 'gzip' }),
  chapter('bundle-500k', 'bundle-500k'),
  chapter('style-100k', 'style-100k'),
  chapter('api-50k', 'api-50k'),
  chapter('clean', 'clean-500k', {
    isUnique: true,
    title: 'clean-500k, no known host in it, each URL asked for the first time',
  }),
  chapter('clean-again', 'clean-500k', { title: 'clean-500k, seen before' }),
  chapter('paper-5m', 'paper-5m', { peers: untouched, title: 'paper-5m, untouched' }),
  chapter('hosts', 'html-120k', {
    peers: ['darbaza', 'darbaza-5000-hosts'],
    title: 'html-120k, 10 and 5000 hosts',
  }),
  {
    name: 'mixed',
    peers: ['nginx-two-hops', 'darbaza'],
    run: besideBigOnes,
  },
]

/** A small page on one connection while eight connections ask for big ones. */
async function besideBigOnes(peers: readonly Peer[], { rounds, share }: Effort): Promise<Result> {
  const results = new Map(
    peers.map((peer) => [peer.name, [] as { p50: number; p99: number; big: number }[]]),
  )
  const base = { codings: modern, isUnique: false }
  for (let round = 0; round <= rounds; round += 1) {
    for (const peer of peers) {
      const requests = Math.ceil(240 * share)
      const big = runLoad(loadOf(peer, { ...base, sample: 'html-1m', requests, connections: 8 }))
      await new Promise((resolve) => setTimeout(resolve, 400))
      const count = peer.name.startsWith('nginx') ? 15 : 150
      const small = await runLoad(
        loadOf(peer, { ...base, sample: 'html-8k', requests: count, connections: 1 }),
      )
      const { elapsedMs } = await big
      // The first round warms up.
      if (round === 0) continue
      const perSecond = (requests * 1000) / elapsedMs
      results.get(peer.name)?.push({ p50: small.p50Ms, p99: small.p99Ms, big: perSecond })
    }
  }
  const waits = [...results].map(([peer, found]) => ({
    peer,
    p50Ms: spreadOf(found.map(({ p50 }) => p50)),
    p99Ms: spreadOf(found.map(({ p99 }) => p99)),
    bigPerSecond: spreadOf(found.map(({ big }) => big)),
  }))
  return { title: 'html-8k on one connection while eight ask for html-1m', rows: [], waits }
}
