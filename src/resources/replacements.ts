/**
 * Entries of `replace` in a rule: compiled, with their fixtures held against them.
 *
 * Patterns are RE2's: no backtracking, so that a text of a publisher's making cannot hold up the
 * gateway. A text put in for a pattern may name its groups as `$1`, `${1}` or `${name}`; `$$` is a
 * dollar sign. A literal text is put in as it stands.
 * @module
 */
import { RE2JS, RE2JSException } from 're2js'

import { limits } from '../core/limits.ts'
import type { Finder, Found, Stretch } from '../core/rewriting-options.ts'
import { createReplacer, type TextRule } from '../core/text-replacer.ts'

/** What was meant and what came out, as a rule writes it. */
export interface Fixture {
  readonly from: string
  readonly to: string
}

/** A trouble with a key of an entry. */
export interface Trouble {
  readonly number: 'F021' | 'F022' | 'F023'
  readonly key: string
  readonly message: string
}

/** A pattern as compiled, or what is wrong with it. */
export function compilePattern(pattern: string): { compiled: RE2JS } | { trouble: Trouble } {
  try {
    const compiled = RE2JS.compile(pattern)
    const { patternSteps } = limits.resources
    if (compiled.programSize() > patternSteps) {
      return fault('F021', `is compiled to more than ${patternSteps} steps, expected a shorter one`)
    }
    if (compiled.matcher('').find()) {
      return fault('F023', 'matches the empty text, expected a pattern that always takes something')
    }
    return { compiled }
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const reason = error.message.replace(/^error parsing regexp: /, '')
    return fault('F021', `is no RE2 pattern (${reason})`)
  }

  function fault(number: Trouble['number'], message: string) {
    return { trouble: { number, key: 'pattern', message } }
  }
}

/** Finds with a compiled pattern. */
export function finderOf(compiled: RE2JS): Finder {
  const groups = compiled.groupCount()
  let asked: { readonly text: string | Uint8Array; readonly mayMatch: boolean } | undefined
  return (text, from) => {
    // To tell whether there is a match costs a tenth of telling where: most windows have none.
    if (asked?.text !== text) asked = { text, mayMatch: compiled.test(text) }
    if (!asked.mayMatch) return undefined
    const matcher = compiled.matcher(text)
    let isFound = matcher.find(from)
    // `\b` alone, say, finds places and takes nothing.
    while (isFound && matcher.end() === matcher.start()) {
      isFound = matcher.start() < text.length && matcher.find(matcher.start() + 1)
    }
    if (!isFound) return undefined
    const whole: Stretch = [matcher.start(), matcher.end()]
    const rest = Array.from({ length: groups }, (_, index): Stretch | undefined => {
      const start = matcher.start(index + 1)
      return start < 0 ? undefined : [start, matcher.end(index + 1)]
    })
    const found: Found = [whole, ...rest]
    return found
  }
}

/** The parts of a text put in for a pattern; groups by number. */
export function templateOf(
  text: string,
  compiled: RE2JS,
): { template: (string | number)[] } | { trouble: Trouble } {
  const names: Readonly<Record<string, number>> = compiled.namedGroups()
  const template: (string | number)[] = []
  let done = 0
  for (const { 0: whole, 1: plain, 2: braced, index } of text.matchAll(reference)) {
    template.push(text.slice(done, index))
    done = index + whole.length
    if (whole === '$$') {
      template.push('$')
      continue
    }
    const name = plain ?? braced ?? ''
    const group = /^\d+$/.test(name) ? Number(name) : Object.hasOwn(names, name) ? names[name] : -1
    if (group === undefined || group < 0 || group > compiled.groupCount()) {
      const message = `refers to ${JSON.stringify(whole)}, expected a group of the pattern, which has ${compiled.groupCount()}; $$ is a dollar sign`
      return { trouble: { number: 'F022', key: 'replace', message } }
    }
    template.push(group)
  }
  template.push(text.slice(done))
  return { template: template.filter((part) => part !== '') }
}

/** `$1`, `${1}`, `${name}`, `$$`; any other dollar sign stands for itself. */
const reference = /\$(?:\$|(\d{1,2})|\{(\w*)\})/g

/** What comes of a fixture's text: the text replaced, or the stretches that are kept. */
export function runFixture(rule: TextRule, from: string): string {
  const replacer = createReplacer({ rules: [rule] })
  const output = replacer.write(from) + replacer.end()
  if (rule.put !== undefined) return output
  return replacer.kept.map((stretch) => output.slice(...stretch)).join(' … ')
}
