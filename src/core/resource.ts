/**
 * A licensed resource as loaded from `rules/<id>.yaml`, and the set of all that are in force.
 *
 * The YAML schema stands in `resources/schema.ts`; these are its parsed, readonly results.
 * @module
 */
import type { CounterFacts, SushiSource } from './counter.ts'
import type { OperatorDocument } from './documents.ts'
import type { Text } from './languages.ts'
import type { LicenceTerms } from './licence.ts'
import type { LinkCheck } from './links.ts'
import type { Closure, OverrideNote, SeatChange } from './overrides.ts'
import type { RewritingOptions } from './rewriting-options.ts'
import type { AddressTreatment, Category, Place } from './types.ts'
import type { UsePattern } from './use.ts'

/** A host of a resource: one origin, or every host below a domain. */
export interface HostRule {
  /** A-labels, lower case, no trailing dot. */
  readonly host: string
  /** `domain` takes the host itself and every host below it; `subdomains` only those below. */
  readonly match: 'exact' | 'domain' | 'subdomains'
  /** How the gateway reaches it; `http` only where the rule says so. */
  readonly scheme: 'https' | 'http'
  /** Present when it is not the scheme's default. */
  readonly port?: number
}

/** What some addresses decide for one resource, whatever they decide elsewhere. */
export interface AddressEntry {
  /** Networks of the configuration, by name. */
  readonly networks: readonly string[]
  /** Addresses, CIDR blocks or first-last pairs. */
  readonly ranges: readonly string[]
  readonly treatment: AddressTreatment
  /** Category of readers admitted by `auto-login`. */
  readonly category: Category
}

/** A licensed database as loaded. */
export interface Resource {
  /** The slug that names it in links, metrics and reports; the rule file's base name. */
  readonly id: string
  /** The rule file, for messages. */
  readonly file: string
  readonly title: Text
  readonly description: Text
  readonly provider: string
  readonly subjects: readonly string[]
  /** The starting point: an absolute URL on one of `hosts`. */
  readonly startUrl: string
  readonly hosts: readonly HostRule[]
  /** Exceptions to the networks of the configuration; the last that holds an address decides. */
  readonly addresses?: readonly AddressEntry[]
  readonly licence: LicenceTerms
  /** False when staff closed it; it is shown, with the reason, and not served. */
  readonly isOpen: boolean
  /** Present while an override of staff closes it; then it is not open. */
  readonly closure?: Closure
  /** Present while an override changes the seats of its pool; the licence has them already. */
  readonly seatChange?: SeatChange
  /** Absent for most: the defaults suffice. */
  readonly rewriting?: RewritingOptions
  /** What its addresses are, the first that fits; absent for most: content types suffice. */
  readonly usage?: readonly UsePattern[]
  /** What reports of COUNTER's form say of it; absent: `usualCounterFacts`. */
  readonly counter?: CounterFacts
  /** Where its publisher's own reports are harvested; absent: nowhere. */
  readonly sushi?: SushiSource
  /** How its links are checked; absent: the starting point, once a day. */
  readonly check?: LinkCheck
}

/** An upstream host: what a proxied host stands for. */
export interface Upstream {
  readonly scheme: 'https' | 'http'
  /** A-labels, lower case. */
  readonly host: string
  readonly port: number
  /** The value of the Host header: the host, with the port when it is not the scheme's default. */
  readonly authority: string
  /** `scheme://authority`. */
  readonly origin: string
  readonly resource: Resource
}

/**
 * The closed table of upstream hosts and its two-way mapping to the zone. Nothing else decides
 * which publisher a request may reach.
 */
export interface HostMap {
  /** `https://proxy.example.edu`: scheme, suffix and port shared by every proxied host. */
  readonly zoneOrigin: string
  /** The upstream that a Host header of the zone names; undefined unless canonical and known. */
  upstreamOf(hostHeader: string): Upstream | undefined
  /**
   * The canonical authority for a Host header in one of EZproxy's spellings (`my-site-com` for
   * my-site.com, `www.jstor.org.<zone>`); undefined when it is canonical, unknown or ambiguous.
   */
  legacyAuthority(hostHeader: string): string | undefined
  /**
   * The authority (host, with the zone's port if it has one) that stands for an upstream authority
   * reached by the given scheme; undefined when it is not known. `ws` counts as http, `wss` as https.
   */
  proxiedAuthority(scheme: string, authority: string): string | undefined
  /**
   * An absolute or protocol-relative URL with its scheme and authority mapped and every other byte
   * kept; undefined when it is relative, cannot be parsed or names no known host.
   */
  mapUrl(url: string): string | undefined
  /** The reverse, for an absolute or protocol-relative URL of a proxied host; undefined likewise. */
  unmapUrl(url: string): string | undefined
  /** The resource whose host table holds the URL's host. */
  resourceOf(url: string): Resource | undefined
}

/**
 * What an address alone decides, on the way to a resource if one is named; never throws, an unreadable
 * address is rejected. The same address on the same way has the same object, for a while.
 */
export type PlaceOf = (address: string, resource?: Pick<Resource, 'addresses'>) => Place

/** Everything that was loaded together and is swapped together. */
export interface Rulebook {
  /** Changes whenever anything in it does: part of rewritten validators. */
  readonly version: string
  readonly resources: ReadonlyMap<string, Resource>
  readonly hosts: HostMap
  readonly placeOf: PlaceOf
  /**
   * A rule file as it was when it came into force, for messages: the file itself may have been changed
   * since, or lie on another machine. Absent: the file is what is in force.
   */
  readonly documentOf?: (file: string) => OperatorDocument
  /** Patrons whom staff have suspended, by `patronKey`; absent when there are none. */
  readonly suspensions?: ReadonlyMap<string, OverrideNote>
}
