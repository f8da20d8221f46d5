/**
 * The list of databases: which ones a search and a subject find, in which order, under which letter.
 * @module
 */
import { languages } from '../core/languages.ts'
import { limits } from '../core/limits.ts'
import type { Language } from '../core/languages.ts'
import type { Resource } from '../core/resource.ts'
import type { Words } from '../locales/words.ts'
import { compareTitles, folded, letterOf, letterRows } from './alphabet.ts'
import type { EntryModel, LetterGroup, LetterLink } from './models.ts'

/** What the reader asked for, bounded. */
export interface CatalogueQuery {
  readonly search: string
  readonly subject: string
}

/** Reads `q` and `subject` of a query string. */
export function catalogueQuery(queryString: string): CatalogueQuery {
  const query = new URLSearchParams(queryString)
  const read = (name: string): string =>
    (query.get(name) ?? '').trim().slice(0, limits.portal.searchChars)
  return { search: read('q'), subject: read('subject') }
}

/** The resources that hold every word of the search and have the subject, sorted by title. */
export function findResources(
  resources: Iterable<Resource>,
  { search, subject }: CatalogueQuery,
  language: Language,
  words: Words,
): Resource[] {
  const sought = folded(search).split(/\s+/).filter(Boolean)
  const titleOf = (resource: Resource): string => words.textOf(resource.title, language).text
  return [...resources]
    .filter((resource) => subject === '' || resource.subjects.includes(subject))
    .filter((resource) => {
      const text = searchText(resource)
      return sought.every((word) => text.includes(word))
    })
    .toSorted((one, other) => compareTitles(titleOf(one), titleOf(other)))
}

/** Every subject that a resource has, sorted as titles are. */
export function subjectsOf(resources: Iterable<Resource>): string[] {
  return [...new Set([...resources].flatMap(({ subjects }) => subjects))].toSorted(compareTitles)
}

/** Sorted entries under their letters. */
export function letterGroups(entries: readonly EntryModel[], digits: string): LetterGroup[] {
  const groups = Map.groupBy(entries, ({ title }) => letterOf(title.text))
  return [...groups].map(([letter, grouped]) => ({
    letter,
    label: letter === '0' ? digits : letter,
    anchor: anchorOf(letter),
    entries: grouped,
  }))
}

/** The letter bar, a row for each script; rows of scripts that no title uses are left out. */
export function letterBar(groups: readonly LetterGroup[]): LetterLink[][] {
  const used = new Map(groups.map((group) => [group.letter, group]))
  const isShown = (letter: string): boolean => used.has(letter) || /\p{L}/u.test(letter)
  return Object.values(letterRows)
    .filter((row) => row.some((letter) => used.has(letter)))
    .map((row) =>
      row.filter(isShown).map((letter) => {
        const group = used.get(letter)
        return group === undefined
          ? { label: letter }
          : { label: group.label, anchor: group.anchor }
      }),
    )
}

/** Readers may know a database by its name in any language. */
function searchText({ id, title, description, provider, subjects }: Resource): string {
  const texts = languages.flatMap((language) => [
    title[language] ?? '',
    description[language] ?? '',
  ])
  return folded([id, provider, ...subjects, ...texts].join('\n'))
}

function anchorOf(letter: string): string {
  return `letter-${letter.codePointAt(0)?.toString(16) ?? ''}`
}
