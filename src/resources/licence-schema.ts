/**
 * What `licence:` of a rule file may say: the terms that the gateway keeps, the words that readers
 * see, and the contract, which is for staff. Terms have FOLIO's names where FOLIO has one.
 *
 * Source: FOLIO mod-licenses, the terms of its sample data; OCLC EZproxy help, UsageLimit.
 * @module
 */
import { z } from 'zod'

import { isDay } from '../core/days.ts'
import { expected, shortText, textThat, wholeNumber } from '../core/expectations.ts'
import { permissionTerms, permissionValues } from '../core/licence.ts'
import { textSchema } from '../core/texts.ts'
import { categories } from '../core/types.ts'

const day = textThat(isDay, 'a day such as 2026-12-31')
const names = z.array(shortText(200)).max(200)

/** Whether a text can be the id of a resource or pool. */
export function isSlug(text: string): boolean {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text) && text.length <= 64
}

const fairUse = z.strictObject({
  items: wholeNumber(1, 1_000_000)
    .optional()
    .describe('Full texts that one reader may take in a window. Default: no limit.'),
  megabytes: wholeNumber(1, 10_000_000)
    .optional()
    .describe('Megabytes (10^6 bytes) that one reader may take in a window. Default: no limit.'),
  per: z
    .enum(['hour', 'day', 'week', 'month'])
    .default('day')
    .describe(
      'Length of the window, which begins with the first use: 1 hour, 24 hours, 7 or 30 days. Default: day.',
    ),
  mode: z
    .enum(['watch', 'enforce'])
    .default('watch')
    .describe(
      'watch: what passes the quota is told to staff; enforce: it is refused as well. Default: watch.',
    ),
})

const permission = z.union(
  [
    z.enum(permissionValues),
    z.strictObject({
      value: z.enum(permissionValues).describe('What the contract says, in FOLIO’s words.'),
      publicNote: textSchema(2000, 'Words for readers beside it.').optional(),
      note: shortText(2000).optional().describe('Words for staff; never shown to readers.'),
    }),
  ],
  { error: expected(`one of ${permissionValues.join(', ')}, or { value: …, publicNote: … }`) },
)

const permissions = z
  .partialRecord(z.enum(permissionTerms), permission)
  .describe('What readers may do with what they read, by the names of FOLIO’s terms.')

const cost = z.strictObject({
  amount: z
    .number({ error: expected('an amount such as 1250 or 1250.50') })
    .min(0, { error: expected('an amount that is not negative') })
    .max(1e12, { error: expected('an amount of at most 10^12') })
    .describe('What is paid.'),
  currency: textThat(isCurrency, 'an ISO 4217 currency such as KGS, USD or EUR').describe(
    'Its currency, as three capital letters.',
  ),
  period: z
    .enum(['month', 'year', 'once'])
    .default('year')
    .describe('How often it is paid. Default: year.'),
})

const contract = z.strictObject({
  number: shortText(200).optional().describe('Number of the contract.'),
  contact: shortText(500).optional().describe('Whom to write to at the provider.'),
  cost: cost.optional().describe('What it costs.'),
  noticeOn: day
    .optional()
    .describe('Last day on which the contract can be renewed or ended. Default: licence.until.'),
  noticeDays: wholeNumber(0, 730)
    .default(60)
    .describe('check warns so many days before noticeOn and before licence.until. Default: 60.'),
  note: shortText(4000).optional().describe('Anything else that staff should know.'),
})

/** `licence:` of a rule. */
export const licenceSchema = z.strictObject({
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
  units: names
    .min(1, { error: expected('the faculties or departments, or no units at all') })
    .optional()
    .describe('Faculties or departments that the licence is limited to. Default: all.'),
  walkIn: z
    .boolean()
    .optional()
    .describe('Whether visitors may read, inside the library only. Default: as categories say.'),
  remote: z
    .enum(['anywhere', 'on_site_only', 'listed_sites', 'listed_networks'])
    .default('anywhere')
    .describe(
      'Where readers may be: anywhere, in the library’s own networks, at the sites or in the networks listed. Default: anywhere.',
    ),
  sites: names.default([]).describe('The sites of listed_sites, as networks name them.'),
  networks: names
    .default([])
    .describe('The networks of listed_networks, by their names in the configuration.'),
  seats: wholeNumber(1, 100_000).optional().describe('Readers at once. Default: no limit.'),
  pool: textThat(isSlug, 'small letters, digits and single hyphens')
    .optional()
    .describe('Pool that the seats are taken from, shared by resources. Default: one of its own.'),
  reserved: z
    .strictObject({
      seats: wholeNumber(1, 100_000).describe('Of the seats, so many.'),
      networks: names
        .min(1, { error: expected('the networks that they are for, or no networks at all') })
        .optional()
        .describe('The networks that they are for. Default: those of channel onsite.'),
    })
    .optional()
    .describe('Seats for readers on site, such as those at library computers. Default: none.'),
  morePools: z
    .array(
      z.strictObject({
        pool: textThat(isSlug, 'small letters, digits and single hyphens').describe(
          'Its name, as other resources give it.',
        ),
        seats: wholeNumber(1, 100_000).describe('Readers at once in it.'),
      }),
    )
    .max(4)
    .default([])
    .describe('Pools where a seat is sought when the own one is full, in order. Default: none.'),
  seatIdleMinutes: wholeNumber(1, 1440)
    .default(15)
    .describe('A seat not used for this long is free again, in minutes. Default: 15.'),
  seatGraceSeconds: wholeNumber(5, 3600)
    .optional()
    .describe('After the last page is closed a seat is free after so many seconds. Default: 60.'),
  fairUse: fairUse.optional().describe('How much one reader may take. Default: no quota.'),
  publicNote: textSchema(
    4000,
    'Terms in words, for readers on the page of the resource.',
  ).optional(),
  permissions: permissions.optional(),
  contract: contract
    .optional()
    .describe('For staff and reports; nothing of it is shown to readers.'),
})

/** The terms as written, with defaults filled in. */
export type LicenceInput = z.output<typeof licenceSchema>

function isCurrency(text: string): boolean {
  return Intl.supportedValuesOf('currency').includes(text)
}
