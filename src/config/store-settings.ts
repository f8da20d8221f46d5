/**
 * From `store:` as written to the store that is opened.
 * @module
 */
import { resolve } from 'node:path'

import type { RedisConfig, ServerAddress, StoreConfig } from '../core/store-config.ts'
import { serverOf } from './addresses.ts'
import type { ConfigInput } from './schema.ts'
import type { SecretSource } from './secret-schema.ts'
import type { SettingsFile } from './settings-file.ts'

/** The section `store`; the embedded one stands in the data folder. */
export function storeOf({ store, data }: ConfigInput, settings: SettingsFile): StoreConfig {
  if (store.redis === undefined) {
    const file = store.embedded?.file
    const fallback = resolve(settings.path(data), 'darbaza.sqlite')
    return { kind: 'embedded', file: file === undefined ? fallback : settings.path(file) }
  }
  return redisOf(store.redis, settings)
}

function redisOf(
  redis: NonNullable<ConfigInput['store']['redis']>,
  settings: SettingsFile,
): RedisConfig {
  const { url, cluster, sentinel, username, tls } = redis
  if (url !== undefined) return { kind: 'redis', url: redisUrl(url, settings) }
  const password = settings.secret(redis.password, ['store', 'redis', 'password'])
  const login = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    isTls: tls,
  }
  if (sentinel === undefined) {
    return { kind: 'redis-cluster', nodes: addressesOf(cluster ?? []), ...login }
  }
  const { master, nodes } = sentinel
  return { kind: 'redis-sentinel', master, sentinels: addressesOf(nodes), ...login }
}

function redisUrl(url: string | SecretSource, settings: SettingsFile): string {
  if (typeof url === 'string') return url
  const path = ['store', 'redis', 'url']
  const secret = settings.secret(url, path) ?? ''
  const isUrl = URL.canParse(secret) && /^rediss?:\/\//.test(secret)
  if (secret !== '' && !isUrl) {
    settings.note('C006', path, 'the secret is not a URL, expected redis:// or rediss://')
  }
  return secret
}

/** Servers that the schema has found readable. */
function addressesOf(texts: readonly string[]): ServerAddress[] {
  return texts.map(serverOf).filter((server) => server !== undefined)
}
