/**
 * From `identity:` as written to the providers and claims that sign-in goes by.
 * @module
 */
import type { Text } from '../core/languages.ts'
import { textOf } from '../core/texts.ts'
import { bareRecord } from './bare-record.ts'
import type { ClaimsConfig, IdentityConfig, ProviderConfig } from './config.ts'
import type { ConfigInput } from './schema.ts'
import type { SettingsFile } from './settings-file.ts'

type ProviderInput = ConfigInput['identity']['providers'][number]

/** The section `identity`; a provider without a name has that of the institution. */
export function identityOf(
  { identity: { providers, units, session }, institution }: ConfigInput,
  settings: SettingsFile,
): IdentityConfig {
  const unitNames = Object.entries(units).map(([unit, name]) => [unit, textOf(name)])
  return {
    providers: providers.map((provider, index) => {
      const name = textOf(provider.name ?? institution.name)
      const secret = ['identity', 'providers', index, 'client', 'secret']
      return providerOf(provider, name, settings.secret(provider.client.secret, secret))
    }),
    units: bareRecord(Object.fromEntries(unitNames)),
    sessionIdleSeconds: session.idleMinutes * 60,
    sessionMaxSeconds: session.maxHours * 3600,
  }
}

function providerOf(
  { id, issuer, client, scopes, prompt, claims }: ProviderInput,
  name: Text,
  clientSecret: string | undefined,
): ProviderConfig {
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
