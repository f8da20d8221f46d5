/**
 * From `gateway.yaml` to the configuration that the gateway uses: read, validated, defaults filled
 * in, secrets fetched, relative paths resolved against the file's own folder.
 *
 * All findings are told at once. A missing secret or file keeps the gateway from starting but is not
 * a mistake in the file, so that `check` can be run where the secrets are not.
 * @module
 */
import { dirname, resolve } from 'node:path'

import {
  readDocument,
  pathText,
  type DocumentPath,
  type OperatorDocument,
  type Problem,
} from '../core/documents.ts'
import { readAs } from '../core/expectations.ts'
import { FindingsError, hasErrors, type Finding } from '../core/findings.ts'
import type { Text } from '../core/languages.ts'
import { readLogFormat } from '../core/log-format.ts'
import type { RedisConfig, ServerAddress, StoreConfig } from '../core/store-config.ts'
import { textOf } from '../core/texts.ts'
import { serverOf } from './addresses.ts'
import { doubtsAbout } from './checks.ts'
import type {
  AccessLogConfig,
  CertificateFiles,
  ClaimsConfig,
  ConsoleConfig,
  CounterConfig,
  DeliveryConfig,
  GatewayConfig,
  IdentityConfig,
  ListenConfig,
  MailConfig,
  NetworkConfig,
  ProviderConfig,
  RequestorConfig,
  StaffConfig,
  UpstreamConfig,
} from './config.ts'
import { configFindings, problemNumbers, type ConfigFindingNumber } from './findings.ts'
import { configSchema, type ConfigInput } from './schema.ts'
import type { SecretSource } from './secret-schema.ts'
import { fileTrouble, readSecret, type Environment } from './secrets.ts'

type ProviderInput = ConfigInput['identity']['providers'][number]

/** Where secrets named by `env` come from. */
interface LoadOptions {
  readonly env: Environment
}

/** A configuration without its secrets, which may be missing. */
export interface ConfigOutline extends Omit<
  GatewayConfig,
  'identity' | 'store' | 'pseudonymKey' | 'counter'
> {
  readonly identity: Pick<IdentityConfig, 'units'> & {
    readonly providers: readonly Omit<ProviderConfig, 'clientSecret'>[]
  }
  readonly counter: Omit<CounterConfig, 'requestors'>
}

/** What `check` needs to know of a configuration, complete or not. */
interface ConfigInspection {
  /** Absent when the gateway could not start with it. */
  readonly config?: GatewayConfig
  /** As written; absent when the file has mistakes of form. */
  readonly outline?: ConfigOutline
  /** Where state is kept; absent when the file has mistakes, or a secret of the store is missing. */
  readonly store?: StoreConfig
  readonly findings: readonly Finding[]
}

/**
 * Loads a configuration to start a gateway with.
 *
 * @throws {FindingsError} `ERR_CONFIG`, with every finding, missing secrets and files included.
 */
export function loadConfig(file: string, options: LoadOptions): GatewayConfig {
  const { config, findings } = inspectConfig(file, options)
  if (config === undefined) throw new FindingsError('ERR_CONFIG', findings)
  return config
}

/** Reads a configuration and tells all that is wrong with it; never throws for what is in it. */
export function inspectConfig(file: string, { env }: LoadOptions): ConfigInspection {
  const document = readDocument(file)
  const formal = document.problems.map((problem) => problemFinding(problem, file))
  if (document.value === undefined) return { findings: formal }
  const parsed = readAs(configSchema, document)
  if ('problems' in parsed) {
    const problems = parsed.problems.map((problem) => problemFinding(problem, file))
    return { findings: [...formal, ...problems].toSorted(byLine) }
  }
  const assembly = new Assembly(document, env)
  const config = assembly.config(parsed.value)
  const findings = [...formal, ...assembly.findings].toSorted(byLine)
  const isStoreKnown = !hasErrors(findings) && !findings.some(isAboutStore)
  const outline = { outline: config, findings, ...(isStoreKnown && { store: config.store }) }
  return hasErrors(findings) || assembly.isIncomplete ? outline : { ...outline, config }
}

