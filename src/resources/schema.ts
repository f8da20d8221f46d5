/**
 * What a rule file may say: one resource, every key with its meaning, unit and default. Unknown keys
 * are errors. The JSON Schema for editors (`config/resource.schema.json`) is generated from this.
 * @module
 */
import { z } from 'zod'

import { expected, shortText, textThat } from '../core/expectations.ts'
import { isRange, rangeWords } from '../core/ranges.ts'
import { textSchema } from '../core/texts.ts'
import { categories } from '../core/types.ts'
import { checkSchema } from './check-schema.ts'
import { counterSchema, sushiSchema } from './counter-schema.ts'
import { licenceSchema } from './licence-schema.ts'
import { rewritingSchema } from './rewriting-schema.ts'
import { usageSchema } from './usage-schema.ts'

const names = z.array(shortText(200)).max(200)
const hostPhrase = expected(
  'a host (www.jstor.org, *.jstor.org, http://…, https://…:8443) or { domain: jstor.org }',
)

const host = z.union(
  [shortText(300), z.strictObject({ domain: shortText(300) }, { error: hostPhrase })],
  { error: hostPhrase },
)

const addressEntry = z.strictObject({
  networks: names
    .default([])
    .describe('Networks of the configuration, by their names. Default: none.'),
  ranges: z
    .array(textThat(isRange, rangeWords))
    .max(1000)
    .default([])
    .describe('Addresses, CIDR blocks or first-last pairs. Default: none.'),
  treatment: z
    .enum(['authenticate', 'auto-login', 'direct', 'reject'])
    .describe(
      'authenticate: sign in; auto-login: admitted by address; direct: sent to the publisher; reject: refused.',
    ),
  category: z
    .enum(categories)
    .default('walk-in')
    .describe('Category of readers admitted by auto-login. Default: walk-in.'),
})

/** The whole of a rule file. */
export const resourceSchema = z
  .strictObject({
    title: textSchema(300, 'Name of the resource, as readers see it.'),
    description: textSchema(4000, 'What it holds, in a sentence or two.').optional(),
    provider: shortText(200).describe('Who sells it.'),
    subjects: names.default([]).describe('Subjects under which readers find it. Default: none.'),
    start: textThat(isStart, 'an absolute http or https URL').describe(
      'Starting point: the URL that readers are sent to; on one of the hosts.',
    ),
    hosts: z
      .array(host)
      .min(1, { error: () => 'found an empty list, expected the hosts of the resource' })
      .max(5000)
      .describe(
        'Hosts that are served: www.jstor.org; *.jstor.org for those below it; { domain: jstor.org } for both; http:// before a host without TLS; :8443 after one on another port.',
      ),
    open: z
      .boolean()
      .default(true)
      .describe('false shows the resource as closed and does not serve it. Default: true.'),
    addresses: z
      .array(addressEntry)
      .min(1, { error: expected('exceptions to the networks, or no addresses at all') })
      .max(1000)
      .optional()
      .describe(
        'What some addresses decide for this resource alone; the last entry that holds one wins. Default: as the networks of the configuration say.',
      ),
    licence: licenceSchema.describe('What the licence allows; {} for members from anywhere.'),
    counter: counterSchema
      .optional()
      .describe('What reports of COUNTER’s form call it. Default: as its own keys say.'),
    sushi: sushiSchema
      .optional()
      .describe('Where the publisher’s own COUNTER reports are fetched. Default: nowhere.'),
    check: checkSchema
      .optional()
      .describe('How its links are checked. Default: the starting point, once a day.'),
    rewriting: rewritingSchema
      .optional()
      .describe('What this publisher needs beyond the defaults. Default: nothing.'),
    usage: usageSchema
      .optional()
      .describe(
        'What its addresses are for the counting of use; the first entry that fits decides. Default: by Content-Type and the page’s own citation.',
      ),
  })
  .meta({
    title: 'Darbaza resource',
    description: 'A licensed database; the file’s name is its id.',
  })

/** A rule as written, with defaults filled in. */
export type ResourceInput = z.output<typeof resourceSchema>

function isStart(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url !== undefined && url.username === '' && url.password === ''
  return isPlain && /^https?:\/\/[^\s\\]*$/i.test(text)
}
