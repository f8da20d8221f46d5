/**
 * What peers hold: fresh and warm, for connections that say nothing, for readers who take a long
 * page slowly (and what one more reader waits meanwhile), and while a long file passes. Each round
 * begins with fresh processes.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises'

import type { Effort } from './chapters.ts'
import { askOf, loadOf, spreadOf } from './measure.ts'
import type { Peer } from './peers.ts'
import { memoryKiB, runLoad, startSlowReaders, type SlowReadersOptions } from './processes.ts'
import type { Memory, Result } from './result.ts'

const codings = 'gzip, deflate, br, zstd'
const slowCount = 500
const filmBytes = 500 * 2 ** 20

type Found = Record<Exclude<keyof Memory, 'peer'>, number>

/** Runs the chapter; every name is made anew for each round. */
export async function measureMemory(
  names: readonly string[],
  open: (name: string) => Promise<Peer | undefined>,
  { rounds, share }: Effort,
): Promise<Result> {
  const memories: Memory[] = []
  for (const name of names) {
    const found: Found[] = []
    for (let round = 0; round < Math.ceil(rounds / 3); round += 1) {
      const peer = await open(name)
      if (peer === undefined) break
      try {
        found.push(await follow(peer, Math.round(5000 * share)))
      } finally {
        await peer.close()
      }
    }
    if (found.length > 0) memories.push({ peer: name, ...spreads(found) })
  }
  const title = `memory: ${slowCount} readers who take html-1m at 2 KB a second, idle connections, 500 MB`
  return { title, rows: [], memories }
}

function spreads(found: readonly Found[]): Omit<Memory, 'peer'> {
  const of = (figure: keyof Found) => spreadOf(found.map((each) => each[figure]))
  return {
    startMiB: of('startMiB'),
    warmMiB: of('warmMiB'),
    idleKiB: of('idleKiB'),
    slowKiB: of('slowKiB'),
    slowAnswered: of('slowAnswered'),
    nextSmallMs: of('nextSmallMs'),
    nextBigMs: of('nextBigMs'),
    downloadMiB: of('downloadMiB'),
    stalledMiB: of('stalledMiB'),
  }
}

async function follow(peer: Peer, idleCount: number): Promise<Found> {
  const startMiB = memoryKiB(peer.pid) / 1024
  await runLoad(loadOf(peer, loadFor('html-8k', 2000, 8)))
  await pause(1000)
  const warmMiB = memoryKiB(peer.pid) / 1024

  const idle = await growth(peer, 'image-20k', { mode: 'idle', seconds: 90, count: idleCount })
  const next = { small: 0, big: 0 }
  const slow = await growth(
    peer,
    'html-1m',
    { mode: 'slow', seconds: 120, count: slowCount, rate: 2048 },
    async () => {
      next.small = (await runLoad(loadOf(peer, loadFor('html-8k', 5, 1)))).p50Ms
      next.big = (await runLoad(loadOf(peer, loadFor('html-1m', 5, 1)))).p50Ms
    },
  )
  const film = { bytes: filmBytes, seconds: 60 }
  const download = await growth(peer, 'film-500m', { ...film, mode: 'download' }, 'to the end')
  const stalled = await growth(peer, 'film-500m', { ...film, mode: 'stalled' })
  return {
    startMiB,
    warmMiB,
    idleKiB: idle.kib / idleCount,
    slowKiB: slow.kib / slowCount,
    slowAnswered: slow.begun,
    nextSmallMs: next.small,
    nextBigMs: next.big,
    downloadMiB: download.kib / 1024,
    stalledMiB: stalled.kib / 1024,
  }
}

function loadFor(sample: string, requests: number, connections: number) {
  return { sample, codings, requests, connections, isUnique: false }
}

/** The most that a peer grows by while readers are there, and how many of them were answered. */
async function growth(
  peer: Peer,
  sample: string,
  options: Omit<SlowReadersOptions, 'port' | 'request'>,
  meanwhile: (() => Promise<void>) | 'to the end' = () => pause(1500),
): Promise<{ kib: number; begun: number }> {
  const { port } = peer
  const { path, lines } = askOf(peer, loadFor(sample, 1, 1))
  const before = memoryKiB(peer.pid)
  let most = before
  const watch = setInterval(() => (most = Math.max(most, memoryKiB(peer.pid))), 100)
  const request = `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`
  const readers = startSlowReaders({ ...options, port, request })
  try {
    const begun = await readers.begun
    if (meanwhile === 'to the end') await readers.ended
    else await meanwhile()
    return { kib: most - before, begun }
  } finally {
    await readers.end()
    clearInterval(watch)
    await pause(1000)
  }
}
