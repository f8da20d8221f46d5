/**
 * Everything that is measured, each behind the same origin: this gateway with a reader who is signed
 * in, nginx, Apache, and proxies that change nothing.
 * @module
 */
import type { ChildProcess } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { openHouse, type House } from '../chaos/house.ts'
import { gatewayPorts, ruleOf, until, type Rule } from '../support/gateway.ts'
import { knownHosts, pageHost } from './corpus.ts'
import { end, hasPython, pin, start, startScript } from './processes.ts'
import { apacheConfig, nginxConfig } from './servers.ts'

/** One that is measured. */
export interface Peer {
  readonly name: string
  readonly pid: number
  readonly port: number
  /** Header lines of a reader; the coding is added. */
  readonly lines: readonly string[]
  close(): Promise<void>
}

/** Where peers stand. */
export interface Ground {
  readonly folder: string
  readonly originPort: number
}

const nginx = '/usr/sbin/nginx'
const apache = '/usr/sbin/apache2'
const withoutUsage = pathToFileURL(join(import.meta.dirname, 'without-usage.ts')).href
const zoneHost = 'proxy.localhost:12345'

/** What Debian packages bring and is not here, by the package's name. */
export function missingPackages(): string[] {
  const found = {
    nginx: existsSync(nginx),
    apache2: existsSync(apache),
    python3: hasPython,
  }
  return Object.entries(found)
    .filter(([, isThere]) => !isThere)
    .map(([name]) => name)
}

/** Makes a peer; undefined when its program is missing. */
export type PeerMaker = (ground: Ground) => Promise<Peer | undefined>

/** Every peer by the name in the tables. */
export const peerMakers = {
  /** What everybody stands before, without anybody in between. */
  origin: ({ originPort }) => Promise.resolve(atOrigin(originPort)),
  darbaza: (ground) => gateway('darbaza', ground, { hosts: 10 }),
  'darbaza-without-usage': (ground) =>
    gateway('darbaza-without-usage', ground, { hosts: 10, nodeWords: ['--import', withoutUsage] }),
  'darbaza-5000-hosts': (ground) => gateway('darbaza-5000-hosts', ground, { hosts: 5000 }),
  'darbaza-20000-hosts': (ground) =>
    gateway('darbaza-20000-hosts', ground, { hosts: 20_000, domains: 500 }),
  'nginx-two-hops': (ground) => nginxPeer('nginx-two-hops', ground, 'two-hops', 10),
  'nginx-100-hosts': (ground) => nginxPeer('nginx-100-hosts', ground, 'two-hops', 100),
  'nginx-identity': (ground) => nginxPeer('nginx-identity', ground, 'identity', 10),
  'nginx-untouched': (ground) => nginxPeer('nginx-untouched', ground, 'pass', 0),
  'apache-substitute': (ground) => apachePeer('apache-substitute', ground, 'substitute'),
  'apache-proxy-html': (ground) => apachePeer('apache-proxy-html', ground, 'proxy-html'),
  'http-proxy': (ground) => passThrough('http-proxy', ground, 'http-proxy'),
  'node-http-untouched': (ground) => passThrough('node-http-untouched', ground, 'http'),
  'undici-untouched': (ground) => passThrough('undici-untouched', ground, 'undici'),
} as const satisfies Record<string, PeerMaker>

/** Name of a peer. */
export type PeerName = keyof typeof peerMakers

function atOrigin(port: number): Peer {
  const lines = [`Host: ${pageHost}`, 'Accept: text/html,*/*;q=0.8']
  return { name: 'origin', port, pid: process.pid, lines, close: () => Promise.resolve() }
}

/**
 * Rules that together name so many hosts and domains; the first holds the hosts that pages link to.
 */
