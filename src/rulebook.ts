/**
 * Rules and networks read from their files into one rulebook, which is put into force as a whole.
 * @module
 */
import { createHash } from 'node:crypto'

import manifest from '../package.json' with { type: 'json' }
import type { GatewayConfig } from './config/config.ts'
import { readSecret } from './config/secrets.ts'
import { FindingsError, hasErrors, type Finding } from './core/findings.ts'
import type { Rulebook } from './core/resource.ts'
import { createHostMap } from './hosts/map.ts'
import { compilePlaces } from './policy/networks.ts'
import { loadResources, type RuleContext } from './resources/load.ts'

/** A rulebook, and the warnings that came with it. */
interface LoadedRulebook {
  readonly rulebook: Rulebook
  readonly warnings: readonly Finding[]
}

/** What the rules of a configuration are held against. */
export function ruleContext(
  config: Pick<GatewayConfig, 'institution' | 'portalOrigin' | 'zoneOrigin' | 'networks'>,
): RuleContext {
  return {
    timeZone: config.institution.timeZone,
    portalHost: new URL(config.portalOrigin).hostname,
    zoneHost: new URL(config.zoneOrigin).hostname,
    readSecret: (source, folder) => readSecret(source, folder, process.env),
    networks: config.networks,
  }
}

/**
 * Reads every rule below the configured folder.
 *
 * @throws {FindingsError} `ERR_RULE` with all findings when one of them is an error.
 * @throws {GatewayError} `ERR_HOST`, `ERR_ADDRESS_RANGE`
 */
function loadRulebook(config: GatewayConfig): LoadedRulebook {
  const { resources, findings } = loadResources(config.rulesFolder, ruleContext(config))
  if (hasErrors(findings)) throw new FindingsError('ERR_RULE', findings)
  const version = createHash('sha256')
    // Another gateway may rewrite otherwise: what browsers have cached from it is stale then.
    .update(JSON.stringify([manifest.version, resources, config.zoneOrigin], withoutFile))
    .digest('hex')
    .slice(0, 12)
  const rulebook: Rulebook = {
    version,
    resources: new Map(resources.map((resource) => [resource.id, resource])),
    hosts: createHostMap({ resources, zoneOrigin: config.zoneOrigin }),
    placeOf: compilePlaces(config.networks, resources, `${config.file} networks`),
  }
  return { rulebook, warnings: findings }
}

/** The rulebook in force. */
export interface RulebookHolder {
  current(): Rulebook
  /**
   * Reads rules and networks again and puts them into force as a whole; throws what is wrong with
   * them, and then nothing has changed.
   */
  reload(config: GatewayConfig): void
}

/**
 * Loads the first rulebook; warnings of this and every later one are told.
 *
 * @throws {GatewayError} as `loadRulebook`
 */
export function holdRulebook(
  config: GatewayConfig,
  onWarning: (finding: Finding) => void,
): RulebookHolder {
  function load(from: GatewayConfig): Rulebook {
    const { rulebook, warnings } = loadRulebook(from)
    for (const warning of warnings) onWarning(warning)
    return rulebook
  }

  let inForce = load(config)
  return {
    current: () => inForce,
    reload(from) {
      inForce = load(from)
    },
  }
}

/** Where a rule was read from does not change what it says. */
function withoutFile(key: string, value: unknown): unknown {
  return key === 'file' ? undefined : value
}
