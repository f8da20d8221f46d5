/**
 * What `counter:` and `sushi:` of a rule file may say: how reports of COUNTER's form call the resource,
 * and where its publisher's own reports are fetched.
 * @module
 */
import { z } from 'zod'

import { databaseTypes, harvestedReports, titleTypes } from '../core/counter.ts'
import { expected, expectedSecretly, shortText, textThat } from '../core/expectations.ts'
import { isPathPattern } from './path-patterns.ts'

const names = z.array(shortText(200)).max(200)

const mining = z
  .strictObject({
    groups: names.default([]).describe('Groups all of whose exchanges it is. Default: none.'),
    networks: names.default([]).describe('Networks likewise, by name. Default: none.'),
    paths: z
      .array(textThat(isPathPattern, 'a path that begins with /, such as /api/tdm/**'))
      .max(200)
      .default([])
      .describe('Paths of interfaces for it, whoever asks. Default: none.'),
  })
  .refine(({ groups, networks, paths }) => groups.length + networks.length + paths.length > 0, {
    error: expected('at least one of groups, networks, paths'),
  })

/** `counter:` of a rule. */
export const counterSchema = z.strictObject({
  database: z
    .enum(databaseTypes)
    .default('Database_Aggregated')
    .describe(
      'What it is: Database_AI for abstracts and indexes, Database_Aggregated for full text in journals and books, Database_Full for full text in no title. Default: Database_Aggregated.',
    ),
  titles: z
    .enum(titleTypes)
    .optional()
    .describe(
      'Data type of what is read, where a page does not tell: Journal, Book … Default: Database_Full_Item of a Database_Full, else Unspecified.',
    ),
  mining: mining
    .optional()
    .describe(
      'Text and data mining that the publisher has agreed to: counted by itself, and not as reading. Default: none.',
    ),
})

const secretError = { error: expectedSecretly('{ env: NAME } or { file: PATH }') }
const secret = z.union(
  [
    z.strictObject(
      { env: z.string(secretError).regex(/^[A-Za-z_]\w*$/, secretError) },
      secretError,
    ),
    z.strictObject({ file: z.string(secretError).min(1, secretError) }, secretError),
  ],
  secretError,
)

/** `sushi:` of a rule. */
export const sushiSchema = z.strictObject({
  url: textThat(
    isServiceUrl,
    'an https URL without a query, such as https://counter.example',
  ).describe(
    'Where the publisher’s COUNTER API is: what stands before /r51/reports, or before /reports of release 5.',
  ),
  release: z.enum(['5', '5.1']).default('5.1').describe('Release of its reports. Default: 5.1.'),
  report: z
    .enum(harvestedReports)
    .default('DR')
    .describe(
      'Which report: DR of databases, TR of journals and books, IR of items, PR of the whole platform. Default: DR.',
    ),
  customerId: shortText(200).describe('The customer_id that the publisher gave the library.'),
  requestorId: secret
    .optional()
    .describe('The requestor_id, by where it is kept. Default: none is sent.'),
  apiKey: secret.optional().describe('The api_key, by where it is kept. Default: none is sent.'),
  platform: shortText(200)
    .optional()
    .describe('Platform, for a server that tells of several. Default: none is named.'),
  database: shortText(300)
    .optional()
    .describe(
      'Name of the one database of a DR that counts, as the report has it. Default: all together.',
    ),
})

/** The two as written, with defaults filled in. */
export type CounterInput = z.output<typeof counterSchema>

/** Likewise. */
export type SushiInput = z.output<typeof sushiSchema>

/** Keys go there: only under TLS, but for names of this machine, and only to where staff have said. */
function isServiceUrl(text: string): boolean {
  if (!URL.canParse(text) || text.length > 1000) return false
  const { protocol, hostname, username, password, search, hash } = new URL(text)
  const isSafe =
    protocol === 'https:' || (protocol === 'http:' && /(?:^|\.)localhost$/.test(hostname))
  return isSafe && `${username}${password}${search}${hash}` === '' && !/[?#\s\\]/.test(text)
}
