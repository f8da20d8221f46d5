/**
 * What `gateway.yaml` may say: every setting with its meaning, unit and default. Unknown keys are
 * errors. The JSON Schema for editors (`config/gateway.schema.json`) is generated from this.
 * @module
 */
import { z } from 'zod'

import { parseAddress } from '../core/address.ts'
import { expected, shortText, textThat, wholeNumber } from '../core/expectations.ts'
import { textSchema } from '../core/texts.ts'
import { categories } from '../core/types.ts'
import { accessLogSchema } from './access-log-schema.ts'
import { isHostWithPort, isSocketAddress, publicOrigin } from './addresses.ts'
import { counterSchema } from './counter-schema.ts'
import { deliverySchema } from './delivery-schema.ts'
import { names, path, ranges } from './fields.ts'
import { identitySchema } from './identity-schema.ts'
import { secret } from './secret-schema.ts'
import { storeSchema } from './store-schema.ts'

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
    store: storeSchema.prefault({}).describe('Where state is kept. Default: embedded.'),
    data: path
      .default('../data')
      .describe('Folder of the embedded store and the usage spool. Default: ../data.'),
    rules: path.default('../rules').describe('Folder of the rule files. Default: ../rules.'),
    identity: identitySchema.describe('Who readers are.'),
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
    accessLog: accessLogSchema
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
