/**
 * The way of one link, as a reader goes it through the gateway: from redirect to redirect with the
 * cookies that are set, on the hosts of the resource alone. Where it would leave them nobody is asked.
 * @module
 */
import { CookieJar } from 'tough-cookie'

import type { HeaderLines } from '../core/context.ts'
import type { LinkState } from '../core/links.ts'
import { limits } from '../core/limits.ts'
import type { HostMap, Resource, Upstream } from '../core/resource.ts'
import { coversName } from '../resources/hosts.ts'
import { withRuleHeaders } from '../rewriting/rule-headers.ts'
import { shownAddress, type LinkAddress } from './addresses.ts'
import type { LinkAnswer } from './ask.ts'
import { pageFinding } from './page.ts'

/** What a look found. */
export interface LinkFinding {
  readonly state: LinkState
  readonly status?: number
  readonly detail?: string
  readonly leadsTo?: string
  readonly waitMs?: number
}

/** What a journey needs. */
export interface JourneyParts {
  /** The hosts in force, which tell where readers would get to. */
  readonly hosts: Pick<HostMap, 'mapUrl' | 'upstreamOf'>
  readonly userAgent: string
  readonly now: () => number
  readonly ask: (url: URL, headers: HeaderLines) => Promise<LinkAnswer>
}

/** Goes the way of a link of a resource. */
export async function travel(
  link: LinkAddress,
  resource: Resource,
  parts: JourneyParts,
): Promise<LinkFinding> {
  return await new Journey(link, resource, parts).go()
}

/** Statuses that tell where else to look (RFC 9110 section 15.4). */
const leading = new Set([301, 302, 303, 307, 308])
const lasting = new Set([301, 308])

class Journey {
  readonly #link: LinkAddress
  readonly #resource: Resource
  readonly #parts: JourneyParts
  readonly #jar = new CookieJar()
  readonly #seen = new Set<string>()
  #url: URL
  /** Where redirects that are for good have led, as long as no other came between. */
  #lastingUrl: URL
  #isLasting = true

  constructor(link: LinkAddress, resource: Resource, parts: JourneyParts) {
    this.#link = link
    this.#resource = resource
    this.#parts = parts
    this.#url = new URL(link.url)
    this.#lastingUrl = this.#url
    for (const { name, value, domain } of resource.rewriting?.setCookies ?? []) {
      const line = `${name}=${value}; Domain=${domain}; Path=/`
      this.#jar.setCookieSync(line, `https://${domain}/`, { ignoreError: true })
    }
  }

  async go(): Promise<LinkFinding> {
    for (let hops = 0; hops <= limits.links.redirects; hops++) {
      const asked = this.#askedUrl()
      if (!(asked instanceof URL)) return this.#found(asked)
      const cookies = this.#jar.getCookieStringSync(asked.href)
      const place = `${asked.href}\n${cookies}`
      if (this.#seen.has(place)) return this.#found({ state: 'loops' })
      this.#seen.add(place)
      const answer = await this.#parts.ask(asked, this.#headers(cookies))
      if (answer.kind === 'trouble') return this.#found(answer)
      const next = this.#nextOf(answer, asked)
      if (next === undefined) return this.#arrived(answer)
      if (!(next instanceof URL)) return this.#found({ ...next, status: answer.status })
      this.#url = next
    }
    return this.#found({ state: 'loops', detail: `more than ${limits.links.redirects} redirects` })
  }

  /** Where the gateway would ask for readers, or what is to be said of a place where it would not. */
  #askedUrl(): URL | LinkFinding {
    const url = this.#url
    const mapped = this.#parts.hosts.mapUrl(url.href)
    const upstream = mapped && this.#parts.hosts.upstreamOf(new URL(mapped).host)
    if (!upstream) return this.#outside(url)
    if (upstream.resource.id === this.#resource.id) return placeAt(upstream, url)
    return { state: 'leaves', detail: `${url.host} is a host of "${upstream.resource.id}"` }
  }

  #outside({ hostname, host }: URL): LinkFinding {
    const direct = this.#resource.rewriting?.neverProxy ?? []
    if (direct.some((rule) => coversName(rule, hostname))) {
      return { state: 'works', detail: `leads to ${host}, which the rule leaves direct` }
    }
    return { state: 'leaves', detail: `${host} is no host of the rule` }
  }

  #headers(cookies: string): HeaderLines {
    const lines: HeaderLines = [
      ['user-agent', this.#parts.userAgent],
      ['accept', 'text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.8'],
      ['accept-language', 'en,ru;q=0.8,ky;q=0.7'],
      ['accept-encoding', 'gzip'],
      ...(cookies === '' ? [] : [['cookie', cookies] as const]),
    ]
    return withRuleHeaders(lines, this.#resource, 'reader')
  }

  /** Where an answer leads to; undefined when it is where the way ends. */
  #nextOf(
    { status, headers }: Extract<LinkAnswer, { kind: 'answer' }>,
    asked: URL,
  ): URL | LinkFinding | undefined {
    for (const line of [headers['set-cookie'] ?? []].flat()) {
      this.#jar.setCookieSync(line, asked.href, { ignoreError: true })
    }
    const location = [headers['location'] ?? []].flat()[0]
    if (!leading.has(status) || location === undefined) return undefined
    const next = URL.parse(location, asked.href)
    if (next === null || !/^https?:$/.test(next.protocol)) {
      const kind = next === null ? 'what is no address' : `an address of ${next.protocol}`
      return { state: 'misleads', detail: `leads to ${kind}` }
    }
    next.username = next.password = next.hash = ''
    this.#isLasting &&= lasting.has(status)
    if (this.#isLasting) this.#lastingUrl = next
    return next
  }

  #arrived(answer: Extract<LinkAnswer, { kind: 'answer' }>): LinkFinding {
    const { probe } = this.#link
    const finding = {
      ...pageFinding(answer, { probe, now: this.#parts.now() }),
      status: answer.status,
    }
    const hasMoved = finding.state === 'works' && this.#hasMoved()
    return this.#found(hasMoved ? { ...finding, state: 'moved' } : finding)
  }

  /** A front page that leads on to another page of its site is as it should be. */
  #hasMoved(): boolean {
    const [from, to] = [new URL(this.#link.url), this.#lastingUrl]
    if (from.origin !== to.origin) return true
    const isFront = from.pathname === '/' && from.search === ''
    return !isFront && from.pathname.replace(/\/$/, '') !== to.pathname.replace(/\/$/, '')
  }

  #found(finding: LinkFinding): LinkFinding {
    const { detailChars, addressChars } = limits.links
    const { state, detail, status, waitMs } = finding
    const leadsTo = shownAddress(state === 'moved' ? this.#lastingUrl : this.#url)
    return {
      state,
      ...(status !== undefined && { status }),
      ...(detail !== undefined && { detail: printable(detail, detailChars) }),
      // What differs in the query alone, which is never shown, leads nowhere that anybody could see.
      ...(leadsTo !== shownAddress(new URL(this.#link.url)) && {
        leadsTo: leadsTo.slice(0, addressChars),
      }),
      ...(waitMs !== undefined && { waitMs }),
    }
  }
}

function placeAt({ origin }: Upstream, { pathname, search }: URL): URL {
  return new URL(`${origin}${pathname}${search}`)
}

/** What a publisher wrote may be anything. */
function printable(text: string, chars: number): string {
  return text.replace(/[\p{C}\s]+/gu, ' ').slice(0, chars)
}
