/**
 * Where state is kept, as configuration says it and the store opens it.
 * @module
 */

/** A server by name or address. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/** How the servers of a Cluster, or the masters of Sentinels, are spoken to. */
export interface RedisLogin {
  readonly username?: string
  readonly password?: string
  readonly isTls: boolean
}

/** One Redis, the nodes by which a Cluster is found, or the Sentinels that know the master. */
export type RedisConfig =
  | { readonly kind: 'redis'; readonly url: string }
  | ({ readonly kind: 'redis-cluster'; readonly nodes: readonly ServerAddress[] } & RedisLogin)
  | ({
      readonly kind: 'redis-sentinel'
      /** Name under which the Sentinels watch the master. */
      readonly master: string
      readonly sentinels: readonly ServerAddress[]
    } & RedisLogin)

/** A SQLite file for one process, or Redis for any number. */
export type StoreConfig = { readonly kind: 'embedded'; readonly file: string } | RedisConfig
