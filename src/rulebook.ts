/**
 * Rules and networks compiled into one rulebook, which is put into force as a whole: from the files
 * of the rules folder, or from a set that was published.
 * @module
 */
import { createHash } from 'node:crypto'

import manifest from '../package.json' with { type: 'json' }
import type { GatewayConfig, NetworkConfig } from './config/config.ts'
import type { ConfigOutline } from './config/load.ts'
import { readSecret } from './config/secrets.ts'
import { documentOf, readDocument } from './core/documents.ts'
import { FindingsError, hasErrors, type Finding } from './core/findings.ts'
import type { LiveOverrides } from './core/overrides.ts'
import type { Resource, Rulebook, Upstream } from './core/resource.ts'
import { createHostMap } from './hosts/map.ts'
import { compilePlaces } from './policy/networks.ts'
import { blockedPlaces, overriddenResources } from './policy/overrides.ts'
import { readRuleTexts, type RuleText } from './resources/files.ts'
import { resourcesOf, type RuleContext } from './resources/load.ts'

/** Rules and networks as written. */
export interface RuleSource {
  readonly texts: readonly RuleText[]
  readonly networks: readonly NetworkConfig[]
}

/** Rules and networks as read, and the warnings that came with them. */
export interface ReadRules {
  readonly texts: readonly RuleText[]
  readonly resources: readonly Resource[]
  readonly networks: readonly NetworkConfig[]
  readonly warnings: readonly Finding[]
}

/** What the rules of a configuration are held against. */
export function ruleContext(
  config: Pick<GatewayConfig, 'institution' | 'portalOrigin' | 'zoneOrigin' | 'networks'> & {
    readonly identity: Pick<GatewayConfig['identity'], 'units'>
  },
): RuleContext {
  const units = Object.keys(config.identity.units)
  return {
    // Without names for units any text of a provider may be one.
    ...(units.length > 0 && { units }),
    timeZone: config.institution.timeZone,
    portalHost: new URL(config.portalOrigin).hostname,
    zoneHost: new URL(config.zoneOrigin).hostname,
    readSecret: (source, folder) => readSecret(source, folder, process.env),
    networks: config.networks,
  }
}

/**
 * The rules of the configured folder and the networks of the configuration.
 *
 * @throws {FindingsError} `ERR_RULE` when the folder or what is in it cannot be read.
 */
export function sourceOfFiles(config: ConfigOutline): RuleSource {
  const { texts, findings } = readRuleTexts(config.rulesFolder)
  if (!hasErrors(findings)) return { texts, networks: config.networks }
  throw new FindingsError('ERR_RULE', [...findings, ...read({ texts, networks: [] }, config)[1]])
}

/**
 * Reads rules as far as they stand by themselves.
 *
 * @throws {FindingsError} `ERR_RULE` with all findings when one of them is an error.
 */
export function readRules(source: RuleSource, config: ConfigOutline): ReadRules {
  const [resources, findings] = read(source, config)
  if (hasErrors(findings)) throw new FindingsError('ERR_RULE', findings)
  return { texts: source.texts, resources, networks: source.networks, warnings: findings }
}

function read(
  { texts, networks }: RuleSource,
  config: ConfigOutline,
): readonly [readonly Resource[], readonly Finding[]] {
  const { resources, findings } = resourcesOf(texts, ruleContext({ ...config, networks }))
  return [resources, findings]
}

/**
 * The rulebook of rules that were read.
 *
 * @throws {GatewayError} `ERR_HOST`, `ERR_ADDRESS_RANGE`
 */
export function rulebookOf(
  {
    texts = [],
    resources,
    networks,
  }: Pick<ReadRules, 'resources' | 'networks'> & Partial<Pick<ReadRules, 'texts'>>,
  { file, zoneOrigin }: Pick<GatewayConfig, 'file' | 'zoneOrigin'>,
): Rulebook {
  const version = createHash('sha256')
    // Another gateway may rewrite otherwise: what browsers have cached from it is stale then.
    .update(JSON.stringify([manifest.version, resources, zoneOrigin], withoutFile))
    .digest('hex')
    .slice(0, 12)
  return {
    version,
    resources: new Map(resources.map((resource) => [resource.id, resource])),
    hosts: createHostMap({ resources, zoneOrigin }),
    placeOf: compilePlaces(networks, resources, `${file} networks`),
    documentOf(name) {
      const text = texts.find((each) => each.file === name)?.text
      return text === undefined ? readDocument(name) : documentOf(text, name)
    },
  }
}

/**
 * A rulebook with overrides put over it. Its version stays: what browsers have cached does not depend
 * on them.
 *
 * @throws {GatewayError} `ERR_ADDRESS_RANGE`
 */
export function withOverrides(base: Rulebook, overrides: LiveOverrides): Rulebook {
  const { closures, seats, suspensions } = overrides
  const rulebook = {
    ...base,
    placeOf: blockedPlaces(base.placeOf, overrides),
    ...(suspensions.size > 0 && { suspensions }),
  }
  if (closures.size === 0 && seats.size === 0) return rulebook
  const changed = overriddenResources(base.resources.values(), overrides)
  const resources = new Map(changed.map((resource) => [resource.id, resource]))
  return { ...rulebook, resources, hosts: hostsOver(base.hosts, resources) }
}

/** The same hosts, which overrides do not change, leading to the resources with overrides. */
function hostsOver(hosts: Rulebook['hosts'], resources: Rulebook['resources']): Rulebook['hosts'] {
  const known = new WeakMap<Upstream, Upstream>()
  const over = (resource: Resource): Resource => resources.get(resource.id) ?? resource

  function upstreamOver(upstream: Upstream): Upstream {
    const resource = over(upstream.resource)
    if (resource === upstream.resource) return upstream
    const found = known.get(upstream) ?? { ...upstream, resource }
    known.set(upstream, found)
    return found
  }

  return {
    ...hosts,
    upstreamOf(host) {
      const upstream = hosts.upstreamOf(host)
      return upstream && upstreamOver(upstream)
    },
    resourceOf(url) {
      const resource = hosts.resourceOf(url)
      return resource && over(resource)
    },
  }
}

/** Where a rule was read from does not change what it says. */
function withoutFile(key: string, value: unknown): unknown {
  return key === 'file' ? undefined : value
}
