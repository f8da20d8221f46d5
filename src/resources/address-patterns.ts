/**
 * Patterns of addresses in `usage:` of a rule: what they fit, and the parts that they name.
 *
 * In the pattern of a path or of a parameter's value `*` and `**` mean what they mean elsewhere in a
 * rule, and `{doi}`, `{item}`, `{isbn}`, `{issn}` and `{title}` name a part. A pattern of RE2 is looked
 * for in path and query together; its groups are named likewise. Neither ever backtracks.
 * @module
 */
import { RE2JS, RE2JSException } from 're2js'

import { limits } from '../core/limits.ts'
import { foundNames, type FoundParts, type UsePattern } from '../core/use.ts'

/** What a pattern may say of an address. */
export interface WrittenPattern {
  readonly path?: string | undefined
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly pattern?: string | undefined
}

/** Finds the named parts of an address; undefined when it does not fit. */
type Finder = (path: string, query: string) => FoundParts | undefined

/** A compiled pattern, or what is wrong with it and at which key. */
export type PatternAnswer =
  | { readonly find: Finder }
  | { readonly trouble: { readonly path: readonly string[]; readonly message: string } }

/** What a star stands for, and the id of an item: less than a segment of a path; a value with something in it. */
const inSegment = { star: '[^/]*', some: '[^/]+' }
const inValue = { star: '.+', some: '.+' }

/** What a named part is; that of a DOI goes over slashes. */
const partSources: Readonly<Record<string, string>> = {
  doi: String.raw`10\.[0-9]{4,9}(?:\.[0-9]+)*(?:/|%2[Ff]).+?`,
  isbn: '[0-9][0-9Xx-]{8,16}',
  issn: '[0-9]{4}-?[0-9]{3}[0-9Xx]',
}

function sourceOfPart(name: string, some: string): string | undefined {
  if (Object.hasOwn(partSources, name)) return partSources[name]
  return name === 'item' || name === 'title' ? some : undefined
}

const names = foundNames.map((name) => `{${name}}`).join(', ')

/** Whether a text can be the pattern of a path with named parts. */
export function isNamingPath(text: string): boolean {
  return /^\/[^\s?#\\]*$/.test(text) && isTemplate(text)
}

/** Whether a text can be the pattern of a parameter's value. */
export function isTemplate(text: string): boolean {
  return text !== '' && text.length <= 500 && !text.includes('***')
}

/** Compiles what an entry says of addresses. */
export function compileAddressPattern(written: WrittenPattern): PatternAnswer {
  const { path, query = {}, pattern } = written
  if ((path === undefined) === (pattern === undefined)) {
    return trouble([], `found ${path === undefined ? 'neither' : 'both'}, expected path or pattern`)
  }
  if (pattern !== undefined) {
    return Object.keys(query).length === 0
      ? compileExpression(pattern)
      : trouble(['query'], 'found beside a pattern, which is held against the query as well')
  }
  return compileTemplates(path ?? '', query)
}

function trouble(path: readonly string[], message: string): PatternAnswer {
  return { trouble: { path, message } }
}

function compileExpression(pattern: string): PatternAnswer {
  const answer = compileSource(pattern)
  if ('message' in answer) return trouble(['pattern'], answer.message)
  if (answer.compiled.test('')) {
    return trouble(['pattern'], 'fits every address, expected one that tells some')
  }
  const stranger = answer.names.find((name) => !foundNames.some((known) => known === name))
  if (stranger !== undefined) {
    return trouble(['pattern'], `names a part "${stranger}", expected ${foundNames.join(', ')}`)
  }
  return {
    find: (path, query) => partsIn(answer, query === '' ? path : `${path}?${query}`, 'anywhere'),
  }
}

function compileTemplates(path: string, query: Readonly<Record<string, string>>): PatternAnswer {
  const compiled: { name?: string; source: Source }[] = []
  const seen = new Set<string>()
  for (const [name, template] of [['', path] as const, ...Object.entries(query)]) {
    const isPath = name === ''
    const answer = compileTemplate(template, isPath ? inSegment : inValue, seen)
    if ('message' in answer) return trouble(isPath ? ['path'] : ['query', name], answer.message)
    compiled.push({ ...(!isPath && { name }), source: answer })
  }
  const opening = /^[^*{]*/.exec(path)?.[0] ?? ''
  return {
    find(askedPath, askedQuery) {
      // Most addresses end here: to look at the beginning costs next to nothing.
      if (!askedPath.startsWith(opening)) return undefined
      const parameters = compiled.length > 1 ? new URLSearchParams(askedQuery) : undefined
      const parts: FoundParts[] = []
      for (const { name, source } of compiled) {
        const text = name === undefined ? askedPath : (parameters?.get(name) ?? undefined)
        const found = text === undefined ? undefined : partsIn(source, text, 'whole')
        if (found === undefined) return undefined
        parts.push(found)
      }
      return Object.assign({}, ...parts)
    },
  }
}

function compileTemplate(
  template: string,
  { star, some }: typeof inSegment,
  seen: Set<string>,
): Source | { readonly message: string } {
  let source = ''
  for (const piece of template.split(/(\*+|\{[^{}]*\})/)) {
    const name = /^\{(.*)\}$/.exec(piece)?.[1]
    const part = name === undefined ? undefined : sourceOfPart(name, some)
    if (name !== undefined && part === undefined) {
      return { message: `found "${piece}", expected ${names}` }
    }
    if (name !== undefined && seen.has(name)) return { message: `names "${piece}" twice` }
    if (name !== undefined) seen.add(name)
    if (part !== undefined) source += `(?P<${name}>${part})`
    else if (piece === '**') source += '(?s:.*)'
    else source += piece === '*' ? star : RE2JS.quote(piece)
  }
  return compileSource(source)
}

interface Source {
  readonly compiled: RE2JS
  readonly names: readonly string[]
}

function compileSource(source: string): Source | { readonly message: string } {
  try {
    const compiled = RE2JS.compile(source)
    const { patternSteps } = limits.resources
    if (compiled.programSize() > patternSteps) {
      return { message: `is compiled to more than ${patternSteps} steps, expected a shorter one` }
    }
    return { compiled, names: Object.keys(compiled.namedGroups()) }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const reason = error.message.replace(/^error parsing regexp: /, '')
    return { message: `is no RE2 pattern (${reason})` }
  }
}

function partsIn(
  { compiled, names: groups }: Source,
  text: string,
  where: 'anywhere' | 'whole',
): FoundParts | undefined {
  const isFit = where === 'whole' ? compiled.testExact(text) : compiled.test(text)
  if (!isFit) return undefined
  if (groups.length === 0) return {}
  const matcher = compiled.matcher(text)
  if (where === 'whole') matcher.matches()
  else matcher.find()
  return Object.fromEntries(
    groups.flatMap((name) => {
      const part = matcher.group(name)
      return part === null || part === undefined ? [] : [[name, part]]
    }),
  )
}

/** The pattern as one line, for messages and for telling one rule set from another. */
export function writtenText({ path, query = {}, pattern }: WrittenPattern): UsePattern['written'] {
  const parameters = Object.entries(query).map(([name, value]) => `${name}=${value}`)
  const place = pattern ?? path ?? ''
  return parameters.length === 0 ? place : `${place}?${parameters.join('&')}`
}
