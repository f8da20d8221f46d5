/**
 * What `identity:` of `gateway.yaml` may say: OpenID providers, what their claims mean, and how long a
 * sign-in lasts.
 * @module
 */
import { z } from 'zod'

import { expected, shortText, textThat, wholeNumber } from '../core/expectations.ts'
import { textSchema } from '../core/texts.ts'
import { categories } from '../core/types.ts'
import { isIssuer } from './addresses.ts'
import { names } from './fields.ts'
import { secret } from './secret-schema.ts'

const meaningPhrase = 'a category, or { category: …, unit: … } with at least one of the two'

const meaning = z
  .union(
    [
      z.enum(categories),
      z
        .strictObject({
          category: z.enum(categories).optional(),
          unit: shortText(200).optional(),
        })
        .refine(({ category, unit }) => category !== undefined || unit !== undefined),
    ],
    { error: expected(meaningPhrase) },
  )
  .describe('What the value makes of a reader: a category, a unit, or both.')

const claims = z.strictObject({
  affiliation: names
    .default([
      'eduperson_scoped_affiliation',
      'eduPersonScopedAffiliation',
      'edu_person_scoped_affiliations',
      'eduperson_affiliation',
      'eduPersonAffiliation',
      'edu_person_affiliations',
      'voperson_external_affiliation',
      'affiliation',
    ])
    .describe(
      'Claims in which affiliations such as student@example.edu are looked for; all count.',
    ),
  entitlement: names
    .default([
      'eduperson_entitlement',
      'eduPersonEntitlement',
      'edu_person_entitlements',
      'entitlements',
    ])
    .describe('Claims with entitlements, such as common-lib-terms.'),
  organisation: names
    .default(['schac_home_organization', 'schacHomeOrganization', 'hd'])
    .describe('Claims with the home organisation, whose an affiliation without @ is.'),
  groups: names
    .default(['groups', 'roles', 'realm_access.roles', 'resource_access.<client>.roles', 'wids'])
    .describe('Claims with names of groups or roles; <client> is the client id.'),
  unit: names.default(['department', 'ou']).describe('Claims with the faculty or department.'),
  displayName: names.default(['name']).describe('Claims with the name shown on the account page.'),
  allowedScopes: z
    .array(shortText(253))
    .max(100)
    .default([])
    .describe('Domains that affiliations may have after their @. Default: none.'),
  unscoped: z
    .boolean()
    .default(true)
    .describe('Whether affiliations without @ count. Default: true.'),
  split: z
    .boolean()
    .default(true)
    .describe('Whether a text of groups with spaces or semicolons is several. Default: true.'),
  values: z
    .record(shortText(200), meaning)
    .default({})
    .describe('What values of groups, entitlements and units mean. Default: nothing.'),
  commonLibTerms: z
    .enum(['walk-in', 'member'])
    .default('walk-in')
    .describe(
      'What the entitlement common-lib-terms makes of a reader without affiliation. Default: walk-in, who reads on site.',
    ),
  defaultCategory: z
    .enum(categories)
    .optional()
    .describe('Category of a reader from whose claims none follows. Default: none.'),
  required: z
    .record(shortText(200), z.array(shortText(253)).min(1).max(100))
    .default({})
    .describe('Claims of which an account must have one of the values. Default: none.'),
})

const session = z
  .strictObject({
    idleMinutes: wholeNumber(1, 1440)
      .default(60)
      .describe('A session not used for this long ends, in minutes. Default: 60.'),
    maxHours: wholeNumber(1, 168)
      .default(10)
      .describe('A session ends after this long however busy it is, in hours. Default: 10.'),
  })
  .prefault({})

const provider = z.strictObject({
  id: textThat(
    (text) => text.length <= 40 && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text),
    'small letters, digits and single hyphens, at most 40',
  ).describe('Id of the provider: the last part of its redirect URI, and a label of metrics.'),
  name: textSchema(
    200,
    'Name by which readers choose it. Default: that of the institution.',
  ).optional(),
  issuer: textThat(isIssuer, 'the https URL of an OpenID provider, letter for letter').describe(
    'Issuer URL of the OpenID provider, exactly as its discovery document says it.',
  ),
  client: z.strictObject({
    id: shortText(200).describe('Client id that the provider knows the gateway by.'),
    secret: secret.optional().describe('Client secret. Default: none, a public client with PKCE.'),
  }),
  scopes: names
    .refine((scopes) => scopes.includes('openid'), { error: expected('a list that has openid') })
    .default(['openid', 'profile'])
    .describe('Scopes asked for. Default: openid, profile.'),
  prompt: z
    .enum(['select_account', 'login'])
    .optional()
    .describe('What the provider asks each time, besides what it must. Default: nothing.'),
  claims: claims.prefault({}).describe('From claims to categories, groups and units.'),
})

/** The section `identity`. */
export const identitySchema = z.strictObject({
  providers: z
    .array(provider)
    .min(1)
    .max(20)
    .describe('OpenID providers. Of several, readers choose theirs on a page.'),
  units: z
    .record(shortText(200), textSchema(200, 'Name of the unit, as readers see it.'))
    .default({})
    .describe('Names of faculties and departments for readers. Default: the units as they are.'),
  session: session.describe('How long a sign-in lasts.'),
})
