/**
 * The providers of the configuration, each found and watched by itself: one that is away takes none
 * of the others with it.
 *
 * Which provider an answer, a session or a logout token belongs to is looked up in this closed list
 * and then proved by that provider's own keys; nothing that comes in can name another one.
 * @module
 */
import { decodeJwt } from 'jose'

import { GatewayError } from '../core/errors.ts'
import type { Text } from '../core/languages.ts'
import { issuerText } from '../core/types.ts'
import type { LogoutNotice } from './logout-token.ts'
import type { Provider } from './provider.ts'

/** What a reader chooses between. */
export interface ProviderChoice {
  readonly id: string
  readonly name: Text
  readonly isReady: boolean
  /** Chosen in this browser before. */
  readonly isUsual: boolean
}

/** All of them. */
export interface Providers {
  readonly all: readonly Provider[]
  named(id: string | undefined): Provider | undefined
  /** The provider that signed a reader in; undefined when it is no longer configured. */
  ofIssuer(issuer: string): Provider | undefined
  /**
   * Verifies a logout token by the provider that it says it is from.
   *
   * @throws {GatewayError} `ERR_SIGN_IN`, `ERR_PROVIDER_AWAY`
   */
  verifyLogout(logoutToken: string): Promise<LogoutNotice>
  start(): void
  stop(): Promise<void>
}

/** A closed list of providers. */
export function createProviders(all: readonly Provider[]): Providers {
  const byId = new Map(all.map((provider) => [provider.config.id, provider]))
  const byIssuer = new Map(all.map((provider) => [issuerText(provider.config.issuer), provider]))
  const ofIssuer = (issuer: string) => byIssuer.get(issuerText(issuer))
  return {
    all,
    named: (id) => (id === undefined ? undefined : byId.get(id)),
    ofIssuer,
    async verifyLogout(logoutToken) {
      const provider = ofIssuer(statedIssuer(logoutToken))
      if (provider === undefined) {
        const found = 'its issuer is none of the configured ones'
        throw new GatewayError('ERR_SIGN_IN', `the logout token is refused: ${found}`)
      }
      return provider.verifyLogout(logoutToken)
    },
    start() {
      for (const provider of all) provider.start()
    },
    async stop() {
      await Promise.all(all.map((provider) => provider.stop()))
    },
  }
}

/** What the token says and nobody has proved yet; empty when it says nothing. */
function statedIssuer(token: string): string {
  try {
    return decodeJwt(token).iss ?? ''
  } catch {
    return ''
  }
}
