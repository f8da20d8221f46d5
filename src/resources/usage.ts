/**
 * Compiles `usage:` of a rule file into the patterns that classify exchanges, and holds each entry's
 * own addresses against all of them.
 *
 * Whatever is faulty is noted and left out; whether a rule with faults goes into force is for
 * whoever loads it.
 * @module
 */
import { decideUse, type UseDecision } from '../core/classify.ts'
import type { DocumentPath } from '../core/documents.ts'
import type { HostRule } from '../core/resource.ts'
import type { UseFormat, UsePattern } from '../core/use.ts'
import { compileAddressPattern, writtenText } from './address-patterns.ts'
import type { RuleFindingNumber } from './findings.ts'
import { coversName } from './hosts.ts'
import { scopeOf } from './scope.ts'
import type { UsageInput } from './usage-schema.ts'

/** What the patterns are held against. */
export interface UsageContext {
  readonly hosts: readonly HostRule[]
  /** Whether the entries' own addresses are tried: where hosts are faulty, they would be too. */
  readonly isTested: boolean
  readonly note: (number: RuleFindingNumber, path: DocumentPath, message: string) => void
}

type Entry = UsageInput[number]

/** Compiles the entries, in their order. */
export function compileUsage(input: UsageInput, context: UsageContext): readonly UsePattern[] {
  const compiled = input.map((entry, index) => compileEntry(entry, ['usage', index], context))
  // With one of them missing, the others would decide what is not theirs.
  const patterns = compiled.filter((pattern) => pattern !== undefined)
  if (context.isTested && patterns.length === input.length) {
    for (const [index, entry] of input.entries()) runTests(entry, index, patterns, context)
  }
  return patterns
}

function compileEntry(
  entry: Entry,
  at: DocumentPath,
  context: UsageContext,
): UsePattern | undefined {
  const { hosts, is, format, dataType, search = 'regular' } = entry
  const scope = scopeOf({ hosts }, at, context)
  const answer = compileAddressPattern(entry)
  if ('trouble' in answer) {
    context.note('F043', [...at, ...answer.trouble.path], answer.trouble.message)
    return undefined
  }
  if (entry.search !== undefined && is !== 'search') {
    const message = `found "${entry.search}" beside "is: ${is}", expected it beside "is: search" alone`
    context.note('F043', [...at, 'search'], message)
    return undefined
  }
  const { find } = answer
  return {
    written: writtenText(entry),
    hosts: scope.hosts,
    kind: is,
    ...(format && { format }),
    ...(dataType && { dataType }),
    ...(search !== 'regular' && { search }),
    find: (host, path, query) => (scope.covers(host, path) ? find(path, query) : undefined),
  }
}

type Fixture = Exclude<Extract<Entry['test'], unknown[]>[number], string>

function runTests(
  { test, is, format }: Entry,
  index: number,
  patterns: readonly UsePattern[],
  { hosts, note }: UsageContext,
): void {
  const fixtures = Array.isArray(test) ? test : [test]
  for (const [place, written] of fixtures.entries()) {
    const fixture: Fixture = typeof written === 'string' ? { url: written } : written
    const url = new URL(fixture.url)
    const isOwn = hosts.some((rule) => coversName(rule, url.hostname))
    const message = isOwn
      ? troubleWith(decisionFor(url, fixture.type ?? typeOf(format), format, patterns))
      : `found "${url.hostname}", which is none of the hosts; expected one of them`
    if (message !== undefined) {
      note('F044', ['usage', index, 'test', ...(Array.isArray(test) ? [place] : [])], message)
    }

    function troubleWith(decision: UseDecision): string | undefined {
      const { item, title } = fixture
      const isSame =
        decision.pattern === index &&
        (item === undefined || decision.use?.item === item) &&
        (title === undefined || decision.use?.title === title)
      if (isSame) return undefined
      const wanted = wordsOf({ kind: is, item, title })
      return `found ${found(decision)}, expected ${wanted} by this entry`
    }
  }
}

function decisionFor(
  { hostname, pathname, search }: URL,
  contentType: string,
  format: UseFormat | undefined,
  patterns: readonly UsePattern[],
): UseDecision {
  return decideUse({
    patterns,
    method: 'GET',
    host: hostname,
    path: pathname,
    query: search.slice(1),
    status: 200,
    contentType,
    disposition: '',
    destination: format === 'image' ? 'image' : 'document',
    isPage: format !== 'image',
  })
}

/** What an answer of a form is labelled as a rule. */
function typeOf(format: UseFormat = 'html'): string {
  return types[format]
}

const types: Readonly<Record<UseFormat, string>> = {
  html: 'text/html',
  pdf: 'application/pdf',
  epub: 'application/epub+zip',
  document: 'application/msword',
  video: 'video/mp4',
  audio: 'audio/mpeg',
  image: 'image/png',
  data: 'text/csv',
  other: 'application/json',
}

function found({ pattern, use }: UseDecision): string {
  const what = use === undefined ? 'nothing' : wordsOf(use)
  return pattern === undefined ? `${what} by default` : `${what} by usage[${pattern}]`
}

function wordsOf({
  kind,
  item,
  title,
}: {
  readonly kind: string
  readonly item?: string | undefined
  readonly title?: string | undefined
}): string {
  const parts = [kind, item && `of ${item}`, title && `in ${title}`]
  return parts.filter((part) => part !== undefined).join(' ')
}
