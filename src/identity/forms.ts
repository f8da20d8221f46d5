/**
 * Forms of the portal: that they were sent by a page of the portal, in this session, on purpose.
 *
 * Two independent walls (security row 13): the browser says where the form was (Fetch Metadata, or
 * Origin where a browser has none), and the form carries a token that only the session's own pages
 * know. Tokens differ on each page, so that compression tells nothing about them (BREACH).
 * @module
 */
import { createHmac } from 'node:crypto'

import { readBodyStart } from '../core/body-start.ts'
import { randomToken } from '../core/clock.ts'
import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { Session } from '../core/types.ts'
import { areEqual } from './secrets.ts'
import type { Sessions } from './sessions.ts'

/** Name of the form field that carries the token. */
export const formTokenField = 'form_token'

/** Makes and checks form tokens. */
export interface Forms {
  token(session: Session): string
  /**
   * Reads the form of a POST and checks both walls.
   *
   * @throws {GatewayError} `ERR_FORGERY`; `ERR_BAD_REQUEST` for a body that is no form,
   *   `ERR_TOO_LARGE` for one that is too long.
   */
  check(context: GatewayContext): Promise<URLSearchParams>
}

/** Forms of the portal at the given origin. */
export function createForms(portalOrigin: string, sessions: Pick<Sessions, 'formKey'>): Forms {
  return {
    token(session) {
      const salt = randomToken()
      return `${salt}.${sign(salt, sessions.formKey(session) ?? randomToken())}`
    },
    async check(context) {
      if (!isFromPortal(context, portalOrigin)) throw forgery('it was sent from another site')
      const form = await readForm(context)
      const { session } = context.state
      const key = session === undefined ? undefined : sessions.formKey(session)
      const [salt = '', signature = ''] = (form.get(formTokenField) ?? '').split('.')
      if (key === undefined || !areEqual(sign(salt, key), signature)) {
        throw forgery('its token is not of this session')
      }
      return form
    },
  }
}

/**
 * Reads a urlencoded body of bounded length.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST`, `ERR_TOO_LARGE`
 */
export async function readForm(context: GatewayContext): Promise<URLSearchParams> {
  const type = context.get('Content-Type').split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/x-www-form-urlencoded') {
    throw new GatewayError('ERR_BAD_REQUEST', 'the body is not a urlencoded form')
  }
  return new URLSearchParams((await readBody(context)).toString())
}

async function readBody(context: GatewayContext): Promise<Buffer> {
  const { formBytes } = limits.identity
  const { chunks, isWhole } = await readBodyStart(context.req, formBytes).catch((cause) => {
    throw new GatewayError('ERR_BAD_REQUEST', 'the form was cut short', { cause })
  })
  if (isWhole) return Buffer.concat(chunks)
  throw new GatewayError(
    'ERR_TOO_LARGE',
    `the form has more bytes than expected, at most ${formBytes}`,
  )
}

function isFromPortal(context: GatewayContext, portalOrigin: string): boolean {
  const site = context.get('Sec-Fetch-Site')
  return site === '' ? context.get('Origin') === portalOrigin : site === 'same-origin'
}

function sign(salt: string, key: string): string {
  return createHmac('sha256', key).update(`form ${salt}`).digest('base64url')
}

function forgery(found: string): GatewayError {
  return new GatewayError('ERR_FORGERY', `the form is refused: ${found}`)
}
