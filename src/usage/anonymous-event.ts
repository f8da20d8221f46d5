/**
 * Events without what leads to anybody: what counts stays.
 * @module
 */
import { z } from 'zod'

import { randomToken } from '../core/clock.ts'
import { jsonAs } from '../core/decoding.ts'
import { isRobot } from './robots.ts'

const marked = z.looseObject({ person: z.string().optional(), session: z.string().optional() })

/** What an event says, and whose it is. */
export type Marked = z.output<typeof marked>

/** Gives each pseudonym a random one, the same each time that it is asked for. */
export type Stranger = (pseudonym: string) => string

/** Makes strangers. */
export function createStranger(): Stranger {
  const known = new Map<string, string>()
  return (pseudonym) => {
    const found = known.get(pseudonym) ?? randomToken().slice(0, 22)
    known.set(pseudonym, found)
    return found
  }
}

/** What a stored event says; nothing of one that cannot be read. */
export function factsOf(body: string): Marked {
  return jsonAs(marked, body) ?? {}
}

/** Whose it is, by pseudonym: without reading all of it, for this is asked of every event. */
export function personIn(body: string): string | undefined {
  return /"person":"([\w-]+)"/.exec(body)?.[1]
}

/** Without what could lead to somebody by way of a log or an address, as well. */
export function anonymousBody(body: string, stranger: Stranger): string {
  const facts = factsOf(body)
  const { person, session, userAgent } = facts
  const isTelling = typeof userAgent === 'string' && !isRobot(userAgent)
  return JSON.stringify({
    ...facts,
    person: person && stranger(person),
    session: session && stranger(session),
    ...(isTelling && { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0' }),
    reference: undefined,
    network: undefined,
    network24: undefined,
  })
}
