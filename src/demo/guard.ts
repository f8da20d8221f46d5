/**
 * What the demo refuses: production, addresses that others can reach, ports that are taken, a
 * machine without its parts. Every refusal is an `ERR_CONFIG` that says what to do.
 * @module
 */
import { createServer } from 'node:net'

import ipaddr from 'ipaddr.js'

import type { GatewayConfig } from '../config/config.ts'
import { GatewayError, systemCodeOf } from '../core/errors.ts'

/** The demo's accounts have no passwords: it must not run where readers are. */
export function refuseProduction(env: Readonly<Record<string, string | undefined>>): void {
  if (env['NODE_ENV'] !== 'production') return
  throw refusal('found NODE_ENV=production; the demo has no passwords and runs for trial only')
}

/** Refuses a configuration by which anything could be reached from another machine. */
export function refuseOpenAddresses(config: GatewayConfig): void {
  const places: readonly (readonly [where: string, host: string])[] = [
    ['portal.url', new URL(config.portalOrigin).hostname],
    ['zone.url', new URL(config.zoneOrigin).hostname],
    ['listen.address', config.listen.address],
    ['management.address', config.management.address],
    ...config.identity.providers.map(
      ({ issuer }, index) =>
        [`identity.providers[${index}].issuer`, new URL(issuer).hostname] as const,
    ),
    ...Object.entries(config.upstream.resolve).map(
      ([host, target]) => [`upstream.resolve.${host}`, target.replace(/:\d+$/, '')] as const,
    ),
  ]
  for (const [where, host] of places) {
    if (isLoopback(host)) continue
    throw refusal(
      `found "${host}", the demo stays on loopback addresses`,
      `${config.file} ${where}`,
    )
  }
}

/** Imports parts that need development dependencies. */
export async function withDevelopmentDependencies<Parts>(
  load: () => Promise<Parts>,
): Promise<Parts> {
  try {
    return await load()
  } catch (error) {
    // A file of ours that is missing has the same code, but is a "module", not a "package".
    const isPackageMissing =
      systemCodeOf(error) === 'ERR_MODULE_NOT_FOUND' && /package/.test(String(error))
    if (!isPackageMissing) throw error
    throw refusal(
      'the development dependencies are not installed, and the demo needs them: run "npm ci"',
      undefined,
      error,
    )
  }
}

/** Says which address could not be listened on, and why, in place of the system's error. */
export async function listening<Running>(
  place: { readonly what: string; readonly address: string; readonly port: number },
  start: () => Promise<Running>,
): Promise<Running> {
  try {
    return await start()
  } catch (error) {
    const { what, address, port } = place
    if (systemCodeOf(error) === 'EADDRINUSE') {
      const advice = 'stop the other program or change the port in config/demo.yaml'
      throw refusal(
        `port ${port} of ${address} is taken (for ${what}): ${advice}`,
        undefined,
        error,
      )
    }
    if (systemCodeOf(error) === 'EADDRNOTAVAIL') {
      const advice = `on macOS "sudo ifconfig lo0 alias ${address}" gives it`
      throw refusal(
        `this machine has no address ${address} (for ${what}); ${advice}`,
        undefined,
        error,
      )
    }
    throw error
  }
}

/** A port that is free now; another program could take it before it is listened on. */
export async function freePort(address: string): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, address, resolve)
  })
  const place = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof place === 'object' && place ? place.port : 0
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  const bare = host.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback'
}

function refusal(message: string, at?: string, cause?: unknown): GatewayError {
  return new GatewayError('ERR_CONFIG', message, { cause, ...(at !== undefined && { at }) })
}