function isAboutStore({ path }: Finding): boolean {
  return path.startsWith('store.')
}

function problemFinding({ kind, line, path, message }: Problem, file: string): Finding {
  const number = problemNumbers[kind]
  const place = { file, path: pathText(path), ...(line === undefined ? {} : { line }) }
  return { number, severity: configFindings[number], message, ...place }
}

function byLine(left: Finding, right: Finding): number {
  return (left.line ?? 0) - (right.line ?? 0)
}

/** One configuration on its way from input to use; collects what is in doubt or missing. */
class Assembly {
  readonly findings: Finding[] = []
  /** Whether a secret or file is missing: nothing may start then. */
  isIncomplete = false
  readonly #document: OperatorDocument
  readonly #folder: string
  readonly #env: Environment

  constructor(document: OperatorDocument, env: Environment) {
    this.#document = document
    this.#folder = dirname(resolve(document.file))
    this.#env = env
  }

  config(input: ConfigInput): GatewayConfig {
    for (const { number, path, message } of doubtsAbout(input)) this.#note(number, path, message)
    const { institution, management, networks, privacy } = input
    const pseudonymKey = this.#secret(privacy.pseudonymKey, ['privacy', 'pseudonymKey'])
    if (pseudonymKey !== undefined && pseudonymKey.length < pseudonymKeyCharsMin) {
      const message = `found a key of ${pseudonymKey.length} characters, expected at least ${pseudonymKeyCharsMin}`
      this.#note('C006', ['privacy', 'pseudonymKey'], message)
    }
    return {
      file: resolve(this.#document.file),
      institution: institutionOf(institution),
      portalOrigin: new URL(input.portal.url).origin,
      zoneOrigin: new URL(input.zone.url).origin,
      listen: this.#listen(input.listen),
      management,
      store: this.#store(input),
      dataFolder: this.#path(input.data),
      rulesFolder: this.#path(input.rules),
      identity: this.#identity(input.identity, institution),
      networks: networks.map(networkOf),
      upstream: this.#upstream(input.upstream),
      counter: this.#counter(input.counter),
      reports: this.#delivery(input.reports),
      links: { isChecked: input.links.check },
      logLevel: input.log.level,
      usage: input.usage,
      pseudonymPeriod: privacy.pseudonymPeriod,
      ...(input.console === undefined ? {} : { console: consoleOf(input.console) }),
      ...(input.accessLog && { accessLog: this.#accessLog(input.accessLog, input.data) }),
      ...(pseudonymKey === undefined ? {} : { pseudonymKey }),
    }
  }

  #accessLog(
    { folder, format, ...rest }: NonNullable<ConfigInput['accessLog']>,
    data: string,
  ): AccessLogConfig {
    const inData = resolve(this.#path(data), 'access')
    return {
      ...rest,
      folder: folder === undefined ? inData : this.#path(folder),
      pieces: readLogFormat(format).pieces,
    }
  }

  #listen({ tls, ...rest }: ConfigInput['listen']): ListenConfig {
    if (tls === undefined) return rest
    const portal = this.#certificate(tls.portal, ['listen', 'tls', 'portal'])
    const zone = this.#certificate(tls.zone, ['listen', 'tls', 'zone'])
    return { ...rest, tls: { portal, zone } }
  }

  #certificate({ cert, key }: { cert: string; key: string }, path: DocumentPath): CertificateFiles {
    return {
      certFile: this.#file(cert, [...path, 'cert']),
      keyFile: this.#file(key, [...path, 'key']),
    }
  }

  #store({ store, data }: ConfigInput): GatewayConfig['store'] {
    if (store.redis === undefined) {
      const file = store.embedded?.file
      const fallback = resolve(this.#path(data), 'darbaza.sqlite')
      return { kind: 'embedded', file: file === undefined ? fallback : this.#path(file) }
    }
    return this.#redis(store.redis)
  }

  #redis(redis: NonNullable<ConfigInput['store']['redis']>): RedisConfig {
    const { url, cluster, sentinel, username, tls } = redis
    if (url !== undefined) return { kind: 'redis', url: this.#redisUrl(url) }
    const password = this.#secret(redis.password, ['store', 'redis', 'password'])
    const login = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      isTls: tls,
    }
    if (sentinel === undefined) {
      return { kind: 'redis-cluster', nodes: addressesOf(cluster ?? []), ...login }
    }
    const { master, nodes } = sentinel
    return { kind: 'redis-sentinel', master, sentinels: addressesOf(nodes), ...login }
  }

  #redisUrl(url: string | SecretSource): string {
    if (typeof url === 'string') return url
    const path = ['store', 'redis', 'url']
    const secret = this.#secret(url, path) ?? ''
    const isUrl = URL.canParse(secret) && /^rediss?:\/\//.test(secret)
    if (secret !== '' && !isUrl) {
      this.#note('C006', path, 'the secret is not a URL, expected redis:// or rediss://')
    }
    return secret
  }

