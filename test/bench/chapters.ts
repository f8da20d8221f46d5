/**
 * What is measured, chapter by chapter, among whom, and what is to be reached. The first peer of a
 * chapter is the one that all ratios are to.
 * @module
 */
import { aloneOnOneConnection } from './latency.ts'
import { measure, type Load } from './measure.ts'
import { measureMemory } from './memory.ts'
import { besideBigOnes } from './mixed.ts'
import type { Peer, PeerName } from './peers.ts'
import { hasPython } from './processes.ts'
import { costGoal, cpuGoal, memoryGoal, waitGoal, type Goal, type Result } from './result.ts'
import { measureStages } from './stages.ts'
import { measureUsage, usagePeers } from './usage-cost.ts'
import { measureFigures } from './usage.ts'

/** One chapter. */
export interface Chapter {
  readonly name: string
  readonly peers: readonly PeerName[]
  readonly goals: readonly Goal[]
  run(ground: ChapterGround, effort: Effort): Promise<Result>
}

/** The peers of a chapter: all of them running, or one made anew. */
export interface ChapterGround {
  peers(): Promise<readonly Peer[]>
  fresh(name: string): Promise<Peer | undefined>
}

/** How much is done. */
export interface Effort {
  readonly rounds: number
  /** Share of the requests of a full run. */
  readonly share: number
}

/** What browsers send over TLS, and what clients do that know only the oldest coding. */
const modern = 'gzip, deflate, br, zstd'
const rewriting = [
  'nginx-two-hops',
  'nginx-identity',
  'apache-substitute',
  'darbaza',
] as const satisfies readonly PeerName[]
const besideNginx = ['nginx-two-hops', 'darbaza'] as const
const untouched = [
  'http-proxy',
  'node-http-untouched',
  'undici-untouched',
  'nginx-untouched',
  'darbaza',
] as const

/** Requests of a round: about a second of the slower peers. */
const counts: Readonly<Record<string, number>> = {
  'html-8k': 3000,
  'html-120k': 500,
  'html-1m': 70,
  'bundle-500k': 100,
  'style-100k': 500,
  'api-50k': 1000,
  'clean-500k': 150,
  'paper-5m': 60,
  'image-20k': 3000,
}

interface Variant {
  readonly goals: readonly Goal[]
  readonly codings?: string
  readonly isUnique?: boolean
  readonly peers?: readonly PeerName[]
  readonly title?: string
}

function chapter(name: string, sample: string, variant: Variant): Chapter {
  const { goals, codings = modern, isUnique = false, peers = rewriting } = variant
  return {
    name,
    peers,
    goals,
    async run(ground, { rounds, share }) {
      const requests = Math.ceil((counts[sample] ?? 100) * share)
      const load: Load = { sample, codings, requests, isUnique, connections: 16 }
      const rows = await measure(await ground.peers(), load, rounds)
      return { title: variant.title ?? `${sample}, the client takes ${codings}`, rows }
    },
  }
}

const memoryPeers = ['nginx-two-hops', 'http-proxy', 'darbaza'] as const

