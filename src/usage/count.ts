/**
 * Counting a day: its figures are a pure function of the events of that day and of the 30 seconds
 * after it, which tell whether its last clicks were double ones. Counting again is always right,
 * whatever was stored late or twice.
 *
 * Source: COUNTER 5.1, section 7: status 200 and 304 (7.1), double clicks (7.2), unique items and
 * titles by session (7.3), robots (7.8), what is fetched without a click (7.9), text mining (7.10).
 * @module
 */
import { hash } from 'node:crypto'

import type { HourOf } from '../core/calendar.ts'
import { denialFacts } from '../core/denials.ts'
import type { Cut, Figures, Metric, Period, PoolFigures } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import { categories } from '../core/types.ts'
import type { DataType, SearchKind, UseFormat } from '../core/use.ts'
import { DoubleClicks } from './double-clicks.ts'
import { Readers } from './readers.ts'
import type { Recorded, RecordedEvent } from './recorded-event.ts'
import { isRobot } from './robots.ts'
import { atOnce, type Steps } from './steps.ts'
import { Tally } from './tally.ts'

/** The day that is counted. */
export interface CountedDay {
  readonly period: Period
  /** Its end, epoch milliseconds; what is later only tells of double clicks. */
  readonly endAt: number
  readonly hourOf: HourOf
}

/** What a day has come to. */
export interface DayCount {
  readonly figures: Figures
  readonly readers: Readers
}

/** A counting under way. */
export interface Counting {
  /** Takes the next event; events come in order of time. */
  add(event: RecordedEvent): void
  /** What has been counted. */
  end(): DayCount
  /** Likewise, in steps; only one of the two, and once. */
  ending(): Steps<DayCount>
}

type Exchange = Recorded<'exchange'>
/** Sent to the publisher: counted as what it was asked for, since nobody sees the answer. */
type Direct = Recorded<'direct'>
type Use = (Exchange | Direct) & { readonly use: NonNullable<Exchange['use']> }
type Denial = Recorded<'denial'>
type Asker = Exchange | Denial | Direct

