/**
 * The store that the configuration names.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { StoreConfig } from '../core/store-config.ts'
import type { Store } from './contract.ts'
import { createEmbeddedStore } from './embedded.ts'
import { createRedisStore } from './redis.ts'

/**
 * Opens the store. A Redis that is away does not fail here but at each operation, until it is back.
 *
 * @throws {GatewayError} `ERR_STORE_AWAY` or `ERR_STORE_DATA` when the embedded file cannot be used;
 * `ERR_CONFIG` when the address of Redis cannot be read.
 */
export function openStore(config: StoreConfig, clock: Clock): Store {
  return config.kind === 'embedded'
    ? createEmbeddedStore({ file: config.file, clock })
    : createRedisStore(config)
}
