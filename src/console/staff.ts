/**
 * Who is staff, and the gate before everything below `/staff`.
 *
 * Staff are named by the configuration and known by a sign-in at its provider; an address alone makes
 * nobody staff. Whoever is not staff gets the page of an address that does not exist, for there is
 * nothing that a reader could do about it and nothing to learn from it; whoever has not signed in is
 * asked to, since staff come by bookmarks. Outside the named networks the console is not there at all.
 * @module
 */
import type { ConsoleConfig, ProviderConfig, StaffConfig } from '../config/config.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { addressIssuer, issuerText, type Patron, type Place } from '../core/types.ts'
import { goTo } from '../pages/go-to.ts'
import { signInUrl } from '../pages/shell.ts'

/** A viewer looks; an editor looks and acts. */
export type StaffRole = 'viewer' | 'editor'

/** The role of the reader of a request, if it is staff and where the console is reached. */
export type RoleOf = (context: GatewayContext) => StaffRole | undefined

/** What the gate needs. */
export interface StaffParts {
  /** Absent: there is no console. */
  readonly config: ConsoleConfig | undefined
  /** The first one's word counts where the configuration names none. */
  readonly providers: readonly Pick<ProviderConfig, 'id' | 'issuer'>[]
  readonly portalOrigin: string
}

/** Makes the judge of roles. */
export function createRoleOf({ config, providers }: Omit<StaffParts, 'portalOrigin'>): RoleOf {
  const wanted = config?.provider ?? providers[0]?.id
  const provider = providers.find(({ id }) => id === wanted)
  const trusted = provider && issuerText(provider.issuer)
  return ({ state: { session, place } }) => {
    if (config === undefined || session === undefined || !isReached(config, place)) return undefined
    const { patron } = session
    // By issuer as well: another provider's group may have any name.
    if (patron.issuer !== trusted) return undefined
    if (isOneOf(patron, config.editors)) return 'editor'
    return isOneOf(patron, config.viewers) ? 'viewer' : undefined
  }
}

/** Puts the gate before a stage; requests to other paths pass by. */
export function createStaffGate(parts: StaffParts, roleOf: RoleOf, inner: Stage): Stage {
  const { config, portalOrigin } = parts
  return async function staffGate(context, next) {
    // As the router compares: letters of either case.
    if (!/^\/staff(?:\/|$)/i.test(context.path)) return inner(context, next)
    const { session, place } = context.state
    if (config === undefined || !isReached(config, place)) throw notThere()
    if (session === undefined || session.patron.issuer === addressIssuer) {
      const isRead = context.method === 'GET' || context.method === 'HEAD'
      return goTo(context, signInUrl(portalOrigin, isRead ? context.url : '/staff'))
    }
    if (roleOf(context) === undefined) throw notThere()
    await inner(context, next)
  }
}

/**
 * Lets editors on.
 *
 * @throws {GatewayError} `ERR_STAFF_ROLE`
 */
export function requireEditor(role: StaffRole | undefined): void {
  if (role === 'editor') return
  throw new GatewayError('ERR_STAFF_ROLE', `found the role ${role ?? 'none'}, expected editor`)
}

function isReached({ networks }: ConsoleConfig, { network }: Place): boolean {
  return networks.length === 0 || (network !== undefined && networks.includes(network))
}

function isOneOf({ subject, groups }: Patron, staff: StaffConfig): boolean {
  return staff.subjects.includes(subject) || groups.some((group) => staff.groups.includes(group))
}

function notThere(): GatewayError {
  return new GatewayError('ERR_NOT_FOUND', 'the staff console is not there for this reader')
}
