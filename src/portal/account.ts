/**
 * The reader's own page: who they are to the gateway, until when, and which seats they hold.
 * @module
 */
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import type { Language, Text } from '../core/languages.ts'
import type { Place, Session } from '../core/types.ts'
import { formTokenField } from '../identity/forms.ts'
import type { Words } from '../locales/words.ts'
import { capitalised, listText, momentText, spanText, timeText } from '../pages/formats.ts'
import { goTo } from '../pages/go-to.ts'
import type { Term } from '../pages/models.ts'
import { signInUrl } from '../pages/shell.ts'
import type { HeldSeat } from './listing.ts'
import type { AccountModel, SeatModel } from './models.ts'
import { unlessStoreAway } from './seats.ts'

/** What the account page needs. */
export interface AccountParts {
  readonly portalOrigin: string
  /** IANA name of the library's time zone. */
  readonly timeZone: string
  /** A session not used for this long ends. */
  readonly idleSeconds: number
  /** Names of faculties and departments. */
  readonly units: Readonly<Record<string, Text>>
  readonly words: Words
  readonly mySeats: (session: Session) => Promise<readonly HeldSeat[]>
  readonly releaseSeat: (session: Session, resource: HeldSeat['resource']) => Promise<void>
  readonly formToken: (session: Session) => string
  readonly checkForm: (context: GatewayContext) => Promise<URLSearchParams>
  readonly showAccount: (context: GatewayContext, model: AccountModel) => void
}

/** `GET /account`. */
export function createAccount(parts: AccountParts): Stage {
  return async (context) => {
    const { session, place, language } = context.state
    if (session === undefined) return toSignIn(context, parts)
    const { timeZone } = parts
    const held = await unlessStoreAway(parts.mySeats(session))
    const idle = spanText(parts.idleSeconds, language)
    parts.showAccount(context, {
      lines: personLines(session, place, language, parts),
      ...(held && { seats: held.map((seat) => seatModel(seat, language, timeZone, parts.words)) }),
      form: { field: formTokenField, token: parts.formToken(session) },
      isReleased: new URLSearchParams(context.querystring).has('released'),
      endsText: parts.words.say(language, 'account.ends_text', { idle }),
    })
  }
}

/** `POST /account/release`. */
export function createRelease(parts: AccountParts): Stage {
  return async (context) => {
    const fields = await parts.checkForm(context)
    const { session, rulebook } = context.state
    if (session === undefined) return toSignIn(context, parts)
    const resource = rulebook.resources.get(fields.get('resource') ?? '')
    if (resource === undefined) throw new GatewayError('ERR_NOT_FOUND', 'no such database')
    await parts.releaseSeat(session, resource)
    goTo(context, `${parts.portalOrigin}/account?released`)
  }
}

function toSignIn(context: GatewayContext, { portalOrigin }: AccountParts): void {
  goTo(context, signInUrl(portalOrigin, '/account'))
}

function personLines(
  { patron, endsAt }: Session,
  place: Place,
  language: Language,
  { words, timeZone, units }: AccountParts,
): Term[] {
  const categories = patron.categories.map((category) =>
    words.say(language, `category.${category}`),
  )
  const channel = words.say(language, `account.channel_${place.channel}`)
  const line = (key: 'name' | 'categories' | 'unit' | 'place' | 'ends', value: string): Term => ({
    name: words.say(language, `account.${key}`),
    value,
  })
  const unitName = (unit: string): string => {
    const name = units[unit]
    return name === undefined ? unit : words.textOf(name, language).text
  }
  return [
    line('name', patron.displayName ?? words.say(language, 'account.nameless')),
    line(
      'categories',
      capitalised(listText(categories, language), language) ||
        words.say(language, 'account.categories_none'),
    ),
    ...(patron.unit === undefined ? [] : [line('unit', unitName(patron.unit))]),
    line('place', place.site === undefined ? channel : `${channel} (${place.site})`),
    line('ends', momentText(endsAt, language, timeZone)),
  ]
}

function seatModel(
  { resource, endsAt }: HeldSeat,
  language: Language,
  timeZone: string,
  words: Words,
): SeatModel {
  const time = timeText(endsAt, language, timeZone)
  return {
    id: resource.id,
    title: words.textOf(resource.title, language),
    until: words.say(language, 'account.seat_until', { time }),
  }
}
