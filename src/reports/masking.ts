/**
 * Which groups of persons are told of in a month: decided once, for the library and for each of its
 * resources together, and used by every report. Whatever is told of a longer time is a sum of months.
 *
 * The library's groups and a resource's total are told as they are, so that they bound what is not told
 * of groups of a resource. A group of few persons is hidden there, and with it
 *
 * - another one of the resource, or what is left of its total would be theirs;
 * - the same group, where it is not of few, in another resource, or what is left of the group would be;
 * - whatever it takes for an exchange: of two groups in two resources, all four not told, the first has
 *   not more than the last. Then all that is told would be the same if the few had read the other
 *   resource and as much of the last group this one: the hidden number could as well be 0.
 *
 * Where nothing helps, the library tells the group together with others in that month.
 * @module
 */
import { type Cut, type Metric, type PersonDimension, type ReaderFigures } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import { placeOf } from '../usage/count-rows.ts'
import { smallTogether } from './suppression.ts'

/** Groups that are told as one in a month, or not at all. */
export interface Mask {
  /**
   * Of the library, with '', or of a resource; groups that it does not have may be among them. Where
   * there are any, nobody is to see which others it does not have.
   */
  of(resourceId: string): ReadonlySet<string>
}

/** Numbers of a group: its readers, then those of `toldMetrics`. */
type Numbers = number[]

/** What reports tell of groups; of the library there are fewer sessions than of its resources. */
const toldMetrics = [
  'sessions',
  'openings',
  'Total_Item_Requests',
  'Total_Item_Investigations',
  'Searches_Regular',
] as const satisfies readonly Metric[]
const places = toldMetrics.map(placeOf)
/** Readers and sessions of the library are not the sum of those of its resources. */
const notAdded = 2
const [readersPlace, sessionsPlace, openingsPlace] = [0, 1, 2] as const

/** The key of groups that are told as one. No key of figures has a line end. */
export const togetherKey = '\ntogether'

const least = limits.reports.leastPersons

/** Groups of the library or of one resource. */
class Row {
  readonly cells = new Map<string, Numbers>()
  readonly hidden = new Set<string>()
  everybody = 0

  add(key: string, more: readonly number[]): void {
    const numbers = this.cells.get(key)
    if (numbers === undefined) return void this.cells.set(key, more.slice())
    for (let place = 0; place < more.length; place++) {
      numbers[place] = (numbers[place] ?? 0) + (more[place] ?? 0)
    }
  }

  /** Of a part of the whole, whose readers and sessions are not added up. */
  addAll(part: Row): void {
    for (const [key, numbers] of part.cells) {
      this.add(
        key,
        numbers.map((number, place) => (place < notAdded ? 0 : number)),
      )
    }
  }

  /** By key. */
  sort(): void {
    const keys = [...this.cells.keys()].toSorted()
    for (const key of keys) {
      const numbers = this.cells.get(key)
      this.cells.delete(key)
      if (numbers !== undefined) this.cells.set(key, numbers)
    }
  }

  number(key: string, place: number): number {
    return this.cells.get(key)?.[place] ?? 0
  }

  /**
   * At least so many persons are in these groups: who is in no other, or in one of them; of groups of
   * nobody in particular their sessions, or their openings.
   */
  sizeOf(keys: ReadonlySet<string>): number {
    const readers = [...keys].map((key) => this.number(key, readersPlace))
    let elsewhere = 0
    for (const key of this.cells.keys()) {
      if (!keys.has(key)) elsewhere += this.number(key, readersPlace)
    }
    const strangers = [...keys]
      .filter((key) => this.number(key, readersPlace) === 0)
      .reduce((sum, key) => sum + this.#visitsOf(key), 0)
    return Math.max(this.everybody - elsewhere, ...readers, 0) + strangers
  }

  #visitsOf(key: string): number {
    return this.number(key, sessionsPlace) || this.number(key, openingsPlace) || 1
  }

  /** Of one group, which has figures: 1 where its persons are not known. */
  size(key: string): number {
    return this.number(key, readersPlace) || this.#visitsOf(key)
  }

  isSmall(key: string): boolean {
    return this.cells.has(key) && this.size(key) < least
  }

