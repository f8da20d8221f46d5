/**
 * Who read what, by pseudonym: what distinct readers of a longer time are counted from, since their
 * numbers cannot be added up. Kept no longer than the events themselves.
 * @module
 */
import {
  personDimensions,
  type Cut,
  type Figures,
  type ItemFigures,
  type PersonDimension,
  type ReaderFigures,
} from '../core/figures.ts'
import { limits } from '../core/limits.ts'

/** What a person is when they read. */
export type ReaderSide = Pick<Cut, PersonDimension>

/** Persons who read a resource as the same. */
export interface ReaderGroup {
  readonly resourceId: string
  readonly side: ReaderSide
  readonly persons: ReadonlySet<string>
}

/** Persons who used an item, or items of a title: as many as need be known. */
export interface WorkReaders {
  readonly resourceId: string
  readonly work: string
  readonly persons: ReadonlySet<string>
}

/** What figures tell of readers. */
export interface KnownReaders {
  readonly figures: readonly ReaderFigures[]
  /** Undefined where it is not known. */
  ofItem(resourceId: string, item: string): number | undefined
  ofTitle(resourceId: string, title: string): number | undefined
}

/** Of a time in which nobody read. */
export const noReaders: KnownReaders = {
  figures: [],
  ofItem: () => undefined,
  ofTitle: () => undefined,
}

/** What figures have told before, where the persons behind them are not known any more. */
export function readersAsTold(told: Pick<Figures, 'readers' | 'items' | 'titles'>): KnownReaders {
  const items = new Map(told.items.map((each) => [keyOf(each.resourceId, each.item), each.readers]))
  const titles = new Map(
    told.titles.map((each) => [keyOf(each.resourceId, each.title), each.readers]),
  )
  return {
    figures: told.readers,
    ofItem: (resourceId, item) => items.get(keyOf(resourceId, item)),
    ofTitle: (resourceId, title) => titles.get(keyOf(resourceId, title)),
  }
}

/** Persons by resource and by what they are, and those of each work. */
export class Readers {
  readonly #groups = new Map<
    string,
    { resourceId: string; side: ReaderSide; persons: Set<string> }
  >()
  readonly #items = new Works()
  readonly #titles = new Works()

  add(resourceId: string, side: ReaderSide, person: string): void {
    const { category, unit, site } = side
    const key = JSON.stringify([resourceId, category, unit, site])
    const group = this.#groups.get(key)
    if (group !== undefined) group.persons.add(person)
    else
      this.#groups.set(key, {
        resourceId,
        side: { category, unit, site },
        persons: new Set([person]),
      })
  }

  addItem(resourceId: string, item: string, person: string): void {
    this.#items.add(resourceId, item, person)
  }

  addTitle(resourceId: string, title: string, person: string): void {
    this.#titles.add(resourceId, title, person)
  }

  addAll(others: Readers): void {
    for (const { resourceId, side, persons } of others.groups()) {
      for (const person of persons) this.add(resourceId, side, person)
    }
    for (const { resourceId, work, persons } of others.items()) {
      for (const person of persons) this.addItem(resourceId, work, person)
    }
    for (const { resourceId, work, persons } of others.titles()) {
      for (const person of persons) this.addTitle(resourceId, work, person)
    }
  }

  groups(): Iterable<ReaderGroup> {
    return this.#groups.values()
  }

  items(): Iterable<WorkReaders> {
    return this.#items.all()
  }

  titles(): Iterable<WorkReaders> {
    return this.#titles.all()
  }

  /** Leaves out the works that figures leave out. */
  keepItems(items: readonly Pick<ItemFigures, 'resourceId' | 'item' | 'title'>[]): void {
    this.#items.keep(new Set(items.map(({ resourceId, item }) => keyOf(resourceId, item))))
    const titles = items.map(({ resourceId, title = '' }) => keyOf(resourceId, title))
    this.#titles.keep(new Set(titles))
  }

  /** What figures tell of them. */
  told(): KnownReaders {
    return {
      figures: this.#figures(),
      ofItem: (resourceId, item) => this.#items.count(resourceId, item),
      ofTitle: (resourceId, title) => this.#titles.count(resourceId, title),
    }
  }

  /** Distinct readers of each resource and of all, all and by what they are. */
  #figures(): ReaderFigures[] {
    const found = new Map<string, Omit<ReaderFigures, 'readers'> & { persons: Set<string> }>()
    const add = (key: Omit<ReaderFigures, 'readers'>, persons: ReadonlySet<string>) => {
      const name = JSON.stringify([key.resourceId, key.by, key.key])
      let row = found.get(name)
      if (row === undefined) found.set(name, (row = { ...key, persons: new Set() }))
      for (const person of persons) row.persons.add(person)
    }
    for (const { resourceId: id, side, persons } of this.groups()) {
      for (const resourceId of [id, '']) {
        add({ resourceId, by: '', key: '' }, persons)
        for (const by of personDimensions) add({ resourceId, by, key: side[by] }, persons)
      }
    }
    return [...found]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { persons, ...row }]) => ({ ...row, readers: persons.size }))
  }
}

/** Persons by work, so many of each that it is known whether they are few. */
class Works {
  readonly #works = new Map<string, { resourceId: string; work: string; persons: Set<string> }>()

  add(resourceId: string, work: string, person: string): void {
    const key = keyOf(resourceId, work)
    const found = this.#works.get(key)
    if (found === undefined) {
      this.#works.set(key, { resourceId, work, persons: new Set([person]) })
    } else if (found.persons.size < limits.reports.leastPersons) found.persons.add(person)
  }

  all(): Iterable<WorkReaders> {
    return this.#works.values()
  }

  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#works.keys()) if (!keys.has(key)) this.#works.delete(key)
  }

  count(resourceId: string, work: string): number {
    return this.#works.get(keyOf(resourceId, work))?.persons.size ?? 0
  }
}

/** No id of a resource has a line end. */
function keyOf(resourceId: string, work: string): string {
  return `${resourceId}\n${work}`
}
