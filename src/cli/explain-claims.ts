/**
 * Claims for `explain`: what a provider told of one person, from a file, read as at sign-in, with the
 * line of the configuration that made something of each value, or nothing.
 * @module
 */
import { readFileSync, statSync } from 'node:fs'

import type { ConfigOutline } from '../config/load.ts'
import type { ClaimFinding, ClaimRejection } from '../core/claims.ts'
import { readDocument, type DocumentPath } from '../core/documents.ts'
import { GatewayError, systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { issuerText, type Patron } from '../core/types.ts'
import { isRecord } from '../identity/claim-values.ts'
import { patronFromClaims, requireClaims } from '../identity/claims.ts'
import { placeIn, placeText } from '../policy/explain.ts'

/** A person as their claims tell, or why they are turned away. */
export interface ExplainedClaims {
  readonly patron: Patron
  /** Path of the provider's claims in the configuration. */
  readonly settings: DocumentPath
  readonly findings: readonly ClaimFinding[]
  /** Why sign-in would end before any right is asked for. */
  readonly turnedAway?: GatewayError
}

/** Which claims, as typed. */
export interface ClaimsQuestion {
  readonly file: string
  /** Id of the provider; absent: the issuer that the claims name, or the only provider. */
  readonly provider?: string | undefined
}

/**
 * Reads the claims of a file.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST` for a file that holds no claims or a provider that there is
 * not, `ERR_SIGN_IN` for claims without a subject.
 */
export function explainClaims(
  { file, provider }: ClaimsQuestion,
  { identity }: ConfigOutline,
): ExplainedClaims {
  const value = readJson(file)
  if (!isRecord(value)) throw unreadable(`--claims ${file}: something else`, claimsPhrase)
  const index = providerIndex(provider, value['iss'], identity.providers)
  const config = identity.providers[index]
  if (config === undefined) {
    const ids = identity.providers.map(({ id }) => id).join(', ')
    const what =
      provider === undefined ? 'no --provider, and no issuer of one,' : `--provider ${provider}`
    throw unreadable(what, `one of ${ids}`)
  }
  const { patron, findings } = patronFromClaims(value, config.claims, issuerText(config.issuer))
  const settings = ['identity', 'providers', index, 'claims']
  const turnedAway = refusalOf(() => requireClaims(value, config.claims.required))
  return { patron, settings, findings, ...(turnedAway && { turnedAway }) }
}

/** A line for each value: what it made of the reader, and by which line of the configuration. */
export function claimLines(
  { findings, settings }: ExplainedClaims,
  configFile: string,
): readonly string[] {
  const config = readDocument(configFile)
  const by = (setting: readonly string[]) => placeText(placeIn(config, [...settings, ...setting]))
  if (findings.length === 0) return [`nothing: no claim of ${by([])} is there`]
  return findings.map((finding) => {
    const { claim, value } = finding
    const told = [claim, value === undefined ? undefined : JSON.stringify(value)]
    const source = told.filter((part) => part !== undefined).join(' ') || 'no claim'
    if (finding.kind === 'category')
      return `${finding.category}: ${source} by ${by(finding.setting)}`
    if (finding.kind === 'unit') return `unit ${finding.unit}: ${source} by ${by(finding.setting)}`
    const setting = refusingSetting[finding.reason]
    return `nothing: ${source}: ${finding.reason}${setting ? ` by ${by([setting])}` : ''}`
  })
}

const claimsPhrase = 'a JSON object of claims'

/** The setting by which a value counts for nothing; none where the gateway itself refuses it. */
const refusingSetting: Readonly<Partial<Record<ClaimRejection, string>>> = {
  foreign_scope: 'allowedScopes',
  unscoped: 'unscoped',
  unmatched_value: 'values',
}

function providerIndex(
  id: string | undefined,
  issuer: unknown,
  providers: ConfigOutline['identity']['providers'],
): number {
  if (id !== undefined) return providers.findIndex((provider) => provider.id === id)
  if (typeof issuer === 'string') {
    return providers.findIndex((provider) => provider.issuer === issuer)
  }
  return providers.length === 1 ? 0 : -1
}

/** What is wrong is told without the text, which is about a person. */
function readJson(file: string): unknown {
  const bytesMax = limits.core.documentBytes
  try {
    const text = statSync(file).size > bytesMax ? undefined : readFileSync(file, 'utf8')
    if (text !== undefined) return JSON.parse(text)
  } catch (error) {
    const code = systemCodeOf(error) ?? 'not JSON'
    throw unreadable(`--claims ${file}: what cannot be read (${code})`, claimsPhrase)
  }
  throw unreadable(`--claims ${file}: more than ${bytesMax} bytes`, claimsPhrase)
}

function refusalOf(check: () => void): GatewayError | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

function unreadable(found: string, expected: string): GatewayError {
  return new GatewayError('ERR_BAD_REQUEST', `${found} found, ${expected} expected`)
}