  #identity(
    { providers, units, session }: ConfigInput['identity'],
    institution: ConfigInput['institution'],
  ): IdentityConfig {
    const unitNames = Object.entries(units).map(([unit, name]) => [unit, textOf(name)])
    return {
      providers: providers.map((provider, index) => {
        const name = textOf(provider.name ?? institution.name)
        return this.#provider(provider, name, ['identity', 'providers', index])
      }),
      units: bareRecord(Object.fromEntries(unitNames)),
      sessionIdleSeconds: session.idleMinutes * 60,
      sessionMaxSeconds: session.maxHours * 3600,
    }
  }

  #provider(
    { id, issuer, client, scopes, prompt, claims }: ProviderInput,
    name: Text,
    path: DocumentPath,
  ): ProviderConfig {
    const clientSecret = this.#secret(client.secret, [...path, 'client', 'secret'])
    return {
      id,
      name,
      issuer,
      clientId: client.id,
      ...(clientSecret === undefined ? {} : { clientSecret }),
      scopes,
      ...(prompt === undefined ? {} : { prompt }),
      claims: claimsOf(claims, client.id),
    }
  }

  #upstream({
    ca,
    localAddress,
    resolve: hosts,
    ...rest
  }: ConfigInput['upstream']): UpstreamConfig {
    return {
      ...rest,
      resolve: bareRecord(hosts),
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(ca === undefined ? {} : { caFile: this.#file(ca, ['upstream', 'ca']) }),
    }
  }

  #delivery({ schedule, mail }: ConfigInput['reports']): DeliveryConfig {
    return {
      schedule: schedule.map(({ folder, mail: to, ...rest }) => ({
        ...rest,
        ...(folder !== undefined && { folder: this.#path(folder) }),
        ...(to !== undefined && { mail: to }),
      })),
      ...(mail !== undefined && { mail: this.#mail(mail) }),
    }
  }

  #mail({
    username,
    password: source,
    ...rest
  }: NonNullable<ConfigInput['reports']['mail']>): MailConfig {
    const password = this.#secret(source, ['reports', 'mail', 'password'])
    return {
      ...rest,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    }
  }

  #counter({ requestors, institutionIds, ...rest }: ConfigInput['counter']): CounterConfig {
    return {
      ...rest,
      institutionIds: institutionIdsOf(institutionIds),
      requestors: requestors.flatMap((written, index) =>
        this.#requestor(written, rest.customerId, ['counter', 'requestors', index, 'apiKey']),
      ),
    }
  }

  #requestor(
    written: ConfigInput['counter']['requestors'][number],
    usualCustomer: string,
    path: DocumentPath,
  ): RequestorConfig[] {
    const { name, customerId = usualCustomer, requestorId } = written
    const apiKey = this.#secret(written.apiKey, path)
    if (apiKey === undefined) return []
    if (apiKey.length < apiKeyCharsMin) {
      const message = `found a key of ${apiKey.length} characters, expected at least ${apiKeyCharsMin}`
      this.#note('C006', path, message)
    }
    return [{ name, customerId, apiKey, ...(requestorId !== undefined && { requestorId }) }]
  }

  #secret(source: SecretSource | undefined, path: DocumentPath): string | undefined {
    if (source === undefined) return undefined
    const answer = readSecret(source, this.#folder, this.#env)
    if ('secret' in answer) return answer.secret
    this.isIncomplete = true
    this.#note('C007', path, answer.message)
    return undefined
  }

  #file(written: string, path: DocumentPath): string {
    const file = this.#path(written)
    const trouble = fileTrouble(file)
    if (trouble !== undefined) {
      this.isIncomplete = true
      this.#note('C008', path, trouble)
    }
    return file
  }

  #path(written: string): string {
    return resolve(this.#folder, written)
  }

  #note(number: ConfigFindingNumber, path: DocumentPath, message: string): void {
    const line = this.#document.lineOf(path)
    const place = { file: this.#document.file, path: pathText(path) }
    const severity = configFindings[number]
    this.findings.push({
      number,
      severity,
      message,
      ...place,
      ...(line === undefined ? {} : { line }),
    })
  }
}

