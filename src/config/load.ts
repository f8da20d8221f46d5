/**
 * From `gateway.yaml` to the configuration that the gateway uses: read, validated, defaults filled
 * in, secrets fetched, relative paths resolved against the file's own folder.
 *
 * All findings are told at once. A missing secret or file keeps the gateway from starting but is not
 * a mistake in the file, so that `check` can be run where the secrets are not.
 * @module
 */
import { resolve } from 'node:path'

import { readDocument, pathText, type Problem } from '../core/documents.ts'
import { readAs } from '../core/expectations.ts'
import { FindingsError, hasErrors, type Finding } from '../core/findings.ts'
import { readLogFormat } from '../core/log-format.ts'
import type { StoreConfig } from '../core/store-config.ts'
import { textOf } from '../core/texts.ts'
import { bareRecord } from './bare-record.ts'
import { doubtsAbout } from './checks.ts'
import type {
  AccessLogConfig,
  CertificateFiles,
  ConsoleConfig,
  CounterConfig,
  DeliveryConfig,
  GatewayConfig,
  IdentityConfig,
  ListenConfig,
  MailConfig,
  NetworkConfig,
  ProviderConfig,
  StaffConfig,
  UpstreamConfig,
} from './config.ts'
import { configFindings, problemNumbers } from './findings.ts'
import { identityOf } from './identity-settings.ts'
import { configSchema, type ConfigInput } from './schema.ts'
import type { Environment } from './secrets.ts'
import { SettingsFile } from './settings-file.ts'
import { storeOf } from './store-settings.ts'

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
  const settings = new SettingsFile(document, env)
  const config = assemble(parsed.value, settings)
  const findings = [...formal, ...settings.findings].toSorted(byLine)
  const isStoreKnown = !hasErrors(findings) && !findings.some(isAboutStore)
  const outline = { outline: config, findings, ...(isStoreKnown && { store: config.store }) }
  return hasErrors(findings) || settings.isIncomplete ? outline : { ...outline, config }
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

function assemble(input: ConfigInput, settings: SettingsFile): GatewayConfig {
  for (const { number, path, message } of doubtsAbout(input)) settings.note(number, path, message)
  const { institution, management, networks, privacy } = input
  const keyPath = ['privacy', 'pseudonymKey']
  const pseudonymKey = settings.key(privacy.pseudonymKey, keyPath, pseudonymKeyCharsMin)
  return {
    file: settings.file,
    institution: institutionOf(institution),
    portalOrigin: new URL(input.portal.url).origin,
    zoneOrigin: new URL(input.zone.url).origin,
    listen: listenOf(input.listen, settings),
    management,
    store: storeOf(input, settings),
    dataFolder: settings.path(input.data),
    rulesFolder: settings.path(input.rules),
    identity: identityOf(input, settings),
    networks: networks.map(networkOf),
    upstream: upstreamOf(input.upstream, settings),
    counter: counterOf(input.counter, settings),
    reports: deliveryOf(input.reports, settings),
    links: { isChecked: input.links.check },
    logLevel: input.log.level,
    usage: input.usage,
    pseudonymPeriod: privacy.pseudonymPeriod,
    ...(input.console === undefined ? {} : { console: consoleOf(input.console) }),
    ...(input.accessLog && { accessLog: accessLogOf(input.accessLog, settings, input.data) }),
    ...(pseudonymKey === undefined ? {} : { pseudonymKey }),
  }
}

function accessLogOf(
  { folder, format, ...rest }: NonNullable<ConfigInput['accessLog']>,
  settings: SettingsFile,
  data: string,
): AccessLogConfig {
  const inData = resolve(settings.path(data), 'access')
  return {
    ...rest,
    folder: folder === undefined ? inData : settings.path(folder),
    pieces: readLogFormat(format).pieces,
  }
}

function listenOf({ tls, ...rest }: ConfigInput['listen'], settings: SettingsFile): ListenConfig {
  if (tls === undefined) return rest
  const filesOf = (name: 'portal' | 'zone'): CertificateFiles => ({
    certFile: settings.existing(tls[name].cert, ['listen', 'tls', name, 'cert']),
    keyFile: settings.existing(tls[name].key, ['listen', 'tls', name, 'key']),
  })
  return { ...rest, tls: { portal: filesOf('portal'), zone: filesOf('zone') } }
}

function upstreamOf(
  { ca, localAddress, resolve: hosts, ...rest }: ConfigInput['upstream'],
  settings: SettingsFile,
): UpstreamConfig {
  return {
    ...rest,
    resolve: bareRecord(hosts),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(ca === undefined ? {} : { caFile: settings.existing(ca, ['upstream', 'ca']) }),
  }
}

function deliveryOf(
  { schedule, mail }: ConfigInput['reports'],
  settings: SettingsFile,
): DeliveryConfig {
  return {
    schedule: schedule.map(({ folder, mail: to, ...rest }) => ({
      ...rest,
      ...(folder !== undefined && { folder: settings.path(folder) }),
      ...(to !== undefined && { mail: to }),
    })),
    ...(mail !== undefined && { mail: mailOf(mail, settings) }),
  }
}

function mailOf(
  { username, password: source, ...rest }: NonNullable<ConfigInput['reports']['mail']>,
  settings: SettingsFile,
): MailConfig {
  const password = settings.secret(source, ['reports', 'mail', 'password'])
  return {
    ...rest,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  }
}

function counterOf(
  { requestors, institutionIds, ...rest }: ConfigInput['counter'],
  settings: SettingsFile,
): CounterConfig {
  return {
    ...rest,
    institutionIds: institutionIdsOf(institutionIds),
    requestors: requestors.flatMap(({ customerId = rest.customerId, ...written }, index) => {
      const path = ['counter', 'requestors', index, 'apiKey']
      const apiKey = settings.key(written.apiKey, path, apiKeyCharsMin)
      const { name, requestorId } = written
      if (apiKey === undefined) return []
      return [{ name, customerId, apiKey, ...(requestorId !== undefined && { requestorId }) }]
    }),
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

/** A network as the schema gives it. */
export function networkOf(network: ConfigInput['networks'][number]): NetworkConfig {
  const { site, ...rest } = network
  return { ...rest, ...(site === undefined ? {} : { site }) }
}
