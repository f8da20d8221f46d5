/**
 * What stands under `usage:` in a rule file, every key with its meaning and default.
 * @module
 */
import { z } from 'zod'

import { expected, shortText, textThat } from '../core/expectations.ts'
import { dataTypes, searchKinds, useFormats, useKinds } from '../core/use.ts'
import { isNamingPath, isTemplate } from './address-patterns.ts'
import { scopeHosts } from './rewriting-schema.ts'

const url = textThat(
  (text) => /^https?:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text),
  'an absolute http or https URL',
)
const mediaType = textThat(
  (text) => /^[\w.+-]+\/[\w.+-]+(?:;.{0,200})?$/.test(text),
  'a media type such as application/pdf',
)

const fixture = z.union(
  [
    url,
    z.strictObject({
      url: url.describe('An address of the publisher’s own.'),
      type: mediaType
        .optional()
        .describe('Content-Type of its answer. Default: one of the entry’s format.'),
      item: shortText(300)
        .optional()
        .describe('What the item is to be: doi:10.1/x, isbn:…, id:…. Default: not asked.'),
      title: shortText(300)
        .optional()
        .describe('What the title is to be: issn:…, isbn:…, id:…. Default: not asked.'),
    }),
  ],
  { error: expected('a URL, or { url: …, type: …, item: …, title: … }') },
)

/** One entry. */
const entry = z.strictObject({
  path: textThat(
    isNamingPath,
    'a path that begins with "/", in which * stands for anything in a segment, ** for anything, and {doi}, {item}, {isbn}, {issn} or {title} for a part',
  )
    .optional()
    .describe(
      'The whole path: * within a segment, ** anything; {doi}, {item}, {isbn}, {issn}, {title} name a part. This or pattern.',
    ),
  query: z
    .record(
      z.string().min(1).max(200),
      textThat(isTemplate, 'the value of a parameter, in which * stands for anything'),
    )
    .optional()
    .describe(
      'Parameters that have to be there, decoded: * for any value that is not empty; parts are named as in a path. Default: none.',
    ),
  pattern: shortText(1000)
    .optional()
    .describe(
      'An RE2 pattern looked for in path and query; groups may be named doi, item, isbn, issn and title. This or path.',
    ),
  hosts: scopeHosts,
  is: z
    .enum([...useKinds, 'nothing'])
    .describe(
      'investigation: about an item; request: its full content; search; nothing: not counted, whatever it is by default.',
    ),
  format: z
    .enum(useFormats)
    .optional()
    .describe('In what form it is read; another answer does not fit. Default: by Content-Type.'),
  dataType: z
    .enum(dataTypes)
    .optional()
    .describe('COUNTER’s Data_Type of the title. Default: as the page says.'),
  search: z
    .enum(searchKinds)
    .optional()
    .describe(
      'Of a search: regular, of what the reader chose; automated, by the platform over several databases; federated, by a program elsewhere. Default: regular.',
    ),
  test: z
    .union(
      [
        fixture,
        z
          .array(fixture)
          .min(1, { error: () => 'found an empty list, expected a URL' })
          .max(50),
      ],
      { error: expected('a URL, { url: …, type: …, item: …, title: … } or a list of these') },
    )
    .describe('Addresses that this entry has to decide. A rule that fails its own is refused.'),
})

/** Everything under `usage:`. */
export const usageSchema = z
  .array(entry)
  .min(1, { error: expected('what addresses are, or no usage at all') })
  .max(200)

/** The entries as written. */
export type UsageInput = z.output<typeof usageSchema>
