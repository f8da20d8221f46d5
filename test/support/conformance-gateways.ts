/**
 * The gateways of message cases: started once for each kind that a case may ask for, and given new
 * publishers and a new reader for every case. Cases run one after the other.
 * @module
 */
import type { Resource } from '../../src/core/resource.ts'
import type { ConformanceCase, ConformanceSuite } from './conformance-case.ts'
import { startMessageGateway, type MessageGateway } from './message-gateway.ts'
import type { Script, SeenRequest } from './publisher.ts'

/** A gateway for one case. */
export interface CaseGateway {
  readonly gateway: MessageGateway
  /** Requests that publishers have got in this case. */
  seen(): readonly SeenRequest[]
}

interface Kept {
  readonly gateway: MessageGateway
  script: Script
  plainScript: Script
}

const kept = new Map<string, Promise<Kept>>()

/** The gateway that a case asks for by its options. */
export async function gatewayFor(
  { options }: ConformanceCase,
  { resources, zoneOrigin }: ConformanceSuite,
  publishers: { readonly script: Script; readonly plainScript?: Script },
  tls: 'none' | 'own' = 'none',
): Promise<CaseGateway> {
  const isPlain = options?.['upstreamScheme'] === 'http'
  const kind = {
    resources: isPlain ? resources.map(overHttp) : resources,
    zoneOrigin,
    gatewayCookies: options?.gatewayCookies ?? ['__Host-gw'],
    shimMarkup: '<!--GW-SHIM-->',
    tls,
  }
  const key = JSON.stringify(kind)
  const started = kept.get(key) ?? start(kind)
  kept.set(key, started)
  const found = await started
  found.script = publishers.script
  found.plainScript = publishers.plainScript ?? publishers.script
  const { gateway } = found
  gateway.changeReader(options?.session === 'none' ? 'nobody' : 'signed-in')
  const before = [gateway.secure.requests.length, gateway.plain.requests.length]
  return {
    gateway,
    seen: () => [
      ...gateway.plain.requests.slice(before[1]),
      ...gateway.secure.requests.slice(before[0]),
    ],
  }
}

const silent: Script = () => undefined

async function start(kind: Omit<Parameters<typeof startMessageGateway>[0], 'script'>) {
  const scripts = { script: silent, plainScript: silent }
  const gateway = await startMessageGateway({
    ...kind,
    script: (socket, request) => scripts.script(socket, request),
    plainScript: (socket, request) => scripts.plainScript(socket, request),
  })
  return Object.assign(scripts, { gateway })
}

/** Ends all gateways, when no case is left. */
export async function closeCaseGateways(): Promise<void> {
  const started = [...kept.values()]
  kept.clear()
  await Promise.all(started.map(async (each) => (await each).gateway.close()))
}

function overHttp(resource: Resource): Resource {
  return { ...resource, hosts: resource.hosts.map((rule) => ({ ...rule, scheme: 'http' })) }
}