/** Begins to count a day. */
export function startCounting({ period, endAt, hourOf }: CountedDay): Counting {
  const tally = new Tally()
  const readers = new Readers()
  const uses = new DoubleClicks<Use>()
  const denials = new DoubleClicks<Denial>()
  const directs = new DoubleClicks<Direct>()
  const robotOf = rememberedRobots()
  const visits = new Map<string, number>()

  /** Once for the cells, once for the hours. */
  function count(event: Asker, metric: Metric, facts: CountFacts = {}): void {
    const { amount = 1, format = '', dataType = '', resourceId } = facts
    const cut = { ...cutOfAsker(event), ...(resourceId !== undefined && { resourceId }) }
    tally.addCell({ ...cut, metric, format, dataType }, amount)
    const { hour } = hourOf(event.at)
    tally.addHour({ resourceId: cut.resourceId, hour, metric, count: amount })
  }

  function addExchange(event: Exchange): void {
    if (event.at < endAt) {
      // Preflights and fonts that a browser asks without cookies are of somebody who is here already.
      if (!isMined(event) && (event.session !== undefined || hasUse(event))) countVisit(event)
      count(event, 'exchanges')
      if (event.bytes > 0) count(event, 'bytes', { amount: event.bytes })
      if (event.person !== undefined && !isMined(event)) {
        readers.add(event.resourceId, cutOfAsker(event), event.person)
      }
    }
    if (hasUse(event)) addUse(event)
  }

  /** Sessions by day, and each coming into a resource. */
  function countVisit(event: Exchange): void {
    const session = sessionOf(event, hourOf)
    for (const resourceId of [event.resourceId, '']) {
      const key = `${resourceId}\n${session}`
      const seenAt = visits.get(key)
      if (seenAt === undefined) count(event, 'sessions', { resourceId })
      const isNew = seenAt === undefined || event.at - seenAt >= limits.usage.visitPauseMs
      if (isNew && resourceId !== '') count(event, 'openings')
      visits.set(key, event.at)
    }
  }

  function addDirect(key: string, event: Direct): void {
    if (event.isPrefetch !== true) directs.add(key, event)
    if (hasUse(event)) addUse(event)
  }

  function addUse(event: Use): void {
    const isInDay = event.at < endAt
    if (event.isPrefetch === true) return isInDay ? tally.leaveOut({ prefetches: 1 }) : undefined
    if (!isAnswered(event)) {
      return isInDay ? tally.leaveOut({ otherStatuses: 1 }) : undefined
    }
    // Each search runs anew, and no rule of double clicks is for it (COUNTER 5.1, table 3.r).
    if (event.use.kind !== 'search') uses.add(`${userOf(event)}\n${urlOf(event)}`, event)
    else if (isInDay) count(event, searchMetricOf(event))
  }

  function* countUses(): Steps<void> {
    const seen = new Set<string>()
    const { counted, leftOut } = uses.before(endAt)
    tally.leaveOut({ doubleClicks: leftOut })
    for (const [index, event] of counted.entries()) {
      if (index % limits.usage.countedAtOnce === 0) yield
      const { kind, format, dataType, item, itemName, title, titleName } = event.use
      const facts: CountFacts = { format, dataType: dataType ?? '' }
      const of = isMined(event) ? 'TDM_' : ''
      const session = `${of}${sessionOf(event, hourOf)}\n${event.resourceId}`
      const isRequest = kind === 'request'
      for (const [name, isOne] of [
        ['Investigations', true],
        ['Requests', isRequest],
      ] as const) {
        if (!isOne) continue
        const isFirst = (what: string) => isNewIn(seen, `${name}\n${session}\n${what}`)
        count(event, `${of}Total_Item_${name}`, facts)
        if (isFirst(`item\n${item ?? urlOf(event)}`))
          count(event, `${of}Unique_Item_${name}`, facts)
        const isBook = dataType === 'Book' || dataType === 'Reference_Work'
        if (isBook && isFirst(`title\n${title ?? item ?? urlOf(event)}`)) {
          count(event, `${of}Unique_Title_${name}`, facts)
        }
      }
      if (isMined(event)) continue
      tally.addItem({
        resourceId: event.resourceId,
        item: item ?? `url:${placeOf(event)}`,
        ...(itemName !== undefined && { itemName }),
        ...(title !== undefined && { title }),
        ...(titleName !== undefined && { titleName }),
        ...(dataType !== undefined && { dataType }),
        requests: isRequest ? 1 : 0,
        investigations: 1,
      })
      const reader = markOf(event)
      readers.addItem(event.resourceId, item ?? `url:${placeOf(event)}`, reader)
      if (title !== undefined) readers.addTitle(event.resourceId, title, reader)
    }
  }

  function countDenials(): void {
    const { counted, leftOut } = denials.before(endAt)
    tally.leaveOut({ doubleClicks: leftOut })
    for (const event of counted) {
      tally.addDenial({ ...cutOfAsker(event), reason: event.reason, count: 1 })
      const { turnaway } = denialFacts[event.reason]
      if (turnaway === 'Limit_Exceeded' || turnaway === 'No_License') count(event, turnaway)
    }
  }

  function countDirects(): void {
    for (const event of directs.before(endAt).counted) count(event, 'openings')
  }

  function* ending(): Steps<DayCount> {
    yield* countUses()
    countDenials()
    countDirects()
    yield
    const figures = yield* tally.figures(period, yield* readers.told())
    readers.keepItems(figures.items)
    return { figures, readers }
  }

  return {
    add(event) {
      if (event.kind === 'seats' || event.kind === 'wait') {
        if (event.at < endAt) for (const pool of poolFiguresOf(event)) tally.addPool(pool)
        return
      }
      // Mining is done by programs; what nobody agreed to is a robot's (section 7.10).
      const isProgram = event.userAgent !== undefined && robotOf(event.userAgent)
      if (isProgram && !isMined(event)) {
        const isUse = event.kind !== 'exchange' || event.use !== undefined
        return isUse && event.at < endAt ? tally.leaveOut({ robots: 1 }) : undefined
      }
      const key = `${userOf(event)}\n${event.resourceId}\n${urlOf(event)}`
      // Refused for another reason is another answer.
      if (event.kind === 'denial') denials.add(`${event.reason}\n${key}`, event)
      else if (event.kind === 'exchange') addExchange(event)
      else addDirect(key, event)
    },
    end: () => atOnce(ending()),
    ending,
  }
}

