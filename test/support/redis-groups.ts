/**
 * Redis in groups, for tests: a Cluster of three masters, and a master with its replica watched by
 * three Sentinels; all real, all on loopback.
 * @module
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { Redis } from 'ioredis'
import { z } from 'zod'

import type { ServerAddress } from '../../src/core/store-config.ts'
import { endChild, endWithParent } from './children.ts'
import { ownPort } from './ports.ts'
import { startRedis, type TestRedis } from './redis.ts'
import { programPath } from './provision.ts'

/** A running Cluster. */
export interface TestCluster {
  readonly servers: readonly TestRedis[]
  readonly nodes: readonly ServerAddress[]
  stop(): Promise<void>
}

const slots = 16_384

/** Starts three masters, each with a third of the slots. */
export async function startCluster(): Promise<TestCluster> {
  // Nodes speak to each other on a port of their own, which by default is too high for some.
  const servers = await Promise.all(
    [0, 1, 2].map(async () =>
      startRedis({
        settings: ['--cluster-enabled', 'yes', '--cluster-port', String(await ownPort())],
      }),
    ),
  )
  const clients = servers.map(({ port }) => new Redis(port, '127.0.0.1'))
  const share = Math.ceil(slots / servers.length)
  for (const [index, client] of clients.entries()) {
    const last = Math.min(slots, (index + 1) * share) - 1
    await client.call('CLUSTER', 'ADDSLOTSRANGE', index * share, last)
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
  }
  const [first] = clients
  for (const [index, client] of clients.entries()) {
    const [, busPort] = z
      .tuple([z.string(), z.string()])
      .parse(await client.call('CONFIG', 'GET', 'cluster-port'))
    const port = servers[index]?.port ?? 0
    if (client !== first) await first?.call('CLUSTER', 'MEET', '127.0.0.1', port, Number(busPort))
  }
  for (const client of clients) {
    await until(async () =>
      String(await client.call('CLUSTER', 'INFO')).includes('cluster_state:ok'),
    )
    client.disconnect()
  }
  return {
    servers,
    nodes: servers.map(addressOf),
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
    },
  }
}

/** A master with its replica, and who watches them. */
export interface TestSentinels {
  readonly master: TestRedis
  readonly sentinels: readonly ServerAddress[]
  stop(): Promise<void>
}

/** Starts them; a master that is away for half a second is replaced. */
export async function startSentinels(name: string): Promise<TestSentinels> {
  const master = await startRedis({ settings: ['--repl-diskless-sync-delay', '0'] })
  const replica = await startRedis({ settings: ['--replicaof', '127.0.0.1', String(master.port)] })
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-sentinel-'))
  const watchers = await Promise.all([0, 1, 2].map(() => startSentinel(folder, name, master.port)))
  const seen = new Redis(watchers[0]?.port ?? 0, '127.0.0.1')
  await until(async () => {
    const facts = String(await seen.call('SENTINEL', 'MASTER', name))
    return /num-slaves,1/.test(facts) && /num-other-sentinels,2/.test(facts)
  })
  const copy = new Redis(replica.port, '127.0.0.1')
  await until(async () => (await copy.info('replication')).includes('master_link_status:up'))
  copy.disconnect()
  seen.disconnect()
  return {
    master,
    sentinels: watchers.map(addressOf),
    async stop() {
      for (const { child } of watchers) await endChild(child, 'SIGKILL')
      await Promise.all([master.stop(), replica.stop()])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function startSentinel(
  folder: string,
  name: string,
  masterPort: number,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const port = await ownPort()
  // Sentinels write what they learn into their own file.
  const file = join(folder, `${port}.conf`)
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${masterPort} 2`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 3000`,
  ]
  writeFileSync(file, `${lines.join('\n')}\n`)
  const child = spawn(programPath('redis'), [file, '--sentinel'], { stdio: 'ignore' })
  endWithParent(child)
  return { child, port }
}

function addressOf({ port }: { readonly port: number }): ServerAddress {
  return { host: '127.0.0.1', port }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 20_000
  while (!(await isTrue().catch(() => false))) {
    if (performance.now() > endsAt) throw new Error('the group did not come together')
    await delay(50)
  }
}
