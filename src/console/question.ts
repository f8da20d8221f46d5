/**
 * The form of "Why may they not?": what a query string asks, bounded, and how the form shows it again.
 * @module
 */
import { limits } from '../core/limits.ts'
import type { Language, Resource } from '../core/resource.ts'
import { categories } from '../core/types.ts'
import type { Words } from '../locales/words.ts'
import { capitalised } from '../pages/formats.ts'
import type { ExplainQuestion } from '../policy/explain.ts'
import type { QuestionModel } from './models.ts'

/** What was typed. */
export interface Asked extends Omit<ExplainQuestion, 'unit'> {
  readonly unit: string
  /** False for the bare form, which asks nothing yet. */
  readonly isAsked: boolean
}

/** Reads a query string; an address that is not given is the visitor's own. */
export function askedIn(queryString: string, ownAddress: string): Asked {
  const query = new URLSearchParams(queryString)
  const { fieldChars, values } = limits.console
  const read = (name: string): string => (query.get(name) ?? '').trim().slice(0, fieldChars)
  const lines = query.getAll('group').flatMap((text) => text.slice(0, fieldChars).split('\n'))
  return {
    target: read('target'),
    address: query.has('address') ? read('address') : ownAddress,
    categories: query
      .getAll('category')
      .slice(0, values)
      .map((name) => name.slice(0, fieldChars)),
    groups: lines
      .map((line) => line.trim())
      .filter(Boolean)
      .slice(0, values),
    unit: read('unit'),
    at: read('at'),
    isAsked: query.has('target'),
  }
}

/** The question as a query string, in the order of the form and without what is empty. */
export function queryOf({ target, address, categories: chosen, groups, unit, at }: Asked): string {
  const pairs = [
    ['target', target],
    ['address', address],
    ...chosen.map((name) => ['category', name]),
    ...groups.map((name) => ['group', name]),
    ['unit', unit],
    ['at', at],
  ]
  return new URLSearchParams(pairs.filter(([, value]) => value !== '')).toString()
}

/** The database that was asked about by its title, by its id; anything else as it was typed. */
export function targetId(target: string, resources: Iterable<Resource>): string {
  const sought = target.toLowerCase()
  for (const { id, title } of resources) {
    const isTitle = Object.values(title).some((text) => text.toLowerCase() === sought)
    if (isTitle || id === sought) return id
  }
  return target
}

/** The form as it was filled in. */
export function questionModel(
  asked: Asked,
  resources: Iterable<Resource>,
  language: Language,
  words: Words,
): QuestionModel {
  const { target, address, groups, unit, at } = asked
  return {
    target,
    address,
    categories: categories.map((name) => ({
      name,
      label: capitalised(words.say(language, `category.${name}`), language),
      isChosen: asked.categories.includes(name),
    })),
    groups: groups.join('\n'),
    unit,
    // The browser's own field for it takes no day alone.
    at: /^\d{4}-\d\d-\d\d$/.test(at) ? `${at}T00:00` : at,
    targets: [...resources]
      .slice(0, limits.console.suggestions)
      .map(({ id, title }) => ({ id, title: words.textOf(title, language).text })),
  }
}
