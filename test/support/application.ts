/**
 * A listening application around one stage, for tests of what happens before and after the stages.
 * @module
 */
import { systemClock } from '../../src/core/clock.ts'
import type { Stage } from '../../src/core/context.ts'
import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import type { Rulebook } from '../../src/core/resource.ts'
import { createApplication } from '../../src/listener/application.ts'
import { createClientAddressReader } from '../../src/listener/client-address.ts'
import { listen } from '../../src/listener/server.ts'
import type { ListenConfig } from '../../src/config/config.ts'

/** A rulebook without resources. */
export const emptyRulebook: Rulebook = {
  version: 'empty',
  resources: new Map(),
  hosts: {
    zoneOrigin: 'http://proxy.localhost',
    upstreamOf: () => undefined,
    legacyAuthority: () => undefined,
    proxiedAuthority: () => undefined,
    mapUrl: () => undefined,
    unmapUrl: () => undefined,
    resourceOf: () => undefined,
  },
  placeOf: (address) => ({ address, channel: 'remote', treatment: 'authenticate' }),
}

/** Listens on a free loopback port with one stage as the whole pipeline. */
export async function serveStage(pipeline: Stage, tls?: ListenConfig['tls']) {
  const events: GatewayEvent[] = []
  const broken: { status: number; reference: string }[] = []
  const bus = createEventBus((error) => {
    throw error
  })
  bus.listen((event) => events.push(event))
  const application = createApplication({
    portalOrigin: tls === undefined ? 'http://library.localhost' : 'https://library.localhost',
    pipeline,
    rulebook: () => emptyRulebook,
    clientAddress: createClientAddressReader([]),
    languageOf: () => 'en',
    pages: {
      refusal: ({ reason, reference }) => `<p>refused: ${reason} ${reference}</p>`,
      failure: ({ code, reference }) => `<p>failed: ${code} ${reference}</p>`,
    },
    bus,
    clock: systemClock,
  })
  const server = await listen(
    { address: '127.0.0.1', port: 0, trustedProxies: [], ...(tls && { tls }) },
    'library.localhost',
    { ...application, onBroken: (_error, reference, status) => broken.push({ status, reference }) },
  )
  const scheme = tls === undefined ? 'http' : 'https'
  return { server, bus, events, broken, origin: `${scheme}://127.0.0.1:${server.address.port}` }
}
