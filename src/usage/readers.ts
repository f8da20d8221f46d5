/**
 * Who read what, by pseudonym: what distinct readers of a longer time are counted from, since their
 * numbers cannot be added up. Kept no longer than the events themselves.
 * @module
 */
import type { ReaderFigures } from '../core/figures.ts'
import { categories, type Category } from '../core/types.ts'

/** Persons by resource and category. */
export class Readers {
  readonly #byResource = new Map<string, Map<Category | '', Set<string>>>()

  add(resourceId: string, category: Category | '', person: string): void {
    let byCategory = this.#byResource.get(resourceId)
    if (byCategory === undefined) this.#byResource.set(resourceId, (byCategory = new Map()))
    const persons = byCategory.get(category)
    if (persons === undefined) byCategory.set(category, new Set([person]))
    else persons.add(person)
  }

  addAll(others: Readers): void {
    for (const { resourceId, category, persons } of others.groups()) {
      for (const person of persons) this.add(resourceId, category, person)
    }
  }

  *groups(): Generator<{ resourceId: string; category: Category | ''; persons: Set<string> }> {
    for (const [resourceId, byCategory] of this.#byResource) {
      for (const [category, persons] of byCategory) yield { resourceId, category, persons }
    }
  }

  /** Distinct readers of each resource and of all, of each category and of all. */
  figures(): ReaderFigures[] {
    const all = new Readers()
    for (const { resourceId, category, persons } of this.groups()) {
      for (const person of persons) {
        for (const resource of [resourceId, '']) {
          all.add(resource, category, person)
        }
      }
    }
    return [...all.#byResource].flatMap(([resourceId, byCategory]) => {
      const everybody = new Set([...byCategory.values()].flatMap((persons) => [...persons]))
      const known = (['', ...categories] as const).filter((category) => byCategory.has(category))
      return [
        { resourceId, category: '' as const, readers: everybody.size },
        // Readers without a category are in the sum alone: '' stands for all.
        ...known
          .filter((category) => category !== '')
          .map((category) => ({
            resourceId,
            category,
            readers: byCategory.get(category)?.size ?? 0,
          })),
      ]
    })
  }
}
