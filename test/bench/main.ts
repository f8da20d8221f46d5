/**
 * `npm run bench`: what an exchange through this gateway costs, beside what libraries use instead,
 * measured in one run on one machine. Prints Markdown and writes `data/bench.json`.
 *
 *   npm run bench -- [--quick] [--only PART,...] [--peers NAME,...]
 *
 * The gateway runs as operators run it: a process of its own, a reader who is signed in, policy,
 * seats and usage on, the embedded store. Everything stays on loopback.
 * @module
 */
import { mkdirSync, mkdtempSync, chmodSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import { chapters, type Chapter, type ChapterGround } from './chapters.ts'
import { missingPackages, peerMakers, type Ground, type Peer, type PeerName } from './peers.ts'
import { end, pinning, startScript } from './processes.ts'
import { verdictsOf, type Result, type Verdict } from './result.ts'
import { goalsTable, markdownOf } from './table.ts'

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    peers: { type: 'string' },
    rounds: { type: 'string' },
  },
})

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function namesIn(list: string | undefined): Set<string> | undefined {
  return list === undefined ? undefined : new Set(list.split(','))
}

async function startOrigin() {
  const child = startScript('origin.ts', [], 'around')
  const port = await new Promise<number>((found) => {
    child.stdout?.once('data', (said: Buffer) => found(Number(said.toString())))
  })
  return { child, port }
}

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-bench-'))
  chmodSync(folder, 0o777) // Apache's children are somebody else.
  const origin = await startOrigin()
  const open = new Map<PeerName, Peer | undefined>()
  const machine = machineFacts()
  say(`# Bench\n\n${machine}\n`)
  const missing = missingPackages()
  if (missing.length > 0) say(`Left out: apt-get install ${missing.join(' ')} brings them.\n`)
  const results: Result[] = []
  const verdicts: Verdict[] = []
  const rounds = Number(values.rounds ?? (values.quick ? 3 : 5))
  try {
    for (const chapter of chosen()) {
      const ground = groundOf(chapter, open, { folder, originPort: origin.port })
      const result = await chapter.run(ground, { rounds, share: values.quick ? 0.3 : 1 })
      results.push(result)
      verdicts.push(...verdictsOf(chapter.goals, result))
      say(markdownOf(result))
    }
  } finally {
    for (const peer of open.values()) await peer?.close()
    await end(origin.child)
    rmSync(folder, { recursive: true, force: true })
  }
  const file = resolve(import.meta.dirname, '../../data/bench.json')
  mkdirSync(resolve(file, '..'), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ machine, verdicts, results }, null, 2)}\n`)
  if (verdicts.length > 0) say(`## Goals\n\n${machine}\n\n${goalsTable(verdicts)}\n`)
  say(`Written to ${file}`)
}

function chosen(): Chapter[] {
  const only = namesIn(values.only)
  return chapters.filter(({ name }) => only === undefined || only.has(name))
}

/** Peers are started when first needed and stay; those that are missing are left out. */
function groundOf(
  chapter: Chapter,
  open: Map<PeerName, Peer | undefined>,
  ground: Ground,
): ChapterGround {
  const wanted = namesIn(values.peers)
  const isWanted = (name: string) => wanted === undefined || wanted.has(name)
  return {
    async peers() {
      const peers: Peer[] = []
      for (const name of chapter.peers.filter(isWanted)) {
        if (!open.has(name)) open.set(name, await peerMakers[name](ground))
        const peer = open.get(name)
        if (peer !== undefined) peers.push(peer)
      }
      return peers
    },
    async fresh(name) {
      const found = chapter.peers.find((each) => each === name)
      return found === undefined || !isWanted(name) ? undefined : peerMakers[found](ground)
    },
  }
}

function machineFacts(): string {
  const [first] = cpus()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const day = new Date().toISOString().slice(0, 10)
  return (
    `${day}; ${cpus().length} x ${first?.model.trim()}, ${gibibytes} GiB, Linux ${release()}, ` +
    `Node ${process.version}; ${pinning}; plain HTTP on loopback.`
  )
}

await run()
