/**
 * What `reports:` of `gateway.yaml` may say: which reports are delivered by themselves, and how mail is
 * sent.
 * @module
 */
import { z } from 'zod'

import { expected, shortText, textThat, wholeNumber } from '../core/expectations.ts'
import { languages } from '../core/languages.ts'
import { reportChoices, reportFormats } from '../core/reports.ts'
import { secret } from './secret-schema.ts'

const address = textThat(
  (text) => text.length <= 254 && /^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(text),
  'a mail address such as director@example.edu',
)

const schedule = z
  .strictObject({
    name: textThat(
      (text) => /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= 40,
      'a slug',
    ).describe('Unique name: what was delivered is remembered by it.'),
    every: z.enum(['month', 'quarter', 'year']).describe('Of what time, when it is over.'),
    reports: z
      .array(textThat((text) => reportChoices.includes(text), `one of ${reportChoices.join(', ')}`))
      .min(1)
      .max(20)
      .describe('Reports, such as summary, seats or use/unit.'),
    formats: z
      .array(z.enum(reportFormats))
      .min(1)
      .max(5)
      .default(['xlsx'])
      .describe('Files of each: csv, tsv, xlsx, json, html. Default: xlsx.'),
    language: z.enum(languages).default('ky').describe('ky, ru or en. Default: ky.'),
    folder: shortText(4096).optional().describe('Folder for the files. Default: none.'),
    mail: z.array(address).min(1).max(20).optional().describe('Who gets them. Default: nobody.'),
  })
  .refine(({ folder, mail }) => folder !== undefined || mail !== undefined, {
    error: expected('a folder, or addresses under mail'),
  })

/** The section `reports`. */
export const deliverySchema = z
  .strictObject({
    schedule: z
      .array(schedule)
      .max(20)
      .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
        error: expected('names that are their own'),
      })
      .default([])
      .describe('What is delivered by itself. Default: nothing.'),
    mail: z
      .strictObject({
        host: shortText(253).describe('Name of the mail server.'),
        port: wholeNumber(1, 65_535).default(587).describe('Its port. Default: 587.'),
        security: z
          .enum(['starttls', 'tls', 'none'])
          .default('starttls')
          .describe('starttls, tls from the beginning, or none. Default: starttls.'),
        username: shortText(200).optional().describe('Default: none, without a login.'),
        password: secret.optional().describe('Default: none.'),
        from: address.describe('Sender.'),
      })
      .optional()
      .describe('How mail is sent. Default: not at all.'),
  })
  .refine(({ schedule: all, mail }) => mail !== undefined || all.every((each) => !each.mail), {
    error: expected('mail, since a schedule names addresses'),
  })
