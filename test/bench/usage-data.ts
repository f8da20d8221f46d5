/**
 * What readers of a large university do in a month of a million events: 150 databases, 12 faculties,
 * 7 categories, 3 campuses, readers on site and at home. Made from a seed, the same at every run.
 *
 * `likely` is as universities are: 15,000 persons of one category and one faculty each, who read in
 * sessions, mostly what their faculty reads; few databases have most of the use. `harsh` has a new person,
 * campus and channel at each exchange, so that next to everything is used by everybody.
 * @module
 */
import type { Category } from '../../src/core/types.ts'
import type { StoredEvent } from '../../src/store/contract.ts'
import { seededChance } from '../chaos/house.ts'
import { browser } from '../usage/events.ts'

/** How use is spread. */
export type UseSpread = 'harsh' | 'likely'

/** Events of a day, a thirtieth of a million. */
export const eventsPerDay = 33_000

const [resources, persons, units, sites] = [150, 15_000, 12, 3]

/** Shares of the categories among persons. */
const shares: readonly (readonly [Category, number])[] = [
  ['student', 0.8],
  ['faculty', 0.08],
  ['staff', 0.04],
  ['alum', 0.03],
  ['member', 0.02],
  ['affiliate', 0.02],
  ['walk-in', 0.01],
]

/** One of so many by Zipf's law: the second half as often as the first, the third a third. */
function zipf(count: number): (chance: number) => number {
  const ends: number[] = []
  let sum = 0
  for (let rank = 1; rank <= count; rank++) ends.push((sum += 1 / rank))
  return (chance) => {
    let [low, high] = [0, count - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) > chance * sum) high = middle
      else low = middle + 1
    }
    return low
  }
}

const [resourceAt, unitAt, itemAt] = [zipf(resources), zipf(units), zipf(3000)]

function categoryAt(chance: number): Category {
  let sum = 0
  return shares.find(([, share]) => (sum += share) > chance)?.[0] ?? 'walk-in'
}

interface Person {
  readonly category: Category
  readonly unit: number
  readonly site: number
}

const chanceOfPersons = seededChance(7)
const everybody: readonly Person[] = Array.from({ length: persons }, () => ({
  category: categoryAt(chanceOfPersons()),
  unit: unitAt(chanceOfPersons()),
  site: Math.floor(chanceOfPersons() * sites),
}))

/** Where and as whom somebody reads. */
interface Visit extends Person {
  readonly person: number
  readonly resource: number
  readonly isOnsite: boolean
  readonly session: string
}

function likelyVisit(chance: () => number, session: string): Visit {
  const person = Math.floor(chance() * persons)
  const found = everybody[person] ?? { category: 'student', unit: 0, site: 0 }
  const shift = chance() < 0.6 ? found.unit * 7 : 0
  const resource = (resourceAt(chance()) + shift) % resources
  return { ...found, person, resource, isOnsite: chance() < 0.4, session }
}

function harshVisit(chance: () => number, session: string): Visit {
  return {
    person: Math.floor(chance() * persons),
    category: shares[Math.floor(chance() * shares.length)]?.[0] ?? 'student',
    unit: Math.floor(chance() * units),
    site: Math.floor(chance() * sites),
    resource: resourceAt(chance()),
    isOnsite: chance() < 0.5,
    session,
  }
}

/** The events of a day of the month, from 0, in order of time. */
export function eventsOfDay(spread: UseSpread, day: number, startAt: number): StoredEvent[] {
  const chance = seededChance(1000 + day)
  const events: StoredEvent[] = []
  const perVisit = spread === 'likely' ? 25 : 1
  while (events.length < eventsPerDay) {
    const session = `session-${day}-${events.length}-abcdef`
    const visit = (spread === 'likely' ? likelyVisit : harshVisit)(chance, session)
    const beganAt = startAt + Math.floor(chance() * 85_000_000)
    for (let step = 0; step < perVisit; step++) {
      const at = beganAt + step * 45_000
      const id = `${at}-${String(events.length).padStart(6, '0')}`
      events.push({ id, at, body: JSON.stringify(bodyOf(visit, chance)) })
    }
  }
  return events.toSorted((one, other) => one.at - other.at)
}

/** Every sixth exchange is one that counts; the others bring pictures and scripts. */
function bodyOf(visit: Visit, chance: () => number): object {
  const { category, unit, site, person, resource, isOnsite, session } = visit
  const item = chance() < 1 / 6 ? itemAt(chance()) : undefined
  return {
    kind: 'exchange',
    reference: `0123456789${person}`,
    resourceId: `r${resource}`,
    method: 'GET',
    host: `www.press${resource}.test`,
    path: item === undefined ? '/static/page.js' : `/article/${item}`,
    status: 200,
    contentType: 'text/html',
    bytes: 1000 + Math.floor(chance() * 50_000),
    durationMs: 40.5,
    isComplete: true,
    userAgent: browser,
    isWebSocket: false,
    channel: isOnsite ? 'onsite' : 'remote',
    // Campuses are told by the networks that readers sit in.
    ...((isOnsite || category === 'walk-in') && { site: `campus ${site}` }),
    network24: '192.0.2.0/24',
    person: `person-${String(person).padStart(6, '0')}-abcdefgh`,
    session,
    categories: [category],
    unit: `faculty ${unit}`,
    ...(item !== undefined && {
      use: useOf(resource, item, chance()),
      url: `url-${resource}-${item}-abcdefghijkl`,
    }),
  }
}

function useOf(resource: number, item: number, chance: number): object {
  if (chance < 0.3) return { kind: 'search', format: 'html' }
  const dataType = resource % 5 === 0 ? 'Book' : 'Journal'
  return {
    kind: chance < 0.65 ? 'investigation' : 'request',
    format: chance < 0.8 ? 'html' : 'pdf',
    item: `doi:10.${1000 + resource}/${item}`,
    itemName: `What was found out about question ${item} in field ${resource}`,
    title: `issn:${1000 + resource}-${1000 + (item % 40)}`,
    titleName: `Journal ${item % 40} of field ${resource}`,
    dataType,
  }
}
