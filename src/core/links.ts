/**
 * How the links stand that lead into resources, as staff, reports and metrics see them: what the last
 * look found, since when, and whether that is enough to call a link broken.
 * @module
 */

/** What a state says of a link; `notice`: readers get through, and staff have something to mend. */
export type LinkVerdict = 'works' | 'notice' | 'broken' | 'unknown'

/** What a look at a link can find; each is told to staff in their language. */
export const linkStates = {
  works: 'works',
  /** For good, to another address of the resource, which the rule should name. */
  moved: 'notice',
  /** Readers are led to a host that is none of the resource's, and so past the gateway. */
  leaves: 'notice',
  /** The page lacks what subscribers see, or says that the subscription has ended. */
  'not-entitled': 'broken',
  /** 404 or 410. */
  gone: 'broken',
  /** A page with a good status whose title says that it is not there. */
  'says-gone': 'broken',
  /** The domain is for sale, or has expired. */
  parked: 'broken',
  /** An answer without a page. */
  empty: 'broken',
  /** 500 and the like, but for 503. */
  failing: 'broken',
  /** From one address to the next without end. */
  loops: 'broken',
  /** To nowhere, or to what is no address of the web. */
  misleads: 'broken',
  /** To an address that the egress guard refuses. */
  forbidden: 'broken',
  /** The host's name has no address. */
  nameless: 'broken',
  /** Nobody takes the connection. */
  unreachable: 'broken',
  slow: 'broken',
  /** The certificate has expired, or proves another name. */
  certificate: 'broken',
  /** What came is not HTTP, or passes a bound that readers' exchanges have as well. */
  garbled: 'broken',
  /** 401, 403, another refusal, or a wall against programs: readers may well get through. */
  blocked: 'unknown',
  /** 429 or 503: asked again when the publisher says. */
  busy: 'unknown',
  /** No publisher at all could be reached: it is the gateway's own network that is away. */
  untold: 'unknown',
} as const satisfies Readonly<Record<string, LinkVerdict>>

/** One of the states. */
export type LinkState = keyof typeof linkStates

/**
 * How a link stands, after all its looks. `suspect`: it failed, but not often and long enough to be
 * called broken; `unchecked`: nobody has looked yet.
 */
export type LinkStanding = LinkVerdict | 'suspect' | 'unchecked'

/** Standings from the worst to the best. */
export const linkStandings = [
  'broken',
  'suspect',
  'notice',
  'unknown',
  'unchecked',
  'works',
] as const satisfies readonly LinkStanding[]

/** Compares by standing, the worst first. */
export function worstFirst(
  one: { readonly standing: LinkStanding },
  other: { readonly standing: LinkStanding },
): number {
  return linkStandings.indexOf(one.standing) - linkStandings.indexOf(other.standing)
}

/** Where a link stands in the rule. */
export type LinkKind = 'start' | 'probe' | 'entry'

/** What the last look found. */
export interface LinkLook {
  readonly state: LinkState
  /** Epoch milliseconds: when it looked, and since when it has found this state. */
  readonly at: number
  readonly sinceAt: number
  /** HTTP status of the last answer; absent when none came. */
  readonly status?: number | undefined
  /** In English, for those who look after the rule; without query and without anything secret. */
  readonly detail?: string | undefined
  /** Where it leads: origin and path of the last address, where it is another one. */
  readonly leadsTo?: string | undefined
}

/** One link. */
export interface LinkHealth {
  readonly kind: LinkKind
  /** Origin and path, without query. */
  readonly url: string
  readonly standing: LinkStanding
  /** Failures in a row, each some hours after the one before; unknown states are none. */
  readonly failures: number
  /** Epoch milliseconds of the first of them, whatever each one was; absent without any. */
  readonly failingSinceAt?: number
  /** Absent before the first look. */
  readonly last?: LinkLook
}

/** The links of a resource. */
export interface ResourceLinks {
  readonly resourceId: string
  /** That of the worst link. */
  readonly standing: LinkStanding
  /** The worst first; none where the rule says that no program may visit. */
  readonly links: readonly LinkHealth[]
  /** Epoch milliseconds: when it is looked at again at the earliest; absent before the first look. */
  readonly nextAt?: number
}

/** What may be asked of the link checker. Both may reject with `ERR_STORE_AWAY`. */
export interface LinkBooks {
  /** How the links of resources stand, in their order. */
  standings(resources: Iterable<LinkedResource>): Promise<readonly ResourceLinks[]>
  /** Epoch milliseconds: when the checker last came to the end of all that was due; undefined: never. */
  lastDoneAt(): Promise<number | undefined>
}

/** What came of asking for a look: `begun` goes on by itself, `unchecked` has no link to look at. */
export type LinkCheckAnswer = 'checked' | 'begun' | 'busy' | 'unchecked'

/** A resource as far as its links need it. */
export interface LinkedResource {
  readonly id: string
  readonly startUrl: string
  /** Absent: the starting point alone, once a day. */
  readonly check?: LinkCheck
}

/** What a rule says of the checking of its links. */
export interface LinkCheck {
  /** False: this publisher is never visited by a program. */
  readonly isOn: boolean
  readonly everyHours: number
  /** Further links that staff publish. */
  readonly entries: readonly string[]
  /** A page that shows whether the publisher knows the library. */
  readonly probe?: LinkProbe
}

/** The page and what subscribers see on it. */
export interface LinkProbe {
  readonly url: string
  /** As the rule has it. */
  readonly written: string
  readonly isIn: (text: string) => boolean
}
