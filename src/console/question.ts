/**
 * The form of "Why may they not?": what a query string asks, bounded, and how the form shows it again.
 * @module
 */
import type { ProviderConfig } from '../config/config.ts'
import type { Language } from '../core/languages.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import { categories, issuerText, type Patron } from '../core/types.ts'
import type { Words } from '../locales/words.ts'
import { capitalised } from '../pages/formats.ts'
import type { ExplainQuestion } from '../policy/explain.ts'
import type { QuestionModel } from './models.ts'

/** What was typed. */
export interface Asked extends Omit<ExplainQuestion, 'account' | 'reader' | 'unit'> {
  readonly unit: string
  /** Id of a provider, and of the reader there. */
  readonly provider: string
  readonly subject: string
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
    provider: read('provider'),
    subject: read('subject'),
    at: read('at'),
    isAsked: query.has('target'),
  }
}

/** The question as a query string, in the order of the form and without what is empty. */
export function queryOf(asked: Asked): string {
  const pairs = [
    ['target', asked.target],
    ['address', asked.address],
    ...asked.categories.map((name) => ['category', name]),
    ...asked.groups.map((name) => ['group', name]),
    ['unit', asked.unit],
    ['provider', asked.subject === '' ? '' : asked.provider],
    ['subject', asked.subject],
    ['at', asked.at],
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

type Provider = Pick<ProviderConfig, 'id' | 'issuer' | 'name'>

/** The account that was named, without a provider at the first one; undefined at an unknown one. */
export function accountIn(
  { provider, subject }: Asked,
  providers: readonly Provider[],
): Pick<Patron, 'issuer' | 'subject'> | undefined {
  const found = provider === '' ? providers[0] : providers.find(({ id }) => id === provider)
  if (subject === '' || found === undefined) return undefined
  return { issuer: issuerText(found.issuer), subject }
}

/** The providers to choose from. */
export function providerChoices(
  providers: readonly Provider[],
  chosen: string,
  { language, words }: { readonly language: Language; readonly words: Words },
): QuestionModel['providers'] {
  return providers.map(({ id, name }) => ({
    id,
    name: words.textOf(name, language).text,
    isChosen: id === chosen,
  }))
}

/** The form as it was filled in. */
export function questionModel(
  asked: Asked,
  { resources, providers }: { resources: Iterable<Resource>; providers: readonly Provider[] },
  language: Language,
  words: Words,
): QuestionModel {
  const { target, address, groups, unit, subject, at } = asked
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
    providers: providerChoices(providers, asked.provider, { language, words }),
    subject,
    // The browser's own field for it takes no day alone.
    at: /^\d{4}-\d\d-\d\d$/.test(at) ? `${at}T00:00` : at,
    targets: [...resources]
      .slice(0, limits.console.suggestions)
      .map(({ id, title }) => ({ id, title: words.textOf(title, language).text })),
  }
}
