/**
 * Where the time of an exchange goes: the gateway under load with the sampling profiler attached,
 * its microseconds attributed to the folder of `src/` that was at work or had called what was.
 *
 *   node test/bench/parts.ts [SAMPLE [REQUESTS]]
 *
 * The whole is what the kernel says; the profiler itself adds some percent to it. The profile is kept
 * in `data/parts.cpuprofile`, for Chromium's developer tools.
 * @module
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { until } from '../support/gateway.ts'
import { loadOf } from './measure.ts'
import { peerMakers } from './peers.ts'
import { cpuSeconds, end, runLoad, startScript } from './processes.ts'

const [sample = 'html-8k', requests = '6000'] = process.argv.slice(2)
const codings = 'gzip, deflate, br, zstd'

/** As the DevTools protocol has it. Source: Chrome DevTools Protocol, Profiler.Profile. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: { readonly functionName: string; readonly url: string }
    readonly children?: readonly number[]
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** The inspector of a process, opened by SIGUSR1 (Node manual, "Signal events"). */
async function inspect(pid: number) {
  process.kill(pid, 'SIGUSR1')
  let url = ''
  await until(async () => {
    const list = await fetch('http://127.0.0.1:9229/json/list').catch(() => undefined)
    const targets = ((await list?.json()) ?? []) as { webSocketDebuggerUrl: string }[]
    url = targets[0]?.webSocketDebuggerUrl ?? ''
    return url !== ''
  }, 'no inspector on port 9229')
  const socket = new WebSocket(url)
  await new Promise((open) => socket.addEventListener('open', open, { once: true }))
  let count = 0
  function call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++count
    return new Promise((answered) => {
      socket.addEventListener('message', function hear({ data }) {
        const { id: found, result } = JSON.parse(String(data)) as { id: number; result: object }
        if (found !== id) return
        socket.removeEventListener('message', hear)
        answered({ ...result })
      })
      socket.send(JSON.stringify({ id, method, params }))
    })
  }
  return { call, close: () => socket.close() }
}

/** The part that a sample belongs to: the innermost frame of ours, else what Node was doing. */
function partsOf(profile: Profile): Map<string, number> {
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  )
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const partOf = (leaf: number): string => {
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
      const { functionName, url } = frames.get(id) ?? { functionName: '', url: '' }
      const [, ours] = /\/src\/(\w+)[/.]/.exec(url) ?? []
      if (ours !== undefined) return `src/${ours}`
      if (functionName === '(idle)' || functionName === '(garbage collector)') return functionName
    }
    const url = frames.get(leaf)?.url ?? ''
    const [, library] = /node_modules\/([\w.-]+)\//.exec(url) ?? []
    return library ?? (url.startsWith('node:') ? 'node' : 'node, native')
  }
  const parts = new Map<string, number>()
  for (const [index, leaf] of profile.samples.entries()) {
    const part = partOf(leaf)
    parts.set(part, (parts.get(part) ?? 0) + (profile.timeDeltas[index] ?? 0))
  }
  parts.delete('(idle)')
  return parts
}

const folder = mkdtempSync(join(tmpdir(), 'darbaza-parts-'))
chmodSync(folder, 0o777)
const origin = startScript('origin.ts', [], 'around')
const originPort = await new Promise<number>((found) => {
  origin.stdout?.once('data', (said: Buffer) => found(Number(said.toString())))
})
const peer = await peerMakers.darbaza({ folder, originPort })
const load = { sample, codings, requests: Number(requests), connections: 16, isUnique: false }
await runLoad(loadOf(peer, load))
const inspector = await inspect(peer.pid)
await inspector.call('Profiler.enable')
await inspector.call('Profiler.setSamplingInterval', { interval: 250 })
await inspector.call('Profiler.start')
const before = cpuSeconds(peer.pid)
await runLoad(loadOf(peer, load))
const whole = ((cpuSeconds(peer.pid) - before) * 1e6) / load.requests
const { profile } = (await inspector.call('Profiler.stop')) as { profile: Profile }
inspector.close()
await peer.close()
await end(origin)
rmSync(folder, { recursive: true })

const data = resolve(import.meta.dirname, '../../data')
mkdirSync(data, { recursive: true })
writeFileSync(join(data, 'parts.cpuprofile'), JSON.stringify(profile))
const rows = [...partsOf(profile)].toSorted(([, left], [, right]) => right - left)
const lines = rows.map(([part, us]) => `| ${part} | ${(us / load.requests).toFixed(1)} |`)
process.stdout.write(
  `${sample}: ${whole.toFixed(0)} us of CPU for one exchange\n\n| part | us |\n| --- | ---: |\n${lines.join('\n')}\n`,
)