  together(): ReadonlySet<string> {
    const groups = [...this.cells.keys()].map((key) => ({ key, size: this.size(key) }))
    return smallTogether(groups, (keys) => this.sizeOf(keys), least)
  }

  /** Not told, nor known not to be there: beside one that is hidden others without readers are as well. */
  isOpenTo(key: string): boolean {
    return this.hidden.size > 0 && (this.hidden.has(key) || !this.cells.has(key))
  }
}

/** Counts of groups in resources, and in the whole library, of a month. */
export class GroupCounts {
  readonly #rows = new Map<string, Record<PersonDimension, Row>>()
  /** Rows of a resource come one after another. */
  #last: { readonly id: string; readonly rows: Record<PersonDimension, Row> } | undefined

  /** With the resource '' those of the whole library; counts are in the order of metrics. */
  add(resourceId: string, side: Pick<Cut, PersonDimension>, counts: readonly number[]): void {
    const numbers = numbersOf(counts)
    if (numbers === undefined) return
    const { category, unit, site } = this.#rowsOf(resourceId)
    category.add(side.category, numbers)
    unit.add(side.unit, numbers)
    site.add(side.site, numbers)
  }

  /** Decides for the month; readers are those of its figures. To be asked once for a dimension. */
  mask(by: PersonDimension, readers: readonly ReaderFigures[]): Mask {
    for (const each of readers) {
      const row = this.#rowsOf(each.resourceId)[by]
      if (each.by === '') row.everybody = each.readers
      else if (each.by === by && each.readers > 0) row.add(each.key, [each.readers])
    }
    const { library, resources } = this.#inOrder(by)
    for (const row of resources.values()) library.addAll(row)
    library.sort()
    // Counted by a version that did not know who is in a group.
    const isKnown = library.everybody === 0 || readers.some((each) => each.by === by)
    return maskOf(library, resources, isKnown ? library.together() : new Set(library.cells.keys()))
  }

