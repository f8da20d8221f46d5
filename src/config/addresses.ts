/**
 * Addresses and origins as the configuration writes them: whether a text is one, before the stages
 * compile it.
 * @module
 */
import { parseAddress } from '../core/address.ts'
import type { ServerAddress } from '../core/store-config.ts'

/** Whether only this machine can reach an address. */
export function isLoopback(text: string): boolean {
  return text === 'localhost' || parseAddress(text)?.range() === 'loopback'
}

/** Whether a host name never leaves this machine. Source: RFC 6761 section 6.3. */
function isLocalhost(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

/** `address:port`, an IPv6 address in brackets. */
export function isSocketAddress(text: string): boolean {
  const { address = '', port = '' } =
    /^(?:\[(?<address>[^\]]*)\]|(?<address>[^:]*)):(?<port>\d{1,5})$/.exec(text)?.groups ?? {}
  return parseAddress(address) !== undefined && isPort(port)
}

/** A host name in A-labels and lower case, alone or with a port. */
export function isHostWithPort(text: string): boolean {
  const { host = '', port = '443' } =
    /^(?<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)+)(?::(?<port>\d{1,5}))?$/.exec(text)?.groups ?? {}
  return host !== '' && isPort(port)
}

/**
 * The origin of the portal or the zone, or undefined unless the text is `https://name[:port]`. Plain
 * http is for names of this machine alone: browsers keep `__Host-` cookies to secure origins, and
 * count these among them (Secure Contexts, section 3.1).
 */
export function publicOrigin(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text)) return undefined
  const isSecure = url.protocol === 'https:' || isLocalhost(url.hostname)
  const isName = !/^\[|\.$|(?:^|\.)\d+$/.test(url.hostname)
  return isSecure && isName ? url : undefined
}

/** An OpenID issuer. Source: OpenID Connect Discovery 1.0 section 3, no query and no fragment. */
export function isIssuer(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || /[?#@\s]/.test(text)) return false
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLocal(host))
}

function isLocal(host: string): boolean {
  return isLocalhost(host) || isLoopback(host)
}

function isPort(text: string): boolean {
  return Number(text) >= 1 && Number(text) <= 65_535
}

/** Host and port of `HOST:PORT`, with brackets around an IPv6 address; undefined when it is none. */
export function serverOf(text: string): ServerAddress | undefined {
  const {
    host = '',
    address = '',
    port = '',
  } = /^(?:(?<host>[\w.-]+)|\[(?<address>[\da-f:.]+)\]):(?<port>\d{1,5})$/i.exec(text)?.groups ?? {}
  return isPort(port) ? { host: host + address, port: Number(port) } : undefined
}