interface CountFacts {
  readonly amount?: number
  readonly format?: UseFormat
  readonly dataType?: DataType | ''
  /** '' for the whole library; that of the event unless given. */
  readonly resourceId?: string
}

function hasUse(event: Exchange | Direct): event is Use {
  return event.use !== undefined
}

function isAnswered(event: Use): boolean {
  if (event.kind === 'direct') return true
  return event.method !== 'HEAD' && (event.status === 200 || event.status === 304)
}

function isMined(event: Asker): boolean {
  return event.kind === 'exchange' && event.isMining === true
}

function searchMetricOf(event: Use) {
  const name = searchNames[event.use.search ?? 'regular']
  return isMined(event) ? (`TDM_Searches_${name}` as const) : (`Searches_${name}` as const)
}

const searchNames = {
  regular: 'Regular',
  automated: 'Automated',
  federated: 'Federated',
} as const satisfies Record<SearchKind, string>

function isNewIn(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false
  seen.add(key)
  return true
}

function cutOfAsker(event: Asker): Cut {
  const { resourceId, unit = '', site = '', channel } = event
  return { resourceId, category: categoryOf(event), unit, site, channel }
}

/** A reader with several categories counts in the first of their order. */
function categoryOf({ categories: own = [] }: Asker) {
  return categories.find((category) => own.includes(category)) ?? ''
}

/** The best of what tells a reader from another. Source: COUNTER 5.1, section 7.2. */
function userOf({ person, session, network24 = '', userAgent = '' }: Asker): string {
  return person ?? session ?? `${network24}\n${userAgent}`
}

/** Likewise, of one length: who is known by network and browser alone is not kept in words. */
function markOf(event: Asker): string {
  return event.person ?? event.session ?? hash('sha256', userOf(event), 'base64url')
}

/** Of one day, so that its date needs no place in it. Source: COUNTER 5.1, section 7.3. */
function sessionOf(event: Asker, hourOf: HourOf): string {
  return event.session ?? `${userOf(event)}\n${hourOf(event.at).hour}`
}

function urlOf(event: Asker): string {
  return event.url ?? placeOf(event)
}

/** The address as far as it is kept in words. */
function placeOf(event: Asker): string {
  return event.kind === 'exchange' ? `${event.host}${event.path}` : (event.url ?? '')
}

/** A day has some hundred user agents and some ten thousand events. */
function rememberedRobots(): (userAgent: string) => boolean {
  const known = new Map<string, boolean>()
  return (userAgent) => {
    const found = known.get(userAgent) ?? isRobot(userAgent)
    known.set(userAgent, found)
    return found
  }
}

const noWait = { waits: 0, granted: 0, left: 0, waitedMs: 0, longestWaitMs: 0 }

function poolFiguresOf(event: Recorded<'seats'> | Recorded<'wait'>): PoolFigures[] {
  if (event.kind === 'seats') {
    const { pool, seats, used } = event
    const minutes = { minutesAtLimit: used >= seats ? 1 : 0, minutesUsed: used > 0 ? 1 : 0 }
    return [{ pool, seats, peak: used, ...minutes, ...noWait }]
  }
  const { pool, pools, outcome, waitedMs } = event
  const isGranted = outcome === 'granted'
  const one = pool === undefined ? [] : [pool]
  // Somebody waits in the queue of each pool, and is given a seat of one.
  return (isGranted ? one : (pools ?? one)).map((name) => ({
    pool: name,
    seats: 0,
    peak: 0,
    minutesAtLimit: 0,
    minutesUsed: 0,
    waits: outcome === 'joined' ? 1 : 0,
    granted: isGranted ? 1 : 0,
    left: outcome === 'left' ? 1 : 0,
    waitedMs: isGranted ? waitedMs : 0,
    longestWaitMs: isGranted ? waitedMs : 0,
  }))
}
