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
import { categories } from '../core/types.ts'
import { Numbered, NumberedPairs, ownOf } from './numbered.ts'
import type { Steps } from './steps.ts'

/** A category, or '' for none or all. */
export const categoryWords = [...categories, ''] as const

/** What a person is when they read. */
export type ReaderSide = Pick<Cut, PersonDimension>

/** Persons who read a resource as the same, all by their numbers. */
export interface ReaderGroup {
  readonly resource: number
  readonly category: ReaderSide['category']
  readonly unit: number
  readonly site: number
  readonly persons: Persons
}

/** Persons who used an item, or items of a title: as many as need be known. */
export interface WorkReaders {
  readonly resource: number
  readonly work: number
  readonly persons: readonly number[]
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
  /** Of resources, faculties, campuses and works. */
  readonly words = new Numbered()
  readonly persons = new Numbered()
  readonly items = new Works()
  readonly titles = new Works()
  /** Category and faculty, and that with a campus. */
  readonly #units = new NumberedPairs()
  readonly #sides = new NumberedPairs()
  readonly #groups = new Map<number, Map<number, Persons>>()

  add(resourceId: string, { category, unit, site }: ReaderSide, person: string): void {
    const { words } = this
    const side = this.sideOf(category, words.numberOf(unit), words.numberOf(site))
    this.groupOf(words.numberOf(resourceId), side).add(this.persons.numberOf(person))
  }

  addItem(resourceId: string, item: string, person: string): void {
    this.#addWork(this.items, resourceId, item, person)
  }

  addTitle(resourceId: string, title: string, person: string): void {
    this.#addWork(this.titles, resourceId, title, person)
  }

  #addWork(works: Works, resourceId: string, work: string, person: string): void {
    const { words, persons } = this
    const found = works.personsOf(words.numberOf(resourceId), words.numberOf(work))
    addFew(found, persons.numberOf(person))
  }

  /** The number of a side. */
  sideOf(category: ReaderSide['category'], unit: number, site: number): number {
    return this.#sides.numberOf(this.#units.numberOf(categoryWords.indexOf(category), unit), site)
  }

  /** Takes the persons of a side who read a resource. */
  groupOf(resource: number, side: number): Persons {
    const groups = ownOf(this.#groups, resource, () => new Map<number, Persons>())
    return ownOf(groups, side, () => new Persons())
  }

  *groups(): Generator<ReaderGroup> {
    for (const [resource, groups] of this.#groups) {
      for (const [side, persons] of groups) {
        const [unitSide = 0, site = 0] = this.#sides.pairs[side] ?? []
        const [index = 0, unit = 0] = this.#units.pairs[unitSide] ?? []
        yield { resource, category: categoryWords[index] ?? '', unit, site, persons }
      }
    }
  }

  /** Leaves out the works that figures leave out. */
  keepItems(items: readonly Pick<ItemFigures, 'resourceId' | 'item' | 'title'>[]): void {
    const { words } = this
    const [kept, keptTitles] = [new Works(), new Works()]
    for (const { resourceId, item, title = '' } of items) {
      const resource = words.numberOf(resourceId)
      kept.take(this.items, resource, words.numberOf(item))
      keptTitles.take(this.titles, resource, words.numberOf(title))
    }
    this.items.become(kept)
    this.titles.become(keptTitles)
  }

  /** What figures tell of them. */
  *told(): Steps<KnownReaders> {
    const figures = yield* this.#figures()
    return {
      figures,
      ofItem: (resourceId, item) => this.#countOf(this.items, resourceId, item),
      ofTitle: (resourceId, title) => this.#countOf(this.titles, resourceId, title),
    }
  }

  #countOf(works: Works, resourceId: string, work: string): number {
    const [resource, number] = [resourceId, work].map((each) => this.words.knownNumberOf(each))
    if (resource === undefined || number === undefined) return 0
    return works.countOf(resource, number)
  }

  /** Distinct readers of each resource and of all, all and by what they are. */
  *#figures(): Steps<ReaderFigures[]> {
    const rows = new Map<string, Omit<ReaderFigures, 'readers'> & { groups: ReaderGroup[] }>()
    /** By resource, dimension and number of the key. */
    const rowOf = (resourceId: string, by: ReaderFigures['by'], key: string) => {
      const name = JSON.stringify([resourceId, by, key])
      return ownOf(rows, name, () => ({ resourceId, by, key, groups: [] }))
    }
    const { texts } = this.words
    let taken = 0
    for (const group of this.groups()) {
      const side = { ...group, unit: texts[group.unit] ?? '', site: texts[group.site] ?? '' }
      for (const resourceId of [texts[group.resource] ?? '', '']) {
        rowOf(resourceId, '', '').groups.push(group)
        for (const by of personDimensions) rowOf(resourceId, by, side[by]).groups.push(group)
      }
      if (++taken % limits.usage.rowsAtOnce === 0) yield
    }
    const distinct = new Distinct(this.persons.texts.length)
    const found: ReaderFigures[] = []
    for (const [, { groups, ...row }] of [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      found.push({ ...row, readers: yield* distinct.countOf(groups) })
    }
    return found
  }
}

