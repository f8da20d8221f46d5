/**
 * What a rule file may say: one resource, every key with its meaning, unit and default. Unknown keys
 * are errors. The JSON Schema for editors (`config/resource.schema.json`) is generated from this.
 * @module
 */
import { z } from 'zod'

import { expected, shortText, textThat, wholeNumber } from '../core/expectations.ts'
import { textSchema } from '../core/texts.ts'
import { categories } from '../core/types.ts'
import { isDay } from './days.ts'
import { rewritingSchema } from './rewriting-schema.ts'

const day = textThat(isDay, 'a day such as 2026-12-31')
const names = z.array(shortText(200)).max(200)
const slug = textThat(isSlug, 'small letters, digits and single hyphens')
const hostPhrase = expected(
  'a host (www.jstor.org, *.jstor.org, http://…, https://…:8443) or { domain: jstor.org }',
)

const host = z.union(
  [shortText(300), z.strictObject({ domain: shortText(300) }, { error: hostPhrase })],
  { error: hostPhrase },
)

const licence = z.strictObject({
  from: day
    .optional()
    .describe('First day of access, in the institution’s time zone. Default: no beginning.'),
  until: day.optional().describe('Last day of access. Default: no end.'),
  graceDays: wholeNumber(0, 366)
    .default(0)
    .describe('Days after the last during which access goes on. Default: 0.'),
  categories: z
    .array(z.enum(categories))
    .max(categories.length)
    .optional()
    .describe(
      'Who may read; one suffices. Default: faculty, staff, student and member, or nobody when groups are given.',
    ),
  groups: names.default([]).describe('Groups that may read besides. Default: none.'),
  remote: z
    .enum(['anywhere', 'on_site_only', 'listed_sites'])
    .default('anywhere')
    .describe(
      'Where readers may be: anywhere, in the library’s own networks, or at the sites listed. Default: anywhere.',
    ),
  sites: names.default([]).describe('The sites of listed_sites, as networks name them.'),
  seats: wholeNumber(1, 100_000).optional().describe('Readers at once. Default: no limit.'),
  pool: slug
    .optional()
    .describe('Pool that the seats are taken from, shared by resources. Default: one of its own.'),
  seatIdleMinutes: wholeNumber(1, 1440)
    .default(15)
    .describe('A seat not used for this long is free again, in minutes. Default: 15.'),
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
    licence: licence.describe('What the licence allows; {} for members from anywhere.'),
    rewriting: rewritingSchema
      .optional()
      .describe('What this publisher needs beyond the defaults. Default: nothing.'),
  })
  .meta({
    title: 'Darbaza resource',
    description: 'A licensed database; the file’s name is its id.',
  })

/** A rule as written, with defaults filled in. */
export type ResourceInput = z.output<typeof resourceSchema>

/** Whether a text can be the id of a resource or pool. */
export function isSlug(text: string): boolean {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= 64
}

function isStart(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url !== undefined && url.username === '' && url.password === ''
  return isPlain && /^https?:\/\/[^\s\\]*$/i.test(text)
}
