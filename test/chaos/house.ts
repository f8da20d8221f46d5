/**
 * What every chaos test stands on: a provider, a gateway beside it, and readers.
 * @module
 */
import {
  gatewayPorts,
  prepareGateway,
  clientOf,
  until,
  type GatewayOptions,
  type GatewayPorts,
  type TestGateway,
} from '../support/gateway.ts'
import { startProvider, type TestProvider } from '../support/provider.ts'
import { createReader, type Reader } from '../support/reader.ts'

/** Gateway and provider. */
export interface House {
  readonly gateway: TestGateway
  /** Present when the house was opened with one. */
  readonly provider: TestProvider
  reader(account: string): Reader
  close(): Promise<void>
}

/** Readers by number: `r0`, `r1`, ... */
const accounts = Object.fromEntries(
  Array.from({ length: 250 }, (_, number) => [
    `r${number}`,
    { affiliation: 'student', name: `Reader ${number}` },
  ]),
)

/** A provider that knows the gateway on these ports. */
export function providerFor(ports: GatewayPorts, port?: number): Promise<TestProvider> {
  const portal = `http://library.localhost:${ports.public}`
  return startProvider({
    accounts: { ...accounts, ...canaryAccounts },
    clients: [clientOf(portal)],
    ...(port !== undefined && { port }),
  })
}

/** Somebody whose every word must not be found where it does not belong. */
export const canaryAccounts = {
  'canary-subject': {
    affiliation: 'student',
    name: 'Canary Kanareeva',
    email: 'canary.mail@example.edu',
  },
}

/** Opens a house; the gateway serves and has found its provider when this resolves. */
export async function openHouse(options: Omit<GatewayOptions, 'issuer' | 'ports'>): Promise<House> {
  const ports = await gatewayPorts()
  const provider = await providerFor(ports)
  const gateway = await prepareGateway({ ...options, issuer: provider.issuer, ports })
  const readers: Reader[] = []
  await gateway.start()
  await until(
    async () => (await gateway.metric('darbaza_provider_up{provider="university"}')) === 1,
    'no provider',
  )
  return {
    gateway,
    provider,
    reader(account) {
      const reader = createReader(gateway, provider, account)
      readers.push(reader)
      return reader
    },
    async close() {
      for (const reader of readers) reader.leave()
      await gateway.stop()
      await provider.stop()
    },
  }
}

/** Numbers in a seeded sequence, each from 0 up to 1: the same at every run of a seed. */
export function seededChance(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
