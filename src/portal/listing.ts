/**
 * A database as a row or page shows it to one reader: words, badge, seats, terms.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { Decision, GatewayContext } from '../core/context.ts'
import type { Language } from '../core/languages.ts'
import { poolsOf, seatCount } from '../core/licence.ts'
import { limits } from '../core/limits.ts'
import type { LinkBooks } from '../core/links.ts'
import type { Resource } from '../core/resource.ts'
import type { Session } from '../core/types.ts'
import type { Words } from '../locales/words.ts'
import { dayText, momentText } from '../pages/formats.ts'
import { licenceFacts, licenceTerms, permissionLines, type TermWords } from '../pages/terms.ts'
import { accessBadge, type SeatState } from './access.ts'
import type { EntryModel, ResourceModel } from './models.ts'
import { unlessStoreAway, type SeatUse } from './seats.ts'

/** A seat that a reader holds. */
export interface HeldSeat {
  readonly pool: string
  /** The first resource that names the pool. */
  readonly resource: Resource
  /** Epoch milliseconds: free again then, unless used. */
  readonly endsAt: number
}

/** What is asked of the gateway about a resource and a reader. */
export interface ListingParts {
  readonly words: Words
  readonly units: NonNullable<TermWords['units']>
  readonly portalOrigin: string
  readonly decideFor: (context: GatewayContext, resource: Resource) => Decision
  readonly seatUse: SeatUse
  readonly mySeats: (session: Session) => Promise<readonly HeldSeat[]>
  /** IANA name of the library's time zone. */
  readonly timeZone: string
  readonly linksOf: LinkBooks['standings']
  readonly clock: Pick<Clock, 'now'>
}

/** Rows and pages of databases for the reader of a request. */
export interface Listing {
  entries(context: GatewayContext, resources: readonly Resource[]): Promise<EntryModel[]>
  page(context: GatewayContext, resource: Resource): Promise<ResourceModel>
}

/** Composes rows and pages. */
export function createListing(parts: ListingParts): Listing {
  const { words, decideFor } = parts

  const entries: Listing['entries'] = async (context, resources) => {
    const states = await seatStates(context, resources, parts)
    return resources.map((resource, index) =>
      entryModel(
        resource,
        decideFor(context, resource),
        states[index],
        context.state.language,
        words,
      ),
    )
  }
  return {
    entries,
    async page(context, resource) {
      const { language } = context.state
      const [[state], trouble] = await Promise.all([
        seatStates(context, [resource], parts),
        troubleOf(resource, language, parts),
      ])
      const decision = decideFor(context, resource)
      const entry = entryModel(resource, decision, state, language, words)
      const { kind } = entry.badge
      return {
        ...entry,
        terms: [
          { name: words.say(language, 'resource.provider'), value: resource.provider },
          ...licenceTerms(resource.licence, language, parts),
        ],
        permissions: permissionLines(resource.licence, language, words),
        note: words.textOf(resource.licence.publicNote ?? {}, language),
        permalink: `${parts.portalOrigin}/db/${resource.id}`,
        ...(trouble !== undefined && kind !== 'shut' && { trouble }),
        ...(kind !== 'shut' && {
          start: kind === 'sign-in' ? 'resource.start_sign_in' : 'resource.start',
        }),
        ...(kind === 'shut' && refusalOf(decision, resource, language, parts)),
      }
    },
  }
}

/**
 * Said only of what has failed again and again, since a publisher has outages of an hour; and not of what
 * nobody looks at any more.
 */
async function troubleOf(
  resource: Resource,
  language: Language,
  { linksOf, timeZone, words, clock }: ListingParts,
): Promise<string | undefined> {
  const [found] = (await unlessStoreAway(linksOf([resource]))) ?? []
  const broken = found?.links.find(({ standing }) => standing === 'broken')
  const { last, failingSinceAt = last?.sinceAt } = broken ?? {}
  if (last === undefined || failingSinceAt === undefined) return undefined
  if (last.at < clock.now() - limits.links.toldToReadersMs) return undefined
  const since = momentText(failingSinceAt, language, timeZone)
  return words.say(language, 'links.trouble', { since })
}

function entryModel(
  resource: Resource,
  decision: Decision,
  state: SeatState | undefined,
  language: Language,
  words: Words,
): EntryModel {
  const { kind, word } = accessBadge(decision, state)
  const date = dayText(resource.licence.fromOn ?? '', language)
  return {
    id: resource.id,
    title: words.textOf(resource.title, language),
    description: words.textOf(resource.description, language),
    provider: resource.provider,
    subjects: resource.subjects,
    badge: { kind, text: words.say(language, word, { date }) },
    ...(state !== undefined &&
      kind !== 'shut' && {
        seats: words.say(language, 'seats.used', { used: state.used, seats: state.seats }),
      }),
  }
}

/** Asks for the reader's own seats only when a full pool makes them matter. */
async function seatStates(
  { state }: GatewayContext,
  resources: readonly Resource[],
  { seatUse, mySeats }: ListingParts,
): Promise<(SeatState | undefined)[]> {
  const uses = await Promise.all(
    resources.map(async (resource) =>
      resource.licence.seats === undefined ? undefined : seatUse(resource),
    ),
  )
  const isAnyFull = resources.some(
    ({ licence }, index) => (uses[index] ?? -1) >= (seatCount(licence) ?? 0),
  )
  const held =
    isAnyFull && state.session !== undefined ? await unlessStoreAway(mySeats(state.session)) : []
  const mine = new Set(held?.map(({ pool }) => pool))
  return resources.map(({ licence }, index) => {
    const used = uses[index]
    const seats = seatCount(licence)
    if (seats === undefined || used === undefined) return undefined
    return { seats, used, isMine: poolsOf(licence).some(({ pool }) => mine.has(pool)) }
  })
}

function refusalOf(
  decision: Decision,
  resource: Resource,
  language: Language,
  wording: TermWords,
): Pick<ResourceModel, 'refusal'> {
  if (decision.isAllowed) return {}
  const { reason, message } = decision
  const facts = licenceFacts(resource.licence, language, wording)
  const { words } = wording
  return {
    refusal: {
      title: words.say(language, `denial.${reason}.title`),
      text: words.say(language, `denial.${reason}.text`, facts),
      ...(message && { message: words.textOf(message, language) }),
    },
  }
}
