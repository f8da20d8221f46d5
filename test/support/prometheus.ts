/**
 * A real Prometheus on loopback, with the delivered configuration and rules, that scrapes each second.
 * @module
 */
import assert from 'node:assert'
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { endChild, endWithParent } from './children.ts'
import { until } from './gateway.ts'
import { ownPort } from './ports.ts'
import { programPath } from './provision.ts'

/** One series of an instant query. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: number
}

/** A running Prometheus. */
export interface TestPrometheus {
  /** Rejects with what Prometheus finds wrong with the expression. */
  query(expr: string): Promise<readonly Series[]>
  stop(): Promise<void>
}

const delivered = join(import.meta.dirname, '../../grafana/prometheus')

/** Starts one for a management address; it is ready when this resolves. */
export async function startPrometheus(target: string): Promise<TestPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-prometheus-'))
  const config = readFileSync(join(delivered, 'prometheus.yml'), 'utf8')
  assert(config.includes("'gateway:9464'") && config.includes('_interval: 15s'))
  writeFileSync(
    join(folder, 'prometheus.yml'),
    config.replace("'gateway:9464'", `'${target}'`).replaceAll('_interval: 15s', '_interval: 1s'),
  )
  copyFileSync(join(delivered, 'rules.yml'), join(folder, 'rules.yml'))
  const origin = `http://127.0.0.1:${await ownPort()}`
  const child = spawn(
    programPath('prometheus'),
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${new URL(origin).host}`,
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  )
  endWithParent(child)
  const isReady = () =>
    fetch(`${origin}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  await until(isReady, 'Prometheus is not ready')
  return {
    async query(expr) {
      const answer = await fetch(`${origin}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: expr }),
      })
      const { error, data } = (await answer.json()) as {
        error?: string
        data?: { result: { metric: Record<string, string>; value: [number, string] }[] }
      }
      if (data === undefined) throw new Error(`${expr}: ${error}`)
      return data.result.map(({ metric, value: [, text] }) => ({ metric, value: valueOf(text) }))
    },
    async stop() {
      await endChild(child, 'SIGTERM')
      rmSync(folder, { recursive: true })
    },
  }
}

/** As Prometheus writes it: `+Inf`, `NaN`. */
function valueOf(text: string): number {
  return text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text)
}
