/**
 * A line of the access log, in EZproxy's words: the publisher's own address, as if nobody stood
 * between, and pseudonyms in the place of persons and sessions.
 *
 * Pseudonyms are made by a key that is not the one of usage records, and change each month: whoever is
 * handed logs cannot join them with anything else, nor follow a reader for long. The address is cut to
 * its network. Whatever comes from outside is escaped: no line breaks, quotes or spaces where a reader
 * of logs would take them for the end of a field.
 * @module
 */
import { createHmac } from 'node:crypto'

import { truncatedAddress } from '../core/address.ts'
import type { ExchangeEvent } from '../core/events.ts'
import { limits } from '../core/limits.ts'
import type { LogField, LogPiece } from '../core/log-format.ts'
import { aheadMs } from '../core/time-zone.ts'

/** What makes a line. */
export interface AccessLineParts {
  readonly pieces: readonly LogPiece[]
  readonly timeZone: string
  readonly pseudonymKey: string
  /** Names of parameters that may stay in an address; `*` for all. */
  readonly queryParameters: readonly string[]
}

/** Makes the function from event to line, without a line break. */
export function accessLineOf(parts: AccessLineParts): (event: ExchangeEvent) => string {
  const clockOf = createLogClock(parts.timeZone)
  const pseudonymOf = createPseudonyms(parts.pseudonymKey)
  const queryOf = createQueryFilter(parts.queryParameters)

  const write: Readonly<Record<LogField, (event: ExchangeEvent) => string>> = {
    '%h': ({ address }) => truncatedAddress(address).split('/')[0] || '0.0.0.0',
    '%l': () => '-',
    '%u': ({ patron, at }) =>
      patron === undefined
        ? '-'
        : pseudonymOf(`person\n${patron.issuer}\n${patron.subject}`, clockOf(at).month),
    '%t': ({ at }) => clockOf(at).text,
    '%r': (event) => `${word(event.method)} ${addressOf(event)} HTTP/1.1`,
    '%m': ({ method }) => word(method),
    '%U': addressOf,
    '%v': ({ host }) => word(host),
    '%s': ({ status }) => String(status),
    '%b': ({ bytes }) => String(Math.max(0, Math.floor(bytes))),
    '%{ezproxy-session}i': ({ sessionId, at }) =>
      sessionId === undefined ? '-' : pseudonymOf(`session\n${sessionId}`, clockOf(at).month),
    '%{ezproxy-groups}i': ({ patron }) => (patron?.categories ?? []).join('+') || '-',
    '%{user-agent}i': ({ userAgent }) => quoted(userAgent) || '-',
    '%%': () => '%',
  }

  /** With the port, as EZproxy has it. */
  function addressOf({ asked, host, path }: ExchangeEvent): string {
    const { protocol, port } = URL.parse(asked?.origin ?? '') ?? { protocol: 'https:', port: '' }
    const usual = protocol === 'http:' ? '80' : '443'
    const query = queryOf(asked?.query ?? '')
    return word(`${protocol}//${host}:${port === '' ? usual : port}${path}${query}`)
  }

  return (event) =>
    parts.pieces
      .map((piece) => (piece.kind === 'text' ? piece.text : write[piece.field](event)))
      .join('')
}

/** A field without blanks: what is no printable ASCII, and quotes, as percent escapes. */
function word(text: string): string {
  // A lone half of a surrogate pair would make encodeURIComponent throw.
  return text.toWellFormed().replaceAll(/[^!#-[\]-~]/gu, (found) => encodeURIComponent(found))
}

/** A field in quotes. */
function quoted(text: string): string {
  return text
    .replaceAll(/["\\]/g, "'")
    .replaceAll(/[^ -~]/g, '?')
    .trim()
}

/** Letters and digits only: an underscore in a session's name stops ezPAARSE. */
const pseudonymChars = 20

function createPseudonyms(key: string): (text: string, month: string) => string {
  // The key itself makes the pseudonyms of usage records.
  const ownKey = createHmac('sha256', key).update('access log').digest()
  const known = new Map<string, string>()
  return (text, month) => {
    const mark = `${month}\n${text}`
    const found = known.get(mark)
    if (found !== undefined) return found
    const made = createHmac('sha256', ownKey).update(mark).digest('hex').slice(0, pseudonymChars)
    if (known.size >= limits.usage.pseudonyms) known.clear()
    known.set(mark, made)
    return made
  }
}

function createQueryFilter(names: readonly string[]): (query: string) => string {
  if (names.includes('*')) return (query) => (query === '' ? '' : `?${query}`)
  const kept = new Set(names)
  if (kept.size === 0) return () => ''
  return (query) => {
    const parameters = query.split('&').filter((each) => kept.has(each.split('=', 1)[0] ?? ''))
    return parameters.length === 0 ? '' : `?${parameters.join('&')}`
  }
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
/** Clocks change on whole quarters of an hour everywhere. */
const quarterMs = 15 * 60_000

interface LogTime {
  /** `[30/Nov/2026:10:05:00 +0600]` */
  readonly text: string
  /** `2026-11` */
  readonly month: string
}

function createLogClock(timeZone: string): (at: number) => LogTime {
  let quarter = Number.NaN
  let ahead = 0
  let second = Number.NaN
  let time: LogTime = { text: '', month: '' }
  return (at) => {
    const asked = Math.floor(at / 1000)
    if (asked === second) return time
    if (Math.floor(at / quarterMs) !== quarter) {
      quarter = Math.floor(at / quarterMs)
      ahead = aheadMs(timeZone, at)
    }
    second = asked
    // Read as UTC, this instant shows what the zone's clocks show.
    const wall = new Date(at + ahead).toISOString()
    const [day, clock] = [wall.slice(8, 10), wall.slice(11, 19)]
    const month = months[Number(wall.slice(5, 7)) - 1]
    const minutes = Math.abs(ahead) / 60_000
    const offset = [Math.floor(minutes / 60), minutes % 60].map((n) => String(n).padStart(2, '0'))
    const sign = ahead < 0 ? '-' : '+'
    time = {
      text: `[${day}/${month}/${wall.slice(0, 4)}:${clock} ${sign}${offset.join('')}]`,
      month: wall.slice(0, 7),
    }
    return time
  }
}
