/**
 * The configuration as the gateway uses it: parsed, with every default filled in and every secret
 * read. `schema.ts` tells what the YAML may say, `load.ts` turns one into the other.
 * @module
 */
import type { Language, Text } from '../core/languages.ts'
import type { LogPiece } from '../core/log-format.ts'
import type { reportFormats } from '../core/reports.ts'
import type { StoreConfig } from '../core/store-config.ts'
import type { AddressTreatment, Category, Channel } from '../core/types.ts'

/** A certificate and its key, by file; read again when the files change. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** Where browsers reach the gateway. */
export interface ListenConfig {
  readonly address: string
  /** 0 lets the system choose. */
  readonly port: number
  /** Absent: plain HTTP behind a TLS terminator. */
  readonly tls?: { readonly portal: CertificateFiles; readonly zone: CertificateFiles }
  /** Addresses, CIDR blocks or ranges whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
}

/** A named list of addresses and what they decide. */
export interface NetworkConfig {
  readonly name: string
  readonly ranges: readonly string[]
  readonly site?: string
  readonly channel: Channel
  readonly treatment: AddressTreatment
  /** Category of readers admitted by `auto-login`. */
  readonly category: Category
}

/** What a group, role, faculty or department makes of a reader. */
export interface ValueMeaning {
  readonly category?: Category
  /** Faculty or department, by the name that licences and reports use. */
  readonly unit?: string
}

/** From claims to patron: which claim names carry a meaning, and what their values mean. */
export interface ClaimsConfig {
  /** Claim names in which affiliations are looked for; all that are present count. */
  readonly affiliation: readonly string[]
  readonly entitlement: readonly string[]
  /** The home organisation: whose an affiliation without `@` is. */
  readonly organisation: readonly string[]
  readonly groups: readonly string[]
  readonly unit: readonly string[]
  readonly displayName: readonly string[]
  /** Domains after the first `@` that this issuer may assert; empty lets unscoped values only. */
  readonly allowedScopes: readonly string[]
  readonly isUnscopedAllowed: boolean
  /** Whether a text of groups with spaces or semicolons is several of them. */
  readonly isTextSplit: boolean
  /** Values of groups, entitlements and units; those that the table lacks mean nothing. */
  readonly values: Readonly<Record<string, ValueMeaning>>
  /** What the entitlement common-lib-terms makes of a reader without any affiliation beside it. */
  readonly commonLibTerms: Category
  /** The category of a reader from whose claims none follows; absent: none. */
  readonly defaultCategory?: Category
  /** Claims of which an account must have one of the values; others are turned away. */
  readonly required: Readonly<Record<string, readonly string[]>>
}

/** An OpenID provider whose readers may sign in. */
export interface ProviderConfig {
  /** Names it in links, settings and metrics. */
  readonly id: string
  /** As readers choose it. */
  readonly name: Text
  readonly issuer: string
  readonly clientId: string
  /** Absent for a public client. */
  readonly clientSecret?: string
  readonly scopes: readonly string[]
  /** Asks the provider to let the reader choose an account, or to ask for the password anew. */
  readonly prompt?: 'select_account' | 'login'
  readonly claims: ClaimsConfig
}

/** Who readers are. */
export interface IdentityConfig {
  /** At least one; ids, issuers and names are their own. */
  readonly providers: readonly ProviderConfig[]
  /** Names of faculties and departments for readers, by the name that licences use. */
  readonly units: Readonly<Record<string, Text>>
  /** A session not used for this long ends. */
  readonly sessionIdleSeconds: number
  /** A session ends after this long however busy it is. */
  readonly sessionMaxSeconds: number
}

/** Some of the staff. */
export interface StaffConfig {
  /** Groups as patrons have them: without Keycloak's leading slash. */
  readonly groups: readonly string[]
  readonly subjects: readonly string[]
}

/** Who may use the staff console, and from where. */
export interface ConsoleConfig {
  /** Id of the provider whose word on groups and subjects counts; absent: the first. */
  readonly provider?: string
  readonly viewers: StaffConfig
  readonly editors: StaffConfig
  /** Names of networks; empty: from anywhere. */
  readonly networks: readonly string[]
}

/** Ids of the institution that COUNTER knows by their kind. */
export type InstitutionIds = Readonly<Partial<Record<'ISIL' | 'ISNI' | 'OCLC' | 'ROR', string>>>

/** Somebody who may fetch the library's reports by the COUNTER API. */
export interface RequestorConfig {
  /** As staff and the log know it. */
  readonly name: string
  readonly customerId: string
  /** Absent: the key alone. */
  readonly requestorId?: string
  readonly apiKey: string
}

/** How the library calls itself in reports of COUNTER's form, and who may fetch them. */
export interface CounterConfig {
  /** Stands before ids and metrics that are the library's own. */
  readonly namespace: string
  /** The platform that use is reported of: the gateway itself. */
  readonly platform: string
  /** Of reports that are made for the library itself. */
  readonly customerId: string
  readonly institutionIds: InstitutionIds
  readonly requestors: readonly RequestorConfig[]
}

/** How the gateway reaches publishers. */
export interface UpstreamConfig {
  /** Source address of connections to publishers: the one that licences know. */
  readonly localAddress?: string
  /** Ranges that the egress guard lets through although they are private. */
  readonly allow: readonly string[]
  /** `host` or `host:port` to `address:port`, instead of DNS. */
  readonly resolve: Readonly<Record<string, string>>
  /** PEM file of further certificate authorities. */
  readonly caFile?: string
  readonly connectSeconds: number
  readonly headersSeconds: number
  /** Longest silence within a body. */
  readonly bodySeconds: number
  /** Connections to one publisher host. */
  readonly connectionsPerHost: number
}

/** A log of exchanges in EZproxy's format. */
export interface AccessLogConfig {
  readonly folder: string
  readonly pieces: readonly LogPiece[]
  readonly keepDays: number
  /** Parameters that stay in addresses; `*` for all. */
  readonly queryParameters: readonly string[]
}

/** A mail server. */
export interface MailConfig {
  readonly host: string
  readonly port: number
  readonly security: 'starttls' | 'tls' | 'none'
  readonly username?: string
  readonly password?: string
  /** Address of the sender. */
  readonly from: string
}

/** Reports that are delivered by themselves. */
export interface ScheduleConfig {
  /** What was delivered is remembered by it. */
  readonly name: string
  readonly every: 'month' | 'quarter' | 'year'
  /** As `reportChoices` of `core/reports.ts` has them. */
  readonly reports: readonly string[]
  readonly formats: readonly (typeof reportFormats)[number][]
  readonly language: Language
  readonly folder?: string
  readonly mail?: readonly string[]
}

/** What is delivered, and how. */
export interface DeliveryConfig {
  readonly schedule: readonly ScheduleConfig[]
  readonly mail?: MailConfig
}

/** The whole configuration. */
export interface GatewayConfig {
  /** The file it came from. */
  readonly file: string
  readonly institution: {
    readonly name: Text
    readonly contact: string
    /** Address and opening hours, for readers. */
    readonly visit?: Text
    readonly timeZone: string
  }
  /** Origin of the portal, such as `https://library.example.edu`. */
  readonly portalOrigin: string
  /** Origin whose subdomains are the proxied hosts, such as `https://proxy.example.edu`. */
  readonly zoneOrigin: string
  readonly listen: ListenConfig
  readonly management: { readonly address: string; readonly port: number }
  readonly store: StoreConfig
  /** Folder for the usage spool. */
  readonly dataFolder: string
  readonly rulesFolder: string
  readonly identity: IdentityConfig
  /** Absent: there is no staff console. */
  readonly console?: ConsoleConfig
  readonly networks: readonly NetworkConfig[]
  readonly upstream: UpstreamConfig
  readonly counter: CounterConfig
  readonly reports: DeliveryConfig
  /** Whether the links of resources are checked by this gateway. */
  readonly links: { readonly isChecked: boolean }
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  /** How many days single usage events are kept. */
  readonly usage: { readonly keepDays: number }
  /** How long a person keeps one pseudonym in usage records. */
  readonly pseudonymPeriod: 'year' | 'month'
  /** Absent: none is written. */
  readonly accessLog?: AccessLogConfig
  /** Key of the usage pseudonym; made and kept in `dataFolder` when the file names none. */
  readonly pseudonymKey?: string
}
