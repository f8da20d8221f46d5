/**
 * What `store:` of `gateway.yaml` may say: where state is kept.
 * @module
 */
import { z } from 'zod'

import { expectedSecretly, shortText, textThat } from '../core/expectations.ts'
import { serverOf } from './addresses.ts'
import { path } from './fields.ts'
import { secret, secretPhrase } from './secret-schema.ts'

const redisPhrase = `redis:// or rediss:// and a host, without a password; one with a password as ${secretPhrase}`

const server = textThat((text) => serverOf(text) !== undefined, 'HOST:PORT')
const servers = z.array(server).min(1).max(50)

const redisServers = z
  .strictObject({
    url: z
      .union(
        [
          z.string().refine((url) => isRedisUrl(url) && !hasPassword(url), {
            error: expectedSecretly(redisPhrase),
          }),
          secret,
        ],
        { error: expectedSecretly(redisPhrase) },
      )
      .optional()
      .describe('redis://HOST:6379/0 without a password, or { file } or { env } holding one.'),
    cluster: servers.optional().describe('Some nodes of a Redis Cluster, as HOST:PORT.'),
    sentinel: z
      .strictObject({
        master: shortText(200).describe('Name under which the Sentinels watch the master.'),
        nodes: servers.describe('The Sentinels, as HOST:PORT.'),
      })
      .optional()
      .describe('Sentinels that know the master.'),
    username: shortText(200).optional().describe('For cluster and sentinel. Default: none.'),
    password: secret.optional().describe('For cluster and sentinel. Default: none.'),
    tls: z.boolean().default(false).describe('For cluster and sentinel. Default: false.'),
  })
  .refine(
    ({ url, cluster, sentinel }) =>
      [url, cluster, sentinel].filter((kind) => kind !== undefined).length === 1,
    { error: 'expected one of url, cluster and sentinel' },
  )
  .refine(
    ({ url, username, password, tls }) =>
      url === undefined || (username === undefined && password === undefined && !tls),
    { error: 'found a login or tls beside url, expected them within the URL' },
  )

/** The section `store`. */
export const storeSchema = z
  .strictObject({
    embedded: z
      .strictObject({
        file: path.optional().describe('SQLite file. Default: darbaza.sqlite in the data folder.'),
      })
      .optional()
      .describe('SQLite within the one gateway process.'),
    redis: redisServers.optional().describe('Redis, shared by any number of gateway processes.'),
  })
  .refine(({ embedded, redis }) => embedded === undefined || redis === undefined, {
    error: 'found both embedded and redis, expected one of them',
  })

function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && /^rediss?:\/\/[^/]/.test(text)
}

/** Clients take one from the URL's authority or from its query. */
function hasPassword(text: string): boolean {
  const url = new URL(text)
  return url.password !== '' || url.searchParams.has('password')
}
