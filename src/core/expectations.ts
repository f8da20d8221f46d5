/**
 * The words of validation: zod's issues told as what was found and what was expected, with the
 * likely spelling of an unknown key.
 *
 * A schema whose values are secrets gives its own message with `expectedSecretly`, so that what was
 * found is never repeated.
 * @module
 */
import { z } from 'zod'

import type { DocumentPath, OperatorDocument, Problem } from './documents.ts'

/** An issue as zod hands it to an error function. */
type RawIssue = z.core.$ZodRawIssue

/** An error function for a schema: `found "many", expected <phrase>`. */
export function expected(phrase: string): (issue: RawIssue) => string | undefined {
  return (issue) =>
    issue.code === 'unrecognized_keys' ? undefined : `${found(issue.input)}, expected ${phrase}`
}

/** Like `expected`, without repeating what was found. */
export function expectedSecretly(phrase: string): (issue: RawIssue) => string | undefined {
  return (issue) => {
    if (issue.code === 'unrecognized_keys') return undefined
    return `${issue.input === undefined ? 'is missing' : 'found a value that is not repeated here'}, expected ${phrase}`
  }
}

/** A whole number within bounds, both included. */
export function wholeNumber(minimum: number, maximum: number): z.ZodNumber {
  const error = expected(`a whole number from ${minimum} to ${maximum}`)
  return z.int({ error }).min(minimum, { error }).max(maximum, { error })
}

/** Text that is not empty, of at most `maximum` characters. */
export function shortText(maximum: number): z.ZodString {
  const error = expected(`text of 1 to ${maximum} characters`)
  return z.string({ error }).regex(/\S/, { error }).max(maximum, { error })
}

/** Text that a function takes. */
export function textThat(isRight: (text: string) => boolean, phrase: string): z.ZodString {
  const error = expected(phrase)
  return z.string({ error }).refine(isRight, { error })
}

/** The value as the schema reads it, or every problem with it. */
export function readAs<Schema extends z.ZodType>(
  schema: Schema,
  document: OperatorDocument,
): { value: z.output<Schema> } | { problems: readonly Problem[] } {
  const result = schema.safeParse(document.value ?? {}, { error: describeIssue })
  if (result.success) return { value: result.data }
  return { problems: result.error.issues.flatMap((issue) => problemsOf(issue, document)) }
}

/** What a value is, in words: `found "many"`, `is missing`. Long text is cut, credentials go. */
function found(value: unknown): string {
  if (value === undefined) return 'is missing'
  if (value === null) return 'found nothing'
  if (Array.isArray(value)) return 'found a list'
  if (typeof value === 'object') return 'found a map of settings'
  if (typeof value === 'number' || typeof value === 'boolean') return `found ${value}`
  if (typeof value !== 'string') return 'found a value of another kind'
  const text = value.replace(/\/\/[^/@]*@/, '//…@')
  return `found ${JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text)}`
}

/** The candidate that the word was probably meant to be. */
function nearest(word: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .toSorted((left, right) => left.distance - right.distance)
  const [best] = ranked
  // Half of a short word may be wrong (two letters of `prot`), and three letters of a long one.
  const isNear = best !== undefined && best.distance <= Math.min(3, word.length / 2)
  return isNear ? best.candidate : undefined
}

function problemsOf(issue: z.core.$ZodIssue, document: OperatorDocument): Problem[] {
  if (issue.code !== 'unrecognized_keys') return [problem('value', issue.path, issue.message)]
  // The message lists the keys that the schema knows; which of them was meant is told for each.
  const known = issue.message.split(', ')
  return issue.keys.map((key) => {
    const likely = nearest(key, known)
    const hint = likely === undefined ? `expected one of ${issue.message}` : `is "${likely}" meant?`
    return problem('unknown-key', [...issue.path, key], `is not known here, ${hint}`)
  })

  function problem(kind: Problem['kind'], path: DocumentPath, message: string): Problem {
    const line = document.lineOf(path)
    return { kind, path, message, ...(line === undefined ? {} : { line }) }
  }
}

/** Words for the issues of schemas that have none of their own. */
function describeIssue(issue: RawIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return knownKeys(issue.inst).join(', ')
    case 'invalid_type':
      return `${found(issue.input)}, expected ${typeWords[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `${found(issue.input)}, expected ${issue.values.map(String).join(', ')}`.replace(
        /, (?=[^,]*$)/,
        ' or ',
      )
    case 'too_small':
      return `${counted(issue.input)}, expected at least ${String(issue.minimum)}`
    case 'too_big':
      return `${counted(issue.input)}, expected at most ${String(issue.maximum)}`
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'found a key that is not taken here'
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_union':
    case 'not_multiple_of':
      break // the schemas here have words of their own for these
  }
  return `${found(issue.input)}, expected something else`
}

function counted(value: unknown): string {
  return Array.isArray(value) ? `found ${value.length} entries` : found(value)
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
  object: 'a map of settings',
  record: 'a map',
  array: 'a list',
}

function knownKeys(schema: unknown): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  const names = schema instanceof z.ZodRecord ? schema.keyType : undefined
  return names instanceof z.ZodEnum ? names.options.map(String) : []
}

/** Levenshtein's distance, by rows. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let line = 1; line <= left.length; line++) {
    const next = [line]
    for (let index = 1; index <= right.length; index++) {
      const isSame = left[line - 1] === right[index - 1]
      const change = (row[index - 1] ?? 0) + (isSame ? 0 : 1)
      next.push(Math.min(change, (row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[right.length] ?? 0
}
