/**
 * Finds an identity provider and keeps an eye on it: reads its metadata in the background, again
 * after a doubling pause while it is away, and every few minutes while it answers. The portal serves
 * meanwhile; nobody waits here.
 *
 * Source: OpenID Connect Discovery 1.0 section 4; openid-client compares the issuer with the one
 * that was asked.
 * @module
 */
import { setTimeout as pause } from 'node:timers/promises'

import * as oidc from 'openid-client'

import type { ProviderConfig } from '../config/config.ts'
import { GatewayError, systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'

/** Hears that the provider was found or lost, and why; not of each try in between. */
export type OnProviderNews = (status: 'ready' | 'away', detail: string) => void

/** A background reader of the provider's metadata. */
export interface Discovery {
  start(): void
  /** Ends the background work; resolves when nothing of it is left. */
  stop(): Promise<void>
  /** What openid-client needs to know; undefined while the provider is away. */
  current(): oidc.Configuration | undefined
  /** Says that the provider did not answer elsewhere: it is away until it is found again. */
  lost(): void
}

/**
 * A reader for the configured issuer.
 *
 * @throws {GatewayError} `ERR_CONFIG` for an issuer that is plain http on a name that is not
 * this machine's own: tokens would cross the network in the clear.
 */
export function createDiscovery(config: ProviderConfig, onNews: OnProviderNews): Discovery {
  const issuer = checkedIssuer(config)
  let configuration: oidc.Configuration | undefined
  let stopping = new AbortController()
  let woken = new AbortController()
  let work = Promise.resolve()
  let told: 'ready' | 'away' | undefined

  function tell(status: 'ready' | 'away', detail: string): void {
    if (told !== status && !stopping.signal.aborted) onNews(status, detail)
    told = status
  }

  async function look(signal: AbortSignal): Promise<oidc.Configuration | undefined> {
    try {
      const found = await discover(issuer, config, signal)
      tell('ready', `${issuer.href} was found`)
      return found
    } catch (error) {
      tell('away', `${issuer.href} was not found: ${reasonOf(error)}`)
      return undefined
    }
  }

  async function watch(signal: AbortSignal): Promise<void> {
    let retryMs: number = limits.identity.providerRetryMs
    while (!signal.aborted) {
      configuration = await look(signal)
      const waitMs = configuration === undefined ? retryMs : limits.identity.providerRefreshMs
      retryMs =
        configuration === undefined
          ? Math.min(retryMs * 2, limits.identity.providerRetryMaxMs)
          : limits.identity.providerRetryMs
      woken = new AbortController()
      // Rejects when it is cut short, which is all that is wanted of it.
      await pause(waitMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) }).catch(
        () => undefined,
      )
    }
  }

  return {
    start() {
      stopping = new AbortController()
      work = watch(stopping.signal)
    },
    async stop() {
      stopping.abort()
      await work
      configuration = undefined
    },
    current: () => configuration,
    lost() {
      // Only news wakes it: whoever asks again and again cannot make it ask more often.
      if (configuration === undefined) return
      configuration = undefined
      tell('away', `${issuer.href} did not answer`)
      woken.abort()
    },
  }
}

async function discover(
  issuer: URL,
  config: ProviderConfig,
  stopping: AbortSignal,
): Promise<oidc.Configuration> {
  const secret = config.clientSecret
  const isPlain = issuer.protocol === 'http:'
  return oidc.discovery(
    issuer,
    config.clientId,
    secret === undefined ? undefined : { client_secret: secret },
    secret === undefined ? oidc.None() : secretAuthentication(secret),
    {
      timeout: limits.identity.providerMs / 1000,
      // Every later request goes this way, too: nothing outlives the gateway.
      [oidc.customFetch]: (url, { signal, body = null, ...init }) => {
        const signals = [stopping, ...(signal === undefined ? [] : [signal])]
        const anySignal = AbortSignal.any(signals)
        // A copy, since fetch takes no bytes that another thread could change.
        const ownBody = body instanceof Uint8Array ? new Uint8Array(body) : body
        return fetch(url, { ...init, body: ownBody, signal: anySignal })
      },
      execute: [
        // The ID token's signature is checked although it comes by TLS: one wall more.
        oidc.enableNonRepudiationChecks,
        ...(isPlain ? [oidc.allowInsecureRequests] : []),
      ],
    },
  )
}

/**
 * `client_secret_basic` is what a client is registered with unless it says otherwise (OpenID Connect
 * Registration 1.0 section 2); `client_secret_post` only where the provider does not take it.
 */
function secretAuthentication(secret: string): oidc.ClientAuth {
  const basic = oidc.ClientSecretBasic(secret)
  const post = oidc.ClientSecretPost(secret)
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported
    const takesBasic = methods === undefined || methods.includes('client_secret_basic')
    return (takesBasic ? basic : post)(server, client, body, headers)
  }
}

function checkedIssuer({ id, issuer }: ProviderConfig): URL {
  const url = URL.parse(issuer)
  const isFit = url?.protocol === 'https:' || (url?.protocol === 'http:' && isOwnMachine(url))
  if (url !== null && isFit) return url
  throw new GatewayError('ERR_CONFIG', `"${issuer}" is not an https URL`, {
    at: `identity.providers (${id})`,
  })
}

/** RFC 6761 section 6.3: names under `localhost` are this machine. */
function isOwnMachine({ hostname }: URL): boolean {
  return /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

/** The reason as the system or the library names it; their messages may repeat what was answered. */
function reasonOf(error: unknown): string {
  const inner = error instanceof Error ? systemCodeOf(error.cause) : undefined
  return inner ?? systemCodeOf(error) ?? 'no usable answer'
}
