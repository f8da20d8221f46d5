/**
 * The hosts and paths that an option of a rule is for, compiled, with what is wrong with them noted.
 * @module
 */
import type { DocumentPath } from '../core/documents.ts'
import type { HostRule } from '../core/resource.ts'
import type { Scope } from '../core/rewriting-options.ts'
import type { RuleFindingNumber } from './findings.ts'
import { coversName, parseHost, type WrittenHost } from './hosts.ts'
import { compileScope } from './path-patterns.ts'

/** What a scope is held against. */
export interface ScopeContext {
  readonly hosts: readonly HostRule[]
  readonly note: (number: RuleFindingNumber, path: DocumentPath, message: string) => void
}

/** Compiles a scope; no hosts are all hosts, no paths all paths. */
export function scopeOf(
  {
    hosts = [],
    paths = [],
  }: { hosts?: readonly WrittenHost[] | undefined; paths?: readonly string[] | undefined },
  at: DocumentPath,
  context: ScopeContext,
): Scope {
  const rules = hosts.flatMap((entry, index) => {
    const place = [...at, 'hosts', index]
    const rule = hostOf(entry, place, context)
    if (rule === undefined) return []
    const isOwn = context.hosts.some(
      (other) => coversName(other, rule.host) || coversName(rule, other.host),
    )
    if (!isOwn)
      context.note('F028', place, `found "${rule.host}", which no host of the rule covers`)
    return [rule]
  })
  const written = hosts.map((entry) => (typeof entry === 'string' ? entry : `{${entry.domain}}`))
  return compileScope(rules, paths, written)
}

/** A host of an option, which has neither scheme nor port: the same name is meant on all of them. */
export function hostOf(
  entry: WrittenHost,
  at: DocumentPath,
  { note }: ScopeContext,
): HostRule | undefined {
  const answer = parseHost(entry)
  if ('rule' in answer) return answer.rule
  note(answer.number, at, answer.message)
  return undefined
}
