/**
 * A real gateway for one test: its configuration and rules in a folder of its own, served by a child
 * process that can be killed, stopped and started again on the same ports and data.
 * @module
 */
import assert from 'node:assert'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { systemClock } from '../../src/core/clock.ts'
import { encodeHost } from '../../src/hosts/codec.ts'
import type { Store } from '../../src/store/contract.ts'
import { openStore } from '../../src/store/open.ts'
import { endWithParent } from './children.ts'
import { ownPort } from './ports.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

/** Secret of the gateway's client at the provider. */
export const clientSecret = 'canary-client-secret'

/** A gateway as its provider knows it. */
export function clientOf(portal: string) {
  return {
    client_id: 'darbaza',
    client_secret: clientSecret,
    application_type: 'web' as const,
    redirect_uris: [`${portal}/callback/university`],
    post_logout_redirect_uris: [`${portal}/signed-out`],
  }
}

/** A rule as its file holds it. */
export type Rule = Readonly<Record<string, unknown>>

/** What a test's gateway is made of. */
export interface GatewayOptions {
  readonly issuer: string
  /** Rules by the name of the resource. */
  readonly rules: Readonly<Record<string, Rule>>
  /** Publisher hosts and the loopback ports that they stand on. */
  readonly hosts: Readonly<Record<string, number>>
  /** A Redis URL; the embedded store otherwise. */
  readonly redis?: string
  /** Sections that replace those of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Ports, when somebody has to know them before. */
  readonly ports?: GatewayPorts
  /** Worker processes under a supervisor; one process of its own otherwise. */
  readonly workers?: number
  /** Words to Node itself, before the script. */
  readonly nodeWords?: readonly string[]
}

/** Where a gateway listens. */
export interface GatewayPorts {
  readonly public: number
  readonly management: number
}

/** A line of the log. */
export type LogLine = Readonly<Record<string, unknown>>

/** A usage event as stored, its body read. */
export type UsageFact = Readonly<Record<string, unknown>> & { readonly kind: string }

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A gateway that runs, or did. */
export interface TestGateway {
  readonly portal: string
  readonly zone: string
  readonly ports: GatewayPorts
  readonly folder: string
  readonly configFile: string
  /** Of the process that runs now. */
  readonly pid: number
  /** Everything that any of its processes has said. */
  readonly said: { readonly log: string; readonly errors: string }
  log(): LogLine[]
  /** The failure that a reference leads to; waits for it, because the log arrives by a pipe. */
  failure(reference: string): Promise<LogLine>
  /** The proxied form of a publisher's URL. */
  proxied(url: string): string
  /** Replaces a rule; a text is written as it is. */
  writeRule(name: string, rule: Rule | string): void
  /** Starts it (again) and waits until it serves. */
  start(): Promise<void>
  signal(name: NodeJS.Signals): void
  /** Resolves when the process is gone. */
  ended(): Promise<Ending>
  /** SIGKILL, and waits for the end. */
  kill(): Promise<void>
  /** An answer of the management address. */
  manage(path: string): Promise<{ readonly status: number; readonly body: string }>
  /** The value of a metric with its labels as exposed; undefined when there is no such line. */
  metric(series: string): Promise<number | undefined>
  /** The stored events, as another program would read them. */
  usage(): Promise<UsageFact[]>
  /** The store of the gateway, opened beside it. */
  store(): Store
  /** Ends the process and removes the folder. */
  stop(): Promise<void>
}

/** Writes the files of a gateway; nothing runs before `start`. */
export async function prepareGateway(options: GatewayOptions): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-chaos-'))
  const ports = options.ports ?? (await gatewayPorts())
  const portal = `http://library.localhost:${ports.public}`
  const zone = `http://proxy.localhost:${ports.public}`
  const configFile = join(folder, 'gateway.yaml')
  const said = { log: '', errors: '' }
  mkdirSync(join(folder, 'rules'))
  const gateway = { folder, ports, portal, zone, configFile, said }
  writeJson(configFile, configOf(gateway, options))
  const child = childOf(gateway, options)
  const store = () =>
    openStore(
      options.redis === undefined
        ? { kind: 'embedded', file: join(folder, 'data/darbaza.sqlite') }
        : { kind: 'redis', url: options.redis },
      systemClock,
    )

  function writeRule(name: string, rule: Rule | string): void {
    const file = join(folder, 'rules', `${name}.yaml`)
    if (typeof rule === 'string') writeFileSync(file, rule)
    else writeJson(file, rule)
  }
  for (const [name, rule] of Object.entries(options.rules)) writeRule(name, rule)
  return {
    ...gateway,
    ...child,
    get pid() {
      return child.pid()
    },
    writeRule,
    log: () => readLog(said.log),
    failure: (reference) => findFailure(said, reference),
    proxied: (url) => proxied(zone, url),
    manage: (path) => manage(ports.management, path),
    async metric(series) {
      const { body } = await manage(ports.management, '/metrics')
      const line = body.split('\n').find((found) => found.startsWith(`${series} `))
      return line === undefined ? undefined : Number(line.slice(series.length))
    },
    store,
    async usage() {
      const opened = store()
      try {
        return await readUsage(opened)
      } finally {
        await opened.close()
      }
    },
    async stop() {
      await child.kill()
      rmSync(folder, { recursive: true })
    },
  }
}

/** A gateway that serves. */
export async function startGateway(options: GatewayOptions): Promise<TestGateway> {
  const gateway = await prepareGateway(options)
  await gateway.start()
  return gateway
}

