/**
 * The connection to Redis: made in the background, made anew by itself, never waited for longer than
 * a command may take. Its errors are told in the words of the contract.
 *
 * Nothing that Redis or the client library says is passed on as it is: their errors carry commands
 * with keys and values. What remains is a code (`ECONNREFUSED`, `WRONGPASS`, `OOM`).
 * @module
 */
import { createHash, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { unescape } from 'node:querystring'
import { setTimeout as delay } from 'node:timers/promises'

import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis'

import { GatewayError, systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { RedisConfig, RedisLogin } from '../core/store-config.ts'

/** A Lua script, run by its digest once the server knows it. */
export interface Script {
  readonly lua: string
  readonly digest: string
}

/** One server or a Cluster: both take the same commands. */
export type RedisClient = Cluster | Redis

/** Commands and scripts, answered in time or rejected with `ERR_STORE_AWAY`. */
export interface RedisLink {
  ask<Answer>(command: (redis: RedisClient) => Promise<Answer>): Promise<Answer>
  /** Runs a script atomically; its answer is to be parsed. */
  run(
    script: Script,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<unknown>
  /**
   * Calls back for every message of a channel, and without one whenever it begins to listen (again):
   * messages of the time before are lost. The answer ends it.
   */
  subscribe(channel: string, onMessage: (message?: string) => void): () => void
  close(): Promise<void>
}

/** A script with its digest. Source: Redis manual, EVALSHA. */
export function luaScript(lua: string): Script {
  return { lua, digest: createHash('sha1').update(lua).digest('hex') }
}

/**
 * Begins to connect.
 *
 * @throws {GatewayError} `ERR_CONFIG` when the URL cannot be read; its text is not repeated, as it
 * may hold a password.
 */
export function openRedisLink(config: RedisConfig): RedisLink {
  const redis = clientOf(config)
  let fault = 'not connected'
  let isClosed = false
  // Without a listener the library prints errors; here the operations tell them.
  redis.on('error', (error: unknown) => {
    fault = codeOf(error) ?? 'the connection broke'
  })
  redis.on('ready', () => {
    fault = 'the connection was lost'
    // A Cluster that is closed while it is looked at becomes ready all the same, and stays so.
    if (isClosed) redis.disconnect()
  })
  const looking = redis instanceof Cluster ? lookAfter(redis) : undefined
  // The first operations wait for the first attempt; later ones fail at once while Redis is away.
  const firstAttempt = Promise.race([
    connect(redis).catch(() => undefined),
    delay(firstAttemptMs(config), undefined, { ref: false }),
  ])

  async function ask<Answer>(command: (redis: RedisClient) => Promise<Answer>): Promise<Answer> {
    await firstAttempt
    try {
      return await command(redis)
    } catch (error) {
      throw storeError(error, fault)
    }
  }

  const endings = new Set<() => void>()

  function subscribe(channel: string, onMessage: (message?: string) => void): () => void {
    const end = listen(() => listenerOf(redis, config), channel, onMessage)
    endings.add(end)
    return () => {
      endings.delete(end)
      end()
    }
  }

  return {
    ask,
    subscribe,
    run: (script, keys, values) =>
      ask(async () => {
        try {
          return await redis.evalsha(script.digest, keys.length, ...keys, ...values)
        } catch (error) {
          // The server was restarted, or has never seen the script.
          if (replyCode(error) !== 'NOSCRIPT') throw error
          return await redis.eval(script.lua, keys.length, ...keys, ...values)
        }
      }),
    async close() {
      fault = 'the store is closed'
      isClosed = true
      clearInterval(looking)
      for (const end of endings) end()
      // QUIT is answered after every command before it.
      if (redis.status === 'ready') await redis.quit().catch(() => undefined)
      redis.disconnect()
    },
  }
}

/**
 * Listens to a channel by a connection of its own, which takes no other command, and by another one
 * when that has ended for good. Messages of one connection come in order and none is left out.
 */
function listen(
  open: () => Redis,
  channel: string,
  onMessage: (message?: string) => void,
): () => void {
  let listener = begin()
  let again: NodeJS.Timeout | undefined

  function begin(): Redis {
    const opened = open()
    opened.on('error', () => undefined)
    opened.on('message', (_channel: string, message: string) => {
      onMessage(message)
    })
    opened.on('ready', () => {
      void subscribeTo(opened)
    })
    opened.on('end', onEnd)
    opened.connect().catch(() => undefined)
    return opened
  }
  async function subscribeTo(opened: Redis): Promise<void> {
    const isHeard = await opened.subscribe(channel).then(
      () => true,
      () => false,
    )
    if (isHeard) onMessage()
  }
  function onEnd(): void {
    again = setTimeout(() => (listener = begin()), limits.store.reconnectMs)
    again.unref()
  }

  return () => {
    clearTimeout(again)
    listener.off('end', onEnd)
    listener.disconnect()
  }
}

/**
 * Any node of a Cluster hears what is said to another. The library's own listener of a Cluster moves
 * to another node without a word, so that nobody would know what was lost meanwhile.
 */
function listenerOf(redis: RedisClient, config: RedisConfig): Redis {
  if (redis instanceof Redis) return redis.duplicate({ lazyConnect: true, autoResubscribe: false })
  const known = redis.nodes().map(({ options: { host, port } }) => ({ host, port }))
  const nodes = known.length > 0 || config.kind !== 'redis-cluster' ? known : config.nodes
  const { host, port } = nodes[randomInt(nodes.length)] ?? {}
  return new Redis({
    ...behaviour,
    ...(config.kind !== 'redis' && loginOptions(config)),
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    autoResubscribe: false,
    retryStrategy: () => null,
  })
}

function clientOf(config: RedisConfig): RedisClient {
  if (config.kind === 'redis') return new Redis({ ...addressOptions(config.url), ...behaviour })
  const login = loginOptions(config)
  if (config.kind === 'redis-cluster') {
    return new Cluster([...config.nodes], {
      ...clusterBehaviour,
      redisOptions: { ...behaviour, ...login },
    })
  }
  return new Redis({
    ...behaviour,
    ...login,
    name: config.master,
    sentinels: [...config.sentinels],
    ...(login.password !== undefined && { sentinelPassword: login.password }),
    ...(config.isTls && { enableTLSForSentinelMode: true, sentinelTLS: {} }),
    sentinelCommandTimeout: limits.store.commandMs,
    sentinelRetryStrategy: behaviour.retryStrategy,
  })
}

/** A group is asked who serves before anybody of it can. */
function firstAttemptMs({ kind }: RedisConfig): number {
  return kind === 'redis' ? limits.store.commandMs : limits.store.silentSocketMs
}

/** A Cluster is ready when it knows its masters; commands fail until they are connected as well. */
async function connect(redis: RedisClient): Promise<void> {
  if (redis instanceof Cluster) redis.on('+node', connectNode)
  await redis.connect()
  if (!(redis instanceof Cluster)) return
  await Promise.all(
    redis.nodes('master').map(async (node) => {
      if (node.status !== 'ready') await once(node, 'ready')
    }),
  )
}

function connectNode(node: Redis): void {
  void node.connect().catch(() => undefined)
}

/**
 * Learns within a second who serves which part, even when no command is redirected. The library's
 * own timer for this starts anew, for ever, when a Cluster is closed while it looks.
 */
function lookAfter(redis: Cluster): NodeJS.Timeout {
  const timer = setInterval(() => {
    if (redis.status === 'ready') redis.refreshSlotsCache()
  }, limits.store.commandMs)
  return timer.unref()
}

function loginOptions({ username, password, isTls }: RedisLogin) {
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(isTls && { tls: {} }),
  } satisfies RedisOptions
}

const behaviour = {
  connectionName: 'darbaza',
  lazyConnect: true,
  connectTimeout: limits.store.commandMs,
  commandTimeout: limits.store.commandMs,
  socketTimeout: limits.store.silentSocketMs,
  // Nothing waits for Redis to come back: a request is refused or goes on without the store.
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: (attempt: number) => Math.min(25 * 2 ** attempt, limits.store.reconnectMs),
  // After a failover the old master answers READONLY: the name leads to the new one.
  reconnectOnError: (error: Error) => replyCode(error) === 'READONLY',
} satisfies RedisOptions

const clusterBehaviour = {
  lazyConnect: true,
  enableOfflineQueue: false,
  clusterRetryStrategy: behaviour.retryStrategy,
  // A slot on its way is followed; a part that is away is not waited for.
  maxRedirections: 4,
  retryDelayOnFailover: 0,
  slotsRefreshTimeout: limits.store.commandMs,
} satisfies ClusterOptions

/** Reads `redis://user:password@host:port/database` without the library's query parameters. */
function addressOptions(text: string) {
  const url = URL.parse(text)
  const database = Number(url?.pathname.slice(1))
  if (
    url === null ||
    !['redis:', 'rediss:'].includes(url.protocol) ||
    url.hostname === '' ||
    url.search !== '' ||
    !Number.isInteger(database)
  ) {
    throw new GatewayError('ERR_CONFIG', 'expected redis://host:port/database or rediss://...', {
      at: 'store.redis.url',
    })
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || 6379),
    db: database,
    ...(url.username !== '' && { username: unescape(url.username) }),
    ...(url.password !== '' && { password: unescape(url.password) }),
    ...(url.protocol === 'rediss:' && { tls: {} }),
  } satisfies RedisOptions
}

/** A wrong kind of key as `ERR_STORE_DATA`, all else as away; `fault` is that of the connection. */
function storeError(error: unknown, fault: string): GatewayError {
  if (replyCode(error) === 'WRONGTYPE') {
    return new GatewayError('ERR_STORE_DATA', 'Redis: the key holds another kind of value')
  }
  const isLate = error instanceof Error && error.message === 'Command timed out'
  const reason = isLate ? 'no answer in time' : (codeOf(error) ?? fault)
  return new GatewayError('ERR_STORE_AWAY', `Redis does not serve: ${reason}`)
}

/** What happened, as a code without any text of the server or the library. */
function codeOf(error: unknown): string | undefined {
  return systemCodeOf(error) ?? replyCode(error)
}

/** The first word of an error reply. Source: Redis serialization protocol, "Simple errors". */
function replyCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return undefined
  return /^[A-Z]+/.exec(error.message)?.[0] ?? 'ERR'
}
