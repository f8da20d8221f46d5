/**
 * The operating errors of the gateway: one class, told apart by a code of a closed list.
 *
 * An error says what was found, what was expected and where; it never carries a patron's name, a
 * cookie or a token. Refusals are not errors but values (`denials.ts`); broken invariants are
 * `assert`. `docs/reference.md` explains every code; a test holds both lists against each other.
 * @module
 */

/** Each code with the HTTP status that a reader gets when it ends a request. */
export const errorStatuses = {
  /** A setting is missing, unknown or of the wrong kind. */
  ERR_CONFIG: 500,
  /** A rule file cannot be read as a resource, or contradicts another one. */
  ERR_RULE: 500,
  /** A range of addresses is neither an address, a CIDR block nor a `first-last` pair. */
  ERR_ADDRESS_RANGE: 500,
  /** A host name cannot be carried by the zone. */
  ERR_HOST: 500,
  /** The request names a host that is in no rule, or not in its canonical form. */
  ERR_UNKNOWN_HOST: 421,
  /** The request breaks HTTP's rules or a bound: method, target, duplicate cookie, size. */
  ERR_BAD_REQUEST: 400,
  /** What was sent is longer than its bound: a form. */
  ERR_TOO_LARGE: 413,
  /** The method is refused: TRACE, TRACK, CONNECT. */
  ERR_METHOD: 405,
  /** The page does not exist on the portal. */
  ERR_NOT_FOUND: 404,
  /** A form was sent from another site or without its token. */
  ERR_FORGERY: 403,
  /** Staff without the role for what was asked. */
  ERR_STAFF_ROLE: 403,
  /** The answer of the identity provider does not belong to a sign-in begun in this browser. */
  ERR_SIGN_IN: 400,
  /** The account lacks a claim that the configuration requires, such as the home organisation. */
  ERR_FOREIGN_ACCOUNT: 403,
  /** The identity provider cannot be reached or answers wrongly. */
  ERR_PROVIDER_AWAY: 503,
  /** A ticket is used, expired, or was made for another browser or host. */
  ERR_TICKET: 400,
  /** The store does not answer. */
  ERR_STORE_AWAY: 503,
  /** The store answered with something that the gateway did not put there. */
  ERR_STORE_DATA: 500,
  /** The publisher's host name has no address, or refuses the connection. */
  ERR_UPSTREAM_AWAY: 502,
  /** The publisher's host name leads to an address that the egress guard refuses. */
  ERR_UPSTREAM_FORBIDDEN: 502,
  /** The publisher's certificate does not prove who it is. */
  ERR_UPSTREAM_CERTIFICATE: 502,
  /** The publisher broke the connection or HTTP's rules. */
  ERR_UPSTREAM_BROKEN: 502,
  /** The publisher did not answer in time. */
  ERR_UPSTREAM_SLOW: 504,
  /** The publisher's answer passes a bound: coding chain, inflated size, header size. */
  ERR_UPSTREAM_EXCESS: 502,
  /** The reader left before the publisher answered; nobody sees a page. 499 as in nginx's logs. */
  ERR_READER_LEFT: 499,
  /** The gateway is at its bound of requests in flight or is stopping. */
  ERR_OVERLOAD: 503,
  /** Anything that was not foreseen. */
  ERR_INTERNAL: 500,
} as const

/** A code of the closed list. */
export type ErrorCode = keyof typeof errorStatuses

/** An operating error: its code, its place if it has one, and its cause. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  /** The HTTP status of the page that tells a reader about it. */
  readonly status: number
  /** Where: `rules/jstor.yaml:14 licence.seats`; for operators, never shown to readers. */
  readonly at: string | undefined

  constructor(code: ErrorCode, message: string, options: { at?: string; cause?: unknown } = {}) {
    super(options.at === undefined ? message : `${options.at}: ${message}`, {
      cause: options.cause,
    })
    this.code = code
    this.status = errorStatuses[code]
    this.at = options.at
  }
}

/** The code that the system or a library gave an error, such as `ENOENT`; undefined without one. */
export function systemCodeOf(thrown: unknown): string | undefined {
  const isCoded = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
  return isCoded ? String(thrown.code) : undefined
}

/** Whether the store could not be reached in time, which many go on without for a while. */
export function isStoreAway(thrown: unknown): boolean {
  return thrown instanceof GatewayError && thrown.code === 'ERR_STORE_AWAY'
}

/** The error itself, or an `ERR_INTERNAL` around whatever was thrown. */
export function asGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new GatewayError('ERR_INTERNAL', message, { cause: thrown })
}