/** Persons that grow; a set of each of fifty thousand groups costs ten times as much. */
class Persons {
  #list: number[] = []
  #tidiedAt = 0

  /** All of them, some perhaps more than once. */
  get list(): readonly number[] {
    return this.#list
  }

  add(person: number): void {
    const list = this.#list
    if (list.at(-1) === person) return
    list.push(person)
    if (list.length >= limits.usage.cellsAtOnce && list.length >= 2 * this.#tidiedAt)
      this.distinct()
  }

  /** Each of them once. */
  distinct(): readonly number[] {
    this.#list = [...new Set(this.#list)]
    this.#tidiedAt = this.#list.length
    return this.#list
  }
}

/** Counts who is in any of some groups, without making a set of them. */
class Distinct {
  /** By person, the counting that met them last. */
  readonly #metIn: Uint32Array
  #counting = 0

  constructor(persons: number) {
    this.#metIn = new Uint32Array(persons)
  }

  *countOf(groups: readonly ReaderGroup[]): Steps<number> {
    const metIn = this.#metIn
    const counting = ++this.#counting
    let count = 0
    let looked = 0
    for (const { persons } of groups) {
      for (const person of persons.list) {
        if (metIn[person] === counting) continue
        metIn[person] = counting
        count += 1
      }
      if (++looked % limits.usage.rowsAtOnce === 0) yield
    }
    yield
    return count
  }
}

/** Persons by work, so many of each that it is known whether they are few. */
class Works {
  #works = new Map<number, Map<number, number[]>>()

  /** Those of a work, for `addFew`. */
  personsOf(resource: number, work: number): number[] {
    const works = ownOf(this.#works, resource, () => new Map<number, number[]>())
    return ownOf(works, work, () => [])
  }

  *all(): Generator<WorkReaders> {
    for (const [resource, works] of this.#works) {
      for (const [work, persons] of works) yield { resource, work, persons }
    }
  }

  countOf(resource: number, work: number): number {
    return this.#works.get(resource)?.get(work)?.length ?? 0
  }

  /** Takes a work over, if the others have it. */
  take(others: Works, resource: number, work: number): void {
    const persons = others.#works.get(resource)?.get(work)
    if (persons === undefined) return
    ownOf(this.#works, resource, () => new Map<number, number[]>()).set(work, persons)
  }

  become(others: Works): void {
    this.#works = others.#works
  }
}

/** Adds a person to those of a work unless they are enough already. */
export function addFew(persons: number[], person: number): void {
  if (persons.length < limits.reports.leastPersons && !persons.includes(person))
    persons.push(person)
}

/** No id of a resource has a line end. */
function keyOf(resourceId: string, work: string): string {
  return `${resourceId}\n${work}`
}
