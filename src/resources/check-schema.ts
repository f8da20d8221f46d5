/**
 * What stands under `check:` in a rule file: which links are checked, how often, and what a page shows
 * to subscribers.
 * @module
 */
import { z } from 'zod'

import { shortText, textThat, wholeNumber } from '../core/expectations.ts'
import { limits } from '../core/limits.ts'

const { everyHours, everyHoursMost, entries } = limits.links

const url = textThat(
  (text) => /^https?:\/\/[^\s\\@]+$/i.test(text) && URL.canParse(text),
  'an absolute http or https URL',
)

/** `check:` of a rule. */
export const checkSchema = z.strictObject({
  allowed: z
    .boolean()
    .default(true)
    .describe('false: this publisher wants no programs, and is never visited. Default: true.'),
  everyHours: wholeNumber(1, everyHoursMost)
    .default(everyHours)
    .describe(`How often its links are checked, in hours. Default: ${everyHours}.`),
  entries: z
    .array(url)
    .max(entries)
    .default([])
    .describe('Further links that the library publishes, on hosts of the resource. Default: none.'),
  probe: z
    .strictObject({
      url: url.optional().describe('A page that tells subscribers who they are. Default: start.'),
      text: shortText(300)
        .optional()
        .describe('What it shows to subscribers, in small or capital letters. This or pattern.'),
      pattern: shortText(1000)
        .optional()
        .describe('The RE2 pattern of what it shows to subscribers. This or text.'),
    })
    .optional()
    .describe('How to tell whether the publisher knows the library. Default: it is not asked.'),
})

/** As written, with defaults filled in. */
export type CheckInput = z.output<typeof checkSchema>