function rulesFor(count: number, domainCount: number): Record<string, Rule> {
  const hosts = knownHosts(count).map((host) => `http://${host}`)
  const rules: Record<string, Rule> = {}
  for (let from = 0; from < hosts.length; from += 500) {
    const [first = ''] = hosts.slice(from)
    const rule = ruleOf(new URL(first).host, { seats: 100 })
    rules[`press-${from}`] = { ...rule, hosts: hosts.slice(from, from + 500) }
  }
  if (domainCount > 0) {
    const domains = Array.from({ length: domainCount }, (_, index) => `domain${index}.example`)
    const rule = ruleOf('www.domain0.example', { seats: 100 })
    const entry = 'https://www.domain0.example/'
    rules['domains'] = { ...rule, start: entry, hosts: domains.map((domain) => ({ domain })) }
  }
  return rules
}

interface GatewayKind {
  readonly hosts: number
  readonly domains?: number
  readonly nodeWords?: readonly string[]
}

async function gateway(
  name: string,
  { originPort }: Ground,
  { hosts: count, domains = 0, nodeWords = [] }: GatewayKind,
): Promise<Peer> {
  const hosts = Object.fromEntries(knownHosts(10).map((host) => [host, originPort]))
  const house = await openHouse({
    rules: rulesFor(count, domains),
    hosts,
    nodeWords,
    config: { log: { level: 'info' } },
  })
  pin(house.gateway.pid, 'measured')
  const url = house.gateway.proxied(`http://${pageHost}/html-8k`)
  const cookie = await signIn(house, url)
  return {
    name,
    pid: house.gateway.pid,
    port: house.gateway.ports.public,
    lines: [
      `Host: ${new URL(url).host}`,
      `Cookie: ${cookie}`,
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
      'Accept: text/html,application/xhtml+xml,*/*;q=0.8',
      'Accept-Language: ky,ru;q=0.8,en;q=0.5',
    ],
    close: () => house.close(),
  }
}

async function signIn(house: House, url: string): Promise<string> {
  const reader = house.reader('r0')
  const { status } = await reader.visit(url)
  if (status !== 200) throw new Error(`the reader got ${status} at ${url}`)
  return reader.jar.getCookieString(url)
}

async function nginxPeer(
  name: string,
  ground: Ground,
  mode: 'identity' | 'pass' | 'two-hops',
  hostCount: number,
): Promise<Peer | undefined> {
  if (!existsSync(nginx)) return undefined
  const { public: port } = await gatewayPorts()
  const file = join(ground.folder, `nginx-${port}.conf`)
  const hosts = knownHosts(hostCount)
  writeFileSync(file, nginxConfig({ ...ground, port, zoneHost, hosts }, mode))
  return started(name, port, start(nginx, ['-c', file, '-e', 'stderr'], 'measured'))
}

async function apachePeer(
  name: string,
  ground: Ground,
  mode: 'proxy-html' | 'substitute',
): Promise<Peer | undefined> {
  if (!existsSync(apache)) return undefined
  const { public: port } = await gatewayPorts()
  const file = join(ground.folder, `apache-${port}.conf`)
  writeFileSync(file, apacheConfig({ ...ground, port, zoneHost, hosts: knownHosts(10) }, mode))
  return started(name, port, start(apache, ['-D', 'FOREGROUND', '-f', file], 'measured'))
}

async function passThrough(
  name: string,
  ground: Ground,
  kind: 'http' | 'http-proxy' | 'undici',
): Promise<Peer> {
  const { public: port } = await gatewayPorts()
  const args = [kind, String(port), String(ground.originPort)]
  return started(name, port, startScript('pass-through.ts', args, 'measured'))
}

async function started(name: string, port: number, child: ChildProcess): Promise<Peer> {
  await until(() => {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`)
    return isOpen(port)
  }, `${name} does not listen`)
  return {
    name,
    port,
    pid: child.pid ?? 0,
    lines: [`Host: ${pageHost}`, 'Accept: text/html,*/*;q=0.8'],
    close: () => end(child),
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