/** 128 bits in hexadecimal; a shorter key could be searched through. */
const pseudonymKeyCharsMin = 32

/** A key that is made by a generator has more; one that somebody thought of, less. */
const apiKeyCharsMin = 16

/** By the names that COUNTER has for them. */
function institutionIdsOf({
  isil,
  isni,
  oclc,
  ror,
}: ConfigInput['counter']['institutionIds']): CounterConfig['institutionIds'] {
  return {
    ...(isil !== undefined && { ISIL: isil }),
    ...(isni !== undefined && { ISNI: isni }),
    ...(oclc !== undefined && { OCLC: oclc }),
    ...(ror !== undefined && { ROR: ror }),
  }
}

function claimsOf(
  { unscoped, split, values, defaultCategory, ...claims }: ProviderInput['claims'],
  clientId: string,
): ClaimsConfig {
  const meanings = Object.entries(values).map(([value, meaning]) => [value, meaningOf(meaning)])
  return {
    ...claims,
    // Keycloak keeps a client's roles under its id.
    groups: claims.groups.map((name) => name.replace('<client>', () => clientId)),
    isUnscopedAllowed: unscoped,
    isTextSplit: split,
    values: bareRecord(Object.fromEntries(meanings)),
    required: bareRecord(claims.required),
    ...(defaultCategory === undefined ? {} : { defaultCategory }),
  }
}

function meaningOf(
  meaning: ProviderInput['claims']['values'][string],
): ClaimsConfig['values'][string] {
  if (typeof meaning === 'string') return { category: meaning }
  const { category, unit } = meaning
  return {
    ...(category === undefined ? {} : { category }),
    ...(unit === undefined ? {} : { unit }),
  }
}

function consoleOf({
  provider,
  viewers,
  editors,
  networks,
}: NonNullable<ConfigInput['console']>): ConsoleConfig {
  return {
    ...(provider === undefined ? {} : { provider }),
    viewers: staffOf(viewers),
    editors: staffOf(editors),
    networks,
  }
}

/** Groups are compared as identity reads them: Keycloak's paths lose their leading slash. */
function staffOf({ groups, subjects }: StaffConfig): StaffConfig {
  return { groups: groups.map((group) => group.replace(/^\/+/, '')), subjects }
}

function institutionOf({
  name,
  visit,
  ...rest
}: ConfigInput['institution']): GatewayConfig['institution'] {
  return { ...rest, name: textOf(name), ...(visit !== undefined && { visit: textOf(visit) }) }
}

/** Without a prototype, so that a group named `constructor` finds nothing. */
function bareRecord<Value>(record: Record<string, Value>): Record<string, Value> {
  const bare: Record<string, Value> = Object.create(null)
  return Object.assign(bare, record)
}

/** A network as the schema gives it. */
export function networkOf(network: ConfigInput['networks'][number]): NetworkConfig {
  const { site, ...rest } = network
  return { ...rest, ...(site === undefined ? {} : { site }) }
}

/** Servers that the schema has found readable. */
function addressesOf(texts: readonly string[]): ServerAddress[] {
  return texts.map(serverOf).filter((server) => server !== undefined)
}