/** All chapters, in order. */
export const chapters: readonly Chapter[] = [
  chapter('html-8k', 'html-8k', { goals: [cpuGoal('html-8k', 1.4)] }),
  chapter('html-120k', 'html-120k', {
    goals: [cpuGoal('html-120k', 0.45)],
    peers: [...rewriting, 'apache-proxy-html', 'nginx-100-hosts'],
  }),
  chapter('html-120k-br', 'html-120k', {
    goals: [cpuGoal('html-120k, br', 0.45)],
    codings: 'gzip, deflate, br',
    peers: besideNginx,
  }),
  chapter('html-120k-gzip', 'html-120k', {
    goals: [cpuGoal('html-120k, gzip only', 0.8)],
    codings: 'gzip',
    peers: besideNginx,
  }),
  chapter('html-1m', 'html-1m', { goals: [cpuGoal('html-1m', 0.45)] }),
  chapter('html-1m-gzip', 'html-1m', {
    goals: [cpuGoal('html-1m, gzip only', 0.8)],
    codings: 'gzip',
    peers: besideNginx,
  }),
  chapter('bundle-500k', 'bundle-500k', { goals: [] }),
  chapter('style-100k', 'style-100k', { goals: [] }),
  chapter('api-50k', 'api-50k', { goals: [] }),
  chapter('clean', 'clean-500k', {
    goals: [cpuGoal('a body without known hosts', 0.25)],
    isUnique: true,
    peers: besideNginx,
    title: 'clean-500k, no known host in it, each URL asked for the first time',
  }),
  chapter('clean-again', 'clean-500k', {
    goals: [cpuGoal('the same, seen before', 0.08)],
    peers: besideNginx,
    title: 'clean-500k, seen before',
  }),
  chapter('paper-5m', 'paper-5m', {
    goals: [cpuGoal('paper-5m, to http-proxy', 0.8)],
    peers: untouched,
    title: 'paper-5m, untouched',
  }),
  chapter('image-20k', 'image-20k', { goals: [], peers: untouched, title: 'image-20k, untouched' }),
  chapter('hosts', 'html-120k', {
    goals: [
      cpuGoal('5,000 hosts to 10', 1.03, 'darbaza-5000-hosts'),
      cpuGoal('20,000 hosts and 500 domains to 10', 1.03, 'darbaza-20000-hosts'),
    ],
    peers: ['darbaza', 'darbaza-5000-hosts', 'darbaza-20000-hosts'],
    title: 'html-120k; 10, 5,000 and 20,000 hosts, the last with 500 domain rules',
  }),
  {
    name: 'stages',
    peers: [],
    goals: [
      costGoal('address, session, policy, seat: us added', 20, '200 resources, one range, us'),
      costGoal(
        'the same, 5,000 resources and 50,000 ranges to 200 and one',
        1.1,
        'the second to the first',
      ),
    ],
    run: (_ground, effort) => measureStages(effort),
  },
  {
    name: 'mixed',
    peers: besideNginx,
    goals: [
      waitGoal('a small page beside eight of 1 MB, p50 to nginx', 1 / 50, 'p50Ratio'),
      waitGoal('the same, p99', 1 / 6, 'p99Ratio'),
    ],
    run: async ({ peers }, effort) => besideBigOnes(await peers(), effort),
  },
  {
    name: 'latency',
    peers: ['origin', ...untouched, 'nginx-two-hops'],
    goals: [],
    run: async ({ peers }, effort) => aloneOnOneConnection(await peers(), effort),
  },
  {
    name: 'memory',
    peers: hasPython ? memoryPeers : [],
    goals: [
      memoryGoal('kB for each of 500 slow readers of html-1m', 440, 'slowKiB'),
      memoryGoal('the 501st reader, a small page, ms', 100, 'nextSmallMs'),
      memoryGoal('the 501st reader, a page of 1 MB, ms', 500, 'nextBigMs'),
      memoryGoal('a 500 MB download, MB more', 8, 'downloadMiB'),
      memoryGoal('a stalled one, MB more', 8, 'stalledMiB'),
      memoryGoal('kB for each idle connection', 13, 'idleKiB'),
    ],
    run: ({ fresh }, effort) => measureMemory(hasPython ? memoryPeers : [], fresh, effort),
  },
  {
    name: 'usage',
    peers: usagePeers,
    goals: [
      costGoal('html-8k with usage to the same without', 1.05, 'page: with usage to without'),
      costGoal('a page with its parts, likewise', 1.05, 'visit: with usage to without'),
    ],
    run: measureUsage,
  },
  {
    name: 'figures',
    peers: [],
    goals: [
      costGoal('a year’s report of use, s', 2, 'likely: a year’s report use, s'),
      costGoal('the same, everything used by everybody', 2, 'harsh: a year’s report use, s'),
      costGoal('the longest wait beside it, ms', 50, 'likely: the longest wait meanwhile, ms'),
      costGoal(
        'the same, everything used by everybody',
        50,
        'harsh: the longest wait meanwhile, ms',
      ),
    ],
    run: (_ground, effort) => measureFigures(effort),
  },
]