  /** What is equal is decided by order: reports that read figures in different ones decide alike. */
  #inOrder(by: PersonDimension): { library: Row; resources: ReadonlyMap<string, Row> } {
    const library = this.#rowsOf('')[by]
    const ids = [...this.#rows.keys()].filter((id) => id !== '').toSorted()
    const resources = new Map(ids.map((id) => [id, this.#rowsOf(id)[by]]))
    for (const row of resources.values()) row.sort()
    return { library, resources }
  }

  #rowsOf(id: string): Record<PersonDimension, Row> {
    if (this.#last?.id === id) return this.#last.rows
    const rows = this.#rows.get(id) ?? { category: new Row(), unit: new Row(), site: new Row() }
    this.#rows.set(id, rows)
    this.#last = { id, rows }
    return rows
  }
}

/** Undefined where nothing is counted that is told of groups. */
function numbersOf(counts: readonly number[]): Numbers | undefined {
  const numbers = [0]
  let sum = 0
  for (const place of places) {
    const count = counts[place] ?? 0
    sum += count
    numbers.push(count)
  }
  return sum === 0 ? undefined : numbers
}

function maskOf(
  library: Row,
  resources: ReadonlyMap<string, Row>,
  together: ReadonlySet<string>,
): Mask {
  const told = blocked(library, together)
  const grid = new Map([...resources].map(([id, row]) => [id, blocked(row, together)]))
  const list = [...grid.values()].toSorted((one, other) => one.everybody - other.everybody)
  const open = hideIn({ told, list })
  const more = open === undefined ? [] : moreTogether(open, told, together)
  if (more.length > 0) return maskOf(library, resources, together.union(new Set(more)))
  const keysOf = (key: string) => (key === togetherKey ? [...together] : [key])
  const hidden = new Map(
    [...grid].map(([id, row]) => [id, new Set([...row.hidden].flatMap(keysOf))]),
  )
  return {
    of: (resourceId) => (resourceId === '' ? together : (hidden.get(resourceId) ?? new Set())),
  }
}

/** Hides what it takes; a group that nothing protects as long as the library tells it is the answer. */
function hideIn({ told, list }: Grid): string | undefined {
  for (const row of list) hideSmallOf(row)
  for (const key of told.cells.keys()) hideElsewhere(key, list)
  for (const row of list) {
    for (const key of row.cells.keys()) {
      const isFew = row.isSmall(key) && row.hidden.has(key)
      if (isFew && !isProtected(key, row, { told, list })) return key
    }
  }
  return undefined
}

/** What the library is to tell as one as well: the group with the smallest of the others. */
function moreTogether(key: string, told: Row, together: ReadonlySet<string>): string[] {
  const others = [...told.cells.keys()].filter((each) => each !== key && each !== togetherKey)
  const [smallest] = others.toSorted((one, other) => told.size(one) - told.size(other))
  const isAlone = key === togetherKey || together.size === 0
  return [
    ...(key === togetherKey ? [] : [key]),
    ...(isAlone && smallest !== undefined ? [smallest] : []),
  ]
}

/** With the groups that the library tells as one as one. */
function blocked(row: Row, together: ReadonlySet<string>): Row {
  const found = new Row()
  found.everybody = row.everybody
  const inside = new Set([...row.cells.keys()].filter((key) => together.has(key)))
  for (const [key, numbers] of row.cells) found.add(inside.has(key) ? togetherKey : key, numbers)
  const numbers = found.cells.get(togetherKey)
  if (numbers !== undefined) numbers[readersPlace] = row.sizeOf(inside)
  return found
}

function hideSmallOf(row: Row): void {
  for (const key of row.together()) row.hidden.add(key)
  if (row.cells.has(togetherKey)) row.hidden.add(togetherKey)
}

/** Where a group is hidden in some resources and told in others, it is hidden in one where it is large. */
function hideElsewhere(key: string, list: readonly Row[]): void {
  const having = list.filter((row) => row.cells.has(key))
  const hiding = having.filter((row) => row.hidden.has(key))
  if (hiding.length === 0 || hiding.some((row) => !row.isSmall(key))) return
  const next = having.find((row) => !row.hidden.has(key))
  if (next === undefined) return
  next.hidden.add(key)
  const others = [...next.cells.keys()].filter((other) => !next.hidden.has(other))
  const [smallest] = others.toSorted((one, other) => next.size(one) - next.size(other))
  if (next.hidden.size > 1) return
  if (smallest !== undefined) next.hidden.add(smallest)
}

interface Grid {
  /** The library's own numbers. */
  readonly told: Row
  /** Of resources, those with fewest readers first. */
  readonly list: readonly Row[]
}

/** Whether a hidden number could be 0; closes what it takes, as little as possible. */
function isProtected(key: string, row: Row, { told, list }: Grid): boolean {
  const groups = [...told.cells.keys()].filter((group) => group !== key)
  const here = groups.filter((group) => row.isOpenTo(group))
  const canSwap = (other: Row, group: string) => isExchange({ key, row, group, other }, told)
  // The largest have most to give for it.
  const open = list.findLast(
    (other) =>
      other !== row &&
      other.isOpenTo(key) &&
      here.some((group) => other.isOpenTo(group) && canSwap(other, group)),
  )
  if (open !== undefined) return true
  const others = list.filter((other) => other !== row)
  const near = others.find((other) => here.some((group) => canSwap(other, group)))
  if (near !== undefined) {
    close(near)
    return true
  }
  const any = others.find((other) => groups.some((group) => canSwap(other, group)))
  if (any === undefined) return false
  close(row)
  close(any)
  return true
}

function close(row: Row): void {
  for (const key of row.cells.keys()) row.hidden.add(key)
}

interface Exchange {
  readonly key: string
  readonly row: Row
  readonly group: string
  readonly other: Row
}

/** The few of `key` read the other resource, and as much of `group` theirs: can that be? */
function isExchange({ key, row, group, other }: Exchange, told: Row): boolean {
  const few = row.cells.get(key)
  const many = other.cells.get(group)
  if (few === undefined || many === undefined) return false
  for (let place = 0; place < few.length; place++) {
    const number = few[place] ?? 0
    if ((many[place] ?? 0) < number) return false
    // Nobody reads one resource without reading the library.
    const isWithin =
      place >= notAdded ||
      (other.number(key, place) + number <= told.number(key, place) &&
        row.number(group, place) + number <= told.number(group, place))
    if (!isWithin) return false
  }
  return true
}