/** Two ports, for as long as the test runs. */
export async function gatewayPorts(): Promise<GatewayPorts> {
  return { public: await ownPort(), management: await ownPort() }
}

/** A rule of an open resource on plain-http hosts of the test's own. */
export function ruleOf(host: string, licence: Readonly<Record<string, unknown>> = {}): Rule {
  return {
    title: `Resource at ${host}`,
    provider: 'Press',
    start: `http://${host}/`,
    hosts: [`http://${host}`],
    licence,
  }
}

/** Waits for a condition of the outside world. */
export async function until(
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 20_000,
): Promise<void> {
  const endsAt = performance.now() + withinMs
  while (!(await isTrue())) {
    assert(performance.now() < endsAt, `waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function configOf(
  { ports, portal, zone }: Pick<TestGateway, 'ports' | 'portal' | 'zone'>,
  { issuer, hosts, redis, config }: GatewayOptions,
): object {
  return {
    institution: { name: 'Misal', contact: 'help@example.edu' },
    portal: { url: portal },
    zone: { url: zone },
    listen: { port: ports.public, trustedProxies: ['127.0.0.1'] },
    management: { port: ports.management },
    data: 'data',
    rules: 'rules',
    ...(redis !== undefined && { store: { redis: { url: { env: 'TEST_REDIS_URL' } } } }),
    identity: {
      providers: [
        {
          id: 'university',
          issuer,
          client: { id: 'darbaza', secret: { env: 'TEST_CLIENT_SECRET' } },
          claims: { affiliation: ['affiliation'], displayName: ['name'] },
        },
      ],
    },
    upstream: {
      allow: ['127.0.0.0/8'],
      resolve: Object.fromEntries(
        Object.entries(hosts).map(([host, port]) => [host, `127.0.0.1:${port}`]),
      ),
      connectSeconds: 2,
      headersSeconds: 2,
      bodySeconds: 2,
    },
    // A test that counts what publishers are asked means its readers.
    links: { check: false },
    log: { level: 'debug' },
    ...config,
  }
}

/** A busy machine may need that long to start three processes. */
const startMs = 40_000

/** The process, started as operators start it. */
function childOf(
  {
    configFile,
    said,
    ports,
  }: Pick<TestGateway, 'configFile' | 'ports'> & {
    said: { log: string; errors: string }
  },
  { redis, workers, nodeWords = [] }: GatewayOptions,
) {
  const crew = workers === undefined ? [] : ['--workers', String(workers)]
  let child: ChildProcess | undefined
  let ending: Promise<Ending> = Promise.resolve({ code: null, signal: null })

  const signal = (name: NodeJS.Signals): void => {
    child?.kill(name)
  }
  return {
    pid: () => child?.pid ?? 0,
    signal,
    ended: () => ending,
    async kill() {
      signal('SIGKILL')
      await ending
    },
    async start() {
      const env = {
        PATH: process.env['PATH'],
        TEST_CLIENT_SECRET: clientSecret,
        ...(redis !== undefined && { TEST_REDIS_URL: redis }),
      }
      const words = [...nodeWords, main, 'serve', '--config', configFile, ...crew]
      const started = spawn(process.execPath, words, { env })
      child = started
      endWithParent(started)
      ending = once(started, 'close').then(([code, by]) => ({ code, signal: by }))
      started.stdout.on('data', (chunk: Buffer) => (said.log += chunk.toString()))
      started.stderr.on('data', (chunk: Buffer) => (said.errors += chunk.toString()))
      let isGone = false
      started.once('close', () => (isGone = true))
      await until(
        async () => {
          assert(!isGone, `the gateway ended: ${said.errors}`)
          return manage(ports.management, '/healthz').then(
            ({ status }) => status === 200,
            () => false,
          )
        },
        'the gateway does not serve',
        startMs,
      )
      // Health is served a moment before readers are, by workers a while.
      await until(
        () => said.errors.includes('Darbaza serves'),
        'the gateway does not serve readers',
        startMs,
      )
    },
  }
}

async function findFailure(said: { readonly log: string }, reference: string): Promise<LogLine> {
  const find = () =>
    readLog(said.log).find((line) => line['reference'] === reference && line['kind'] === 'failure')
  await until(() => find() !== undefined, `the log has no failure "${reference}"`, 5000)
  return find() ?? {}
}

function readLog(log: string): LogLine[] {
  const lines = log.slice(0, log.lastIndexOf('\n') + 1).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LogLine)
}

function proxied(zone: string, url: string): string {
  const { hostname, port, pathname, search } = new URL(url)
  const label = encodeHost({ host: hostname, ...(port !== '' && { port: Number(port) }) })
  const { protocol, host } = new URL(zone)
  return `${protocol}//${label}.${host}${pathname}${search}`
}

function manage(port: number, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path, agent: false, timeout: 5000 }
    const sent = get(options, (answer) => {
      text(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject)
    })
    sent.once('error', reject).once('timeout', () => sent.destroy(new Error('no answer in time')))
  })
}

async function readUsage(store: Store): Promise<UsageFact[]> {
  const facts: UsageFact[] = []
  const range = { fromAt: 0, toAt: Number.MAX_SAFE_INTEGER, count: 1000 }
  for (let afterId: string | undefined; ;) {
    const page = await store.usage.read({ ...range, ...(afterId !== undefined && { afterId }) })
    facts.push(...page.map(({ body }) => JSON.parse(body) as UsageFact))
    afterId = page.at(-1)?.id
    if (page.length < range.count) return facts
  }
}

function writeJson(file: string, value: object): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`)
}

/** Kilobytes of memory that a process has resident now. */
export function residentKiB(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(found?.[1])
}
