/**
 * A provider that answers as it is told, for answers that no honest provider gives.
 * @module
 */
import assert from 'node:assert'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'

import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import type { JWTHeaderParameters, JWTPayload } from 'jose'

/** What it does otherwise than it should. */
export interface Misconduct {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Partial<JWTHeaderParameters>
  readonly userinfo?: Readonly<Record<string, unknown>>
  readonly signature?: 'own' | 'none' | 'stranger'
  /** Raw answer of the token endpoint. */
  readonly token?: { readonly status: number; readonly body: string }
}

/** A running one. */
export interface EvilProvider {
  readonly issuer: string
  setMisconduct(misconduct: Misconduct): void
  /** The callback's query for an authorization URL, as if the reader had signed in. */
  callbackFor(authorizationUrl: string): string
  /** Paths that it was asked for. */
  asked(): readonly string[]
  stop(): Promise<void>
}

/** Starts one for the client `darbaza`. */
export async function startEvilProvider(): Promise<EvilProvider> {
  const [own, stranger] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')])
  const key = { ...(await exportJWK(own.publicKey)), kid: 'own', alg: 'RS256', use: 'sig' }
  let misconduct: Misconduct = {}
  let nonce = ''
  const asked: string[] = []
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  assert(typeof address === 'object' && address !== null)
  const issuer = `http://127.0.0.1:${address.port}`

  async function idToken(): Promise<string> {
    const now = Math.floor(Date.now() / 1000)
    const claims: JWTPayload = {
      iss: issuer,
      aud: 'darbaza',
      sub: 'mallory',
      iat: now,
      exp: now + 60,
      nonce,
      ...misconduct.claims,
    }
    if (misconduct.signature === 'none') return new UnsecuredJWT(claims).encode()
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'own', ...misconduct.header })
      .sign(misconduct.signature === 'stranger' ? stranger.privateKey : own.privateKey)
  }

  const answers: Record<string, () => object | Promise<object>> = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
    }),
    '/jwks': () => ({ keys: [key] }),
    '/userinfo': () => ({ sub: 'mallory', ...misconduct.userinfo }),
    '/token': async () => ({
      access_token: 'access',
      token_type: 'bearer',
      id_token: await idToken(),
    }),
  }

  server.on('request', (request, response) => {
    request.resume()
    asked.push(request.url ?? '')
    const answer = answers[request.url ?? '']
    if (request.url === '/token' && misconduct.token !== undefined) {
      response.writeHead(misconduct.token.status, { 'Content-Type': 'application/json' })
      response.end(misconduct.token.body)
      return
    }
    void send(response, answer)
  })

  return {
    issuer,
    asked: () => asked,
    setMisconduct: (next) => void (misconduct = next),
    callbackFor(authorizationUrl) {
      const query = new URL(authorizationUrl).searchParams
      nonce = query.get('nonce') ?? ''
      return `?code=c&state=${query.get('state')}`
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function send(
  response: ServerResponse,
  answer: (() => object | Promise<object>) | undefined,
): Promise<void> {
  const body = await answer?.()
  response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(body))
}
