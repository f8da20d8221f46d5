/**
 * What `gateway.yaml` may say: every setting with its meaning, unit and default. Unknown keys are
 * errors. The JSON Schema for editors (`config/gateway.schema.json`) is generated from this.
 * @module
 */
import { z } from 'zod'

import { parseAddress } from '../core/address.ts'
import {
  expected,
  expectedSecretly,
  shortText,
  textThat,
  wholeNumber,
} from '../core/expectations.ts'
import { logFields, readLogFormat, usualLogFormat } from '../core/log-format.ts'
import { isRange, rangeWords } from '../core/ranges.ts'
import { textSchema } from '../core/texts.ts'
import { categories } from '../core/types.ts'
import { isHostWithPort, isIssuer, isSocketAddress, publicOrigin, serverOf } from './addresses.ts'
import { counterSchema } from './counter-schema.ts'
import { deliverySchema } from './delivery-schema.ts'
import { secret, secretPhrase } from './secret-schema.ts'

const path = shortText(4096)
const range = textThat(isRange, rangeWords)
const ranges = z.array(range).max(1000)
const names = z.array(shortText(200)).max(100)
const address = textThat((text) => parseAddress(text) !== undefined, 'an IP address')
const bindAddress = textThat(
  (text) => text === 'localhost' || parseAddress(text) !== undefined,
  'an IP address or localhost',
)

const origin = textThat(
  (text) => publicOrigin(text) !== undefined,
  'https://NAME or https://NAME:PORT without a path (http only for names ending in .localhost)',
)

const certificate = z.strictObject({
  cert: path.describe('PEM file of the certificate and its chain.'),
  key: path.describe('PEM file of the private key.'),
})

const institution = z.strictObject({
  name: textSchema(200, 'Name of the institution, as readers see it.'),
  contact: shortText(200).describe('Where readers find help: an e-mail address or a URL.'),
  visit: textSchema(
    500,
    'Address and opening hours, for readers who have to come to the library. Default: none.',
  ).optional(),
  timeZone: textThat(isTimeZone, 'an IANA time zone such as Asia/Bishkek')
    .default('Asia/Bishkek')
    .describe('IANA time zone in which licences begin and end. Default: Asia/Bishkek.'),
})

const listen = z.strictObject({
  address: bindAddress
    .default('127.0.0.1')
    .describe('Address on which readers are served. Default: 127.0.0.1, behind a TLS terminator.'),
  port: wholeNumber(0, 65_535)
    .default(8080)
    .describe('Port; 0 lets the system choose. Default: 8080.'),
  tls: z
    .strictObject({
      portal: certificate.describe('Certificate of the portal name.'),
      zone: certificate.describe('Wildcard certificate of the zone, for *.NAME.'),
    })
    .optional()
    .describe('Serve TLS with these files, read again when they change. Default: plain HTTP.'),
  trustedProxies: ranges
    .default([])
    .describe('Proxies whose X-Forwarded-For is believed, as addresses or ranges. Default: none.'),
})

const management = z.strictObject({
  address: bindAddress
    .default('127.0.0.1')
    .describe('Address of /metrics, /healthz and /readyz. Default: 127.0.0.1.'),
  port: wholeNumber(0, 65_535)
    .default(9464)
    .describe('Port; 0 lets the system choose. Default: 9464.'),
})

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

const store = z
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

