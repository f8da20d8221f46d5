/**
 * The host codec: an upstream host as one label of the proxy zone, and back.
 *
 * `www.jstor.org` is `www-jstor-org`; a hyphen of the name is doubled, a port that is not a default
 * one is appended as `---p8443`. The mapping is injective (no label stands for two hosts) and
 * canonical (no host has two labels): a name's labels never begin or end with a hyphen, so runs of
 * hyphens read in one way only, and whatever does not encode back to itself is refused.
 * @module
 */
import { createHash } from 'node:crypto'

/** A host and the port that must be named with it; absent for 80 under http, 443 under https. */
export interface HostAndPort {
  readonly host: string
  readonly port?: number
}

/** RFC 1035 section 2.3.4: octets of one label, and of a name written with dots. */
const labelOctets = 63
const nameOctets = 253

/** Before an encoding that begins with "xn--", which browsers would refuse as broken Punycode. */
const punycodeMark = 'x---'
const portMark = '---p'
const hashMark = 'h---'
/** Exactly three hyphens: in `xn----p1ai` they are two doubled ones. */
const portPattern = /^(.*[^-])---p([0-9]+)$/
const hashPattern = /^h---[0-9a-f]{32}$/

/** Underscores are no host names (RFC 952) but occur in publishers' DNS, and browsers take them. */
const namePattern = /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)+$/

/** The URL Standard takes a name whose last label is a number for an IPv4 address. */
const numericEnd = /\.(?:[0-9]+|0x[0-9a-f]*)$/

/** Whether a name can be carried: A-labels in lower case, at least two, no address, no odd hyphens. */
function isCarriedHost(host: string): boolean {
  if (host.length > nameOctets || !namePattern.test(host) || numericEnd.test(host)) return false
  return host.split('.').every((label) => label.length <= labelOctets)
}

/**
 * The host as the URL Standard reads it (lower case, percent-decoded, A-labels) without the root
 * dot; undefined when it cannot be carried. Takes a bare host: no port, no userinfo.
 */
export function canonicalHost(text: string): string | undefined {
  if (/[@:/\\?#\t\r\n]/.test(text)) return undefined
  const url = URL.parse(`http://${text}/`)
  const host = url?.hostname.replace(/\.$/, '')
  return host !== undefined && isCarriedHost(host) ? host : undefined
}

/** `host` or `host:port`: the key of a host in every table. */
export function hostKey({ host, port }: HostAndPort): string {
  return port === undefined ? host : `${host}:${port}`
}

/**
 * The label for a canonical host. Ports 80 and 443 have none: http and https share one proxied
 * host, so that these two are always the default one and need no second spelling.
 */
export function encodeHost(name: HostAndPort): string | undefined {
  const { host, port } = name
  if (!isCarriedHost(host) || (port !== undefined && !isNamedPort(port))) return undefined
  const plain = host.replaceAll('-', '--').replaceAll('.', '-')
  const marked = plain.startsWith('xn--') ? punycodeMark + plain : plain
  const label = port === undefined ? marked : `${marked}${portMark}${port}`
  if (label.length <= labelOctets) return label
  const digest = createHash('sha256').update(hostKey(name)).digest('hex')
  return hashMark + digest.slice(0, 32)
}

/** Whether a label can only be read through the table of known hosts. */
export function isHashLabel(label: string): boolean {
  return hashPattern.test(label)
}

/** The host that a label spells, in lower case; undefined for a hash and for any other spelling. */
export function decodeLabel(label: string): HostAndPort | undefined {
  const marked = label.startsWith(`${punycodeMark}xn--`) ? label.slice(punycodeMark.length) : label
  const [, named = marked, portText] = portPattern.exec(marked) ?? []
  const host = named.replace(/-+/g, (run) => (run.length === 1 ? '.' : '-'.repeat(run.length / 2)))
  const name = portText === undefined ? { host } : { host, port: Number(portText) }
  // Encoding again is the whole check: odd runs, missing marks and leading zeros all differ.
  return encodeHost(name) === label ? name : undefined
}

function isNamedPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port <= 65_535 && port !== 80 && port !== 443
}
