/**
 * Patterns of paths in a rule, and the hosts and paths that an option is for.
 *
 * `*` stands for anything within a segment, `**` for anything at all; everything else is literal.
 * A pattern is held against the path as the browser sent it, without its query.
 * @module
 */
import { RE2JS } from 're2js'

import type { HostRule } from '../core/resource.ts'
import type { Scope } from '../core/rewriting-options.ts'
import { coversName } from './hosts.ts'

/** Whether a text can be a pattern of paths. */
export function isPathPattern(text: string): boolean {
  return /^\/[^\s?#\\]*$/.test(text) && text.length <= 500 && !text.includes('***')
}

/**
 * Whether a pattern takes paths of whatever beginning. An ending, as of `/**.css`, narrows nothing:
 * many servers give the page to whoever puts a made-up file name behind its address.
 */
export function isWidePattern(text: string): boolean {
  return /^\/[*/]*\*\*/.test(text)
}

/** Compiles a scope; no hosts are all hosts, no paths all paths. */
export function compileScope(
  hosts: readonly HostRule[],
  paths: readonly string[],
  written: readonly string[],
): Scope {
  const tests = paths.map(compilePath)
  const isNarrow = hosts.length > 0 || paths.length > 0
  return {
    hosts: written,
    paths,
    covers: isNarrow
      ? (host, path) =>
          (hosts.length === 0 || hosts.some((rule) => coversName(rule, host))) &&
          (tests.length === 0 || tests.some((test) => test(path)))
      : () => true,
  }
}

/** Linear in the path, however many stars the pattern has. */
function compilePath(pattern: string): (path: string) => boolean {
  const source = pattern
    .split(/(\*+)/)
    .map((part) => {
      if (part === '**') return '(?s:.*)'
      return part === '*' ? '[^/]*' : RE2JS.quote(part)
    })
    .join('')
  const compiled = RE2JS.compile(source)
  return (path) => compiled.matches(path)
}