const identity = z.strictObject({
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

const network = z.strictObject({
  name: shortText(100).describe('Unique name, as staff and reports see it.'),
  ranges: ranges.min(1).describe('Addresses, CIDR blocks or first-last pairs.'),
  site: shortText(100).optional().describe('Campus. Default: none.'),
  channel: z
    .enum(['onsite', 'vpn', 'remote'])
    .describe('How readers there come in: from the library, through the VPN, from elsewhere.'),
  treatment: z
    .enum(['authenticate', 'auto-login', 'direct', 'reject'])
    .default('authenticate')
    .describe(
      'authenticate: sign in; auto-login: admitted by address; direct: sent to the publisher; reject: refused. Default: authenticate.',
    ),
  category: z
    .enum(categories)
    .default('walk-in')
    .describe('Category of readers admitted by auto-login. Default: walk-in.'),
})

const upstream = z.strictObject({
  localAddress: address
    .optional()
    .describe('Source address towards publishers. Default: the system chooses.'),
  allow: ranges
    .default([])
    .describe('Private ranges in which publishers may stand all the same. Default: none.'),
  resolve: z
    .record(
      textThat(isHostWithPort, 'HOST or HOST:PORT in small letters'),
      textThat(isSocketAddress, 'ADDRESS:PORT, an IPv6 address in brackets'),
    )
    .default({})
    .describe('Where hosts stand, instead of DNS: HOST or HOST:PORT to ADDRESS:PORT.'),
  ca: path.optional().describe('PEM file of further certificate authorities. Default: none.'),
  connectSeconds: wholeNumber(1, 120)
    .default(10)
    .describe('Longest time for a connection, in seconds. Default: 10.'),
  headersSeconds: wholeNumber(1, 600)
    .default(60)
    .describe('Longest wait for the beginning of an answer, in seconds. Default: 60.'),
  bodySeconds: wholeNumber(1, 600)
    .default(60)
    .describe('Longest silence within an answer, in seconds. Default: 60.'),
  connectionsPerHost: wholeNumber(1, 4096)
    .default(256)
    .describe('Connections to one publisher host at once. Default: 256.'),
})

/** The section `networks`. */
export const networksSchema = z.array(network).max(1000)

const staff = z.strictObject({
  groups: names
    .default([])
    .describe('Groups whose members these are, as the provider names them. Default: none.'),
  subjects: names
    .default([])
    .describe('Persons, by the subject (sub) that the provider knows them by. Default: none.'),
})

const staffConsole = z
  .strictObject({
    provider: shortText(200)
      .optional()
      .describe('Id of the provider whose word on staff counts. Default: the first.'),
    viewers: staff.prefault({}).describe('Who may look.'),
    editors: staff.prefault({}).describe('Who may look and act, such as releasing a seat.'),
    networks: names
      .default([])
      .describe('Names of networks from which alone the console is reached. Default: any.'),
  })
  .refine(
    ({ viewers, editors }) =>
      [viewers, editors].some(({ groups, subjects }) => groups.length + subjects.length > 0),
    { error: expected('a group or a subject of viewers or editors') },
  )

const logFormat = z
  .string({ error: expected('a LogFormat of EZproxy') })
  .max(1000, { error: expected('at most 1000 characters') })
  .regex(/^[ -~]+$/, { error: expected('printable ASCII') })
  .superRefine((format, context) => {
    const { pieces, unknown } = readLogFormat(format)
    const fields = pieces.flatMap((piece) => (piece.kind === 'field' ? [piece.field] : []))
    const [first] = unknown
    if (first !== undefined) {
      const message = `found ${first}, expected directives of ${Object.keys(logFields).join(' ')}`
      context.addIssue({ code: 'custom', message })
    } else if (!fields.includes('%t') || !(fields.includes('%r') || fields.includes('%U'))) {
      const message = 'expected %t, and %r or %U: without time and address nobody can read it'
      context.addIssue({ code: 'custom', message })
    }
  })

const accessLog = z.strictObject({
  folder: path
    .optional()
    .describe('Folder of its files, of this machine alone. Default: access in the data folder.'),
  format: logFormat
    .default(usualLogFormat)
    .describe(`EZproxy’s LogFormat, as far as it goes here. Default: ${usualLogFormat}.`),
  keepDays: wholeNumber(1, 3660)
    .default(31)
    .describe('Days for which files are kept. Default: 31.'),
  queryParameters: z
    .array(textThat((text) => /^[!#-%'-~]{1,100}$/.test(text), 'the name of a parameter, or *'))
    .max(1000)
    .default([])
    .describe('Parameters that stay in logged addresses, * for all. Default: none.'),
})

/** The whole of `gateway.yaml`. */
export const configSchema = z
  .strictObject({
    institution: institution.describe('Who runs the gateway.'),
    portal: z.strictObject({ url: origin.describe('Origin of the portal.') }),
    zone: z.strictObject({
      url: origin.describe('Origin below which every publisher host gets a name of its own.'),
    }),
    listen: listen.prefault({}).describe('Where readers are served.'),
    management: management.prefault({}).describe('Where metrics and health are served.'),
    store: store.prefault({}).describe('Where state is kept. Default: embedded.'),
    data: path
      .default('../data')
      .describe('Folder of the embedded store and the usage spool. Default: ../data.'),
    rules: path.default('../rules').describe('Folder of the rule files. Default: ../rules.'),
    identity: identity.describe('Who readers are.'),
    console: staffConsole
      .optional()
      .describe('Who may use the staff console at /staff. Default: nobody, and it is not there.'),
    networks: networksSchema
      .default([])
      .describe('Named address ranges and what they decide. Default: none.'),
    upstream: upstream.prefault({}).describe('How publishers are reached.'),
    counter: counterSchema
      .prefault({})
      .describe('Reports of COUNTER’s form: names of the library, and who may fetch them.'),
    reports: deliverySchema
      .prefault({})
      .describe('Reports that are delivered by mail or into a folder.'),
    links: z
      .strictObject({
        check: z
          .boolean()
          .default(true)
          .describe('false: publishers are not visited, whatever rules say. Default: true.'),
      })
      .prefault({})
      .describe('The checker of links.'),
    log: z
      .strictObject({
        level: z
          .enum(['debug', 'info', 'warn', 'error', 'silent'])
          .default('info')
          .describe('Least severity that is written. Default: info.'),
      })
      .prefault({})
      .describe('The log on standard output.'),
    usage: z
      .strictObject({
        keepDays: wholeNumber(62, 1100)
          .default(400)
          .describe('How long single events are kept; figures made from them stay. Default: 400.'),
      })
      .prefault({})
      .describe('How use is counted.'),
    accessLog: accessLog
      .optional()
      .describe('A log of exchanges in EZproxy’s format. Default: none is written.'),
    privacy: z
      .strictObject({
        pseudonymKey: secret
          .optional()
          .describe('Key of the pseudonyms in usage records. Default: made in the data folder.'),
        pseudonymPeriod: z
          .enum(['year', 'month'])
          .default('year')
          .describe(
            'How long a person keeps one pseudonym; distinct readers are exact within it. Default: year.',
          ),
      })
      .prefault({})
      .describe('How persons are kept out of usage records.'),
  })
  .meta({
    title: 'Darbaza configuration',
    description: 'Settings of one gateway. Relative paths are relative to this file.',
  })

/** A configuration as written, with defaults filled in. */
export type ConfigInput = z.output<typeof configSchema>

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && /^rediss?:\/\/[^/]/.test(text)
}

/** Clients take one from the URL's authority or from its query. */
function hasPassword(text: string): boolean {
  const url = new URL(text)
  return url.password !== '' || url.searchParams.has('password')
}
