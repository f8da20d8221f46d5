/**
 * The demo's identity provider: the real `oidc-provider`, in memory, on a loopback address. Its keys
 * are made at each start and die with it.
 * @module
 */
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'

import { Provider } from 'oidc-provider'
import type { Configuration } from 'oidc-provider'
import { Agent, fetch } from 'undici'

import { randomToken } from '../core/clock.ts'
import { accounts, findAccount } from './accounts.ts'
import { createMemory } from './provider-memory.ts'
import { failurePage, signedOutPage, signInPage, signOutPage } from './provider-pages.ts'
import { listen } from './publisher.ts'

/** The gateway, as the provider knows it. */
interface ProviderClient {
  readonly id: string
  readonly secret: string
  readonly portalOrigin: string
  /** Where readers come back to. */
  readonly callbackPath: string
}

/** A provider that listens. */
interface RunningProvider {
  readonly issuer: string
  stop(): Promise<void>
}

/** Starts a provider whose issuer is `http://localhost:PORT`. */
export async function listenProvider(
  client: ProviderClient,
  place: { readonly address: string; readonly port: number },
): Promise<RunningProvider> {
  const server = createServer()
  const port = await listen(server, place)
  const issuer = `http://localhost:${port}`
  const agent = loopbackAgent()
  const provider = new Provider(issuer, configuration(client, agent))
  const standard = provider.callback()

  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const answer = request.url?.startsWith('/interaction/')
      ? interact(provider, request, response)
      : standard(request, response)
    answer.catch(() => {
      if (!response.headersSent) response.writeHead(400, { 'content-type': 'text/html' })
      response.end(failurePage('invalid_request', 'This sign-in has ended. Please begin again.'))
    })
  })
  return {
    issuer,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await agent.close()
    },
  }
}

/** Shows the people to choose from; takes the choice. */
async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { uid } = await provider.interactionDetails(request, response)
  const accountId = request.method === 'POST' ? await chosenAccount(request) : undefined
  if (accountId !== undefined) {
    await provider.interactionFinished(request, response, { login: { accountId } })
    return
  }
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(signInPage(`/interaction/${uid}`))
}

async function chosenAccount(request: IncomingMessage): Promise<string | undefined> {
  let form = ''
  for await (const chunk of request) {
    form += String(chunk)
    if (form.length > 1000) return undefined
  }
  return findAccount(new URLSearchParams(form).get('account') ?? '')?.id
}

function configuration(client: ProviderClient, agent: Agent): Configuration {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    adapter: createMemory(),
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        client_name: 'Library',
        redirect_uris: [client.portalOrigin + client.callbackPath],
        post_logout_redirect_uris: [`${client.portalOrigin}/signed-out`],
        backchannel_logout_uri: `${client.portalOrigin}/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256' }] },
    cookies: { keys: [randomToken()] },
    claims: {
      openid: ['sub'],
      profile: ['name', 'eduperson_scoped_affiliation', 'groups', 'department'],
    },
    pkce: { required: () => true },
    findAccount: (_, id) => {
      const account = findAccount(id)
      return account && { accountId: id, claims: () => claimsOf(id) }
    },
    loadExistingGrant: grantAll,
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource(context, form) {
          context.body = signOutPage(form, context.oidc.entities.IdTokenHint !== undefined)
        },
        postLogoutSuccessSource(context) {
          context.body = signedOutPage()
        },
      },
    },
    renderError(context, { error, error_description: description }) {
      context.type = 'html'
      context.body = failurePage(error, description ?? '')
    },
    ttl: { Session: 8 * 3600, Grant: 8 * 3600, Interaction: 900, AccessToken: 900, IdToken: 900 },
    fetch: (url, options) => askGateway(agent, new Request(url, options)),
  }
}

function claimsOf(id: string): { sub: string; [claim: string]: unknown } {
  const account = accounts.find((one) => one.id === id)
  return { sub: id, name: account?.name, ...account?.claims }
}

/** The one client is the university's own library: nobody is asked for consent. */
const grantAll: NonNullable<Configuration['loadExistingGrant']> = async (context) => {
  const { provider, client, session, result } = context.oidc
  if (!client || !session?.accountId) return undefined
  const known = result?.consent?.grantId ?? session.grantIdFor(client.clientId)
  if (known !== undefined) return provider.Grant.find(known)

  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope('openid profile')
  await grant.save()
  return grant
}

/**
 * Carries back-channel logout to the gateway. Names below `.localhost` are this machine by
 * definition (RFC 6761 section 6.3), but not every system's resolver knows it.
 */
function loopbackAgent(): Agent {
  return new Agent({
    connect: {
      lookup(_host, { all }, done) {
        if (all) done(null, [{ address: '127.0.0.1', family: 4 }])
        else done(null, '127.0.0.1', 4)
      },
    },
  })
}

async function askGateway(agent: Agent, question: Request): Promise<Response> {
  const { url, method, headers, redirect, signal } = question
  const answer = await fetch(url, {
    dispatcher: agent,
    method,
    headers: Object.fromEntries(headers),
    redirect,
    signal,
    ...(method === 'POST' && { body: await question.text() }),
  })
  return new Response(await answer.text(), { status: answer.status })
}
