/**
 * Compiles `rewriting:` of a rule file into the options that the gateway runs by.
 *
 * Whatever is faulty is noted and left out; whether a rule with faults goes into force is for
 * whoever loads it.
 * @module
 */
import type { DocumentPath } from '../core/documents.ts'
import type { HostRule } from '../core/resource.ts'
import {
  textKinds,
  type AnonymousPath,
  type DirectHost,
  type PresetCookie,
  type Replacement,
  type RequestHeader,
  type RewritingOptions,
  type TypeOverride,
} from '../core/rewriting-options.ts'
import type { TextRule } from '../core/text-replacer.ts'
import type { RuleFindingNumber } from './findings.ts'
import { coversName } from './hosts.ts'
import { isWidePattern } from './path-patterns.ts'
import {
  compilePattern,
  finderOf,
  runFixture,
  templateOf,
  type Fixture,
  type Trouble,
} from './replacements.ts'
import type { RewritingInput } from './rewriting-schema.ts'
import { hostOf, scopeOf } from './scope.ts'

/** What the options are held against. */
export interface RewritingContext {
  readonly hosts: readonly HostRule[]
  readonly startHost: string
  /** Reads a secret by where it is kept; absent where nobody may ask. */
  readonly readSecret?:
    | ((source: SecretSource) => { readonly secret: string } | { readonly message: string })
    | undefined
  readonly note: (number: RuleFindingNumber, path: DocumentPath, message: string) => void
}

/** Where a secret is kept. */
export type SecretSource = { readonly env: string } | { readonly file: string }

type Written<Key extends keyof RewritingInput> = NonNullable<RewritingInput[Key]>

/** Compiles the options; undefined when there are none. */
export function compileRewriting(
  input: RewritingInput,
  context: RewritingContext,
): RewritingOptions | undefined {
  const { replace, requestHeaders, neverProxy, anonymousPaths, setCookies, contentTypes } = input
  const { bareHosts, encodedUrls, cookies, shim } = input
  const options: RewritingOptions = {
    ...(replace && { replace: replacements(replace, context) }),
    ...(bareHosts && { bareHosts }),
    ...(encodedUrls && { encodedUrls }),
    ...(requestHeaders && { requestHeaders: headers(requestHeaders, context) }),
    ...(neverProxy && { neverProxy: directHosts(neverProxy, context) }),
    ...(anonymousPaths && { anonymousPaths: openPaths(anonymousPaths, context) }),
    ...(cookies !== undefined && { cookies }),
    ...(setCookies && { setCookies: presets(setCookies, context) }),
    ...(contentTypes && { contentTypes: overrides(contentTypes, context) }),
    ...(shim === false && { shim }),
  }
  return Object.keys(options).length === 0 ? undefined : options
}

function replacements(written: Written<'replace'>, context: RewritingContext): Replacement[] {
  return written.flatMap((entry, index) => {
    const at = ['rewriting', 'replace', index]
    const scope = scopeOf(entry.in ?? {}, [...at, 'in'], context)
    const answer = replacementOf(entry)
    if ('trouble' in answer) {
      const { number, key, message } = answer.trouble
      context.note(number, key === '' ? at : [...at, key], message)
      return []
    }
    const fixtures = Array.isArray(entry.test) ? entry.test : [entry.test]
    const isList = Array.isArray(entry.test)
    for (const [place, fixture] of fixtures.entries()) {
      const message = fixtureTrouble(answer, fixture)
      if (message === undefined) continue
      context.note('F024', [...at, 'test', ...(isList ? [place] : [])], message)
    }
    return [{ ...answer, kinds: entry.in?.kinds ?? textKinds, scope }]
  })
}

type Compiled = Omit<Replacement, 'kinds' | 'scope'>

function replacementOf(entry: Written<'replace'>[number]): Compiled | { trouble: Trouble } {
  const { find, pattern, replace, keep } = entry
  if ((find === undefined) === (pattern === undefined)) {
    return fault(`found ${find === undefined ? 'neither' : 'both'}, expected find or pattern`)
  }
  if ((replace === undefined) === (keep === undefined)) {
    return fault(`found ${keep === undefined ? 'neither' : 'both'}, expected replace or keep`)
  }
  if (pattern === undefined) {
    return {
      find: find ?? '',
      isPattern: false,
      ...(replace !== undefined && { template: [replace] }),
    }
  }
  const answer = compilePattern(pattern)
  if ('trouble' in answer) return answer
  const { compiled } = answer
  const text = replace === undefined ? undefined : templateOf(replace, compiled)
  if (text !== undefined && 'trouble' in text) return text
  return { find: pattern, isPattern: true, finder: finderOf(compiled), ...text }
}

function fault(message: string): { trouble: Trouble } {
  return { trouble: { number: 'F021', key: '', message } }
}

function fixtureTrouble(
  { find, finder, template }: Compiled,
  { from, to }: Fixture,
): string | undefined {
  const rule: TextRule =
    finder === undefined
      ? { kind: 'literal', find, put: template }
      : { kind: 'pattern', finder, put: template }
  const came = runFixture(rule, from)
  if (came === to) return undefined
  const what = template === undefined && came === '' ? 'nothing' : JSON.stringify(came)
  return `found ${what} made of ${JSON.stringify(from)}, expected ${JSON.stringify(to)}`
}

/** Names that belong to the connection, to the gateway or to what it translates. */
const keptNames =
  /^(?:host|cookie2?|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|date|via|forwarded|origin|accept-encoding|content-.*|if-.*|range|proxy-.*|sec-.*|http2-settings|x-forwarded-.*|x-real-ip|x-darbaza-.*|access-control-.*)$/

function headers(written: Written<'requestHeaders'>, context: RewritingContext): RequestHeader[] {
  const seen = new Set<string>()
  return Object.entries(written).flatMap(([name, value]): RequestHeader[] => {
    const at = ['rewriting', 'requestHeaders', name]
    const lower = name.toLowerCase()
    if (!/^[a-z\d][a-z\d-]{0,99}$/.test(lower)) {
      context.note('F025', at, 'expected a name of letters, digits and hyphens')
      return []
    }
    if (keptNames.test(lower) || seen.has(lower)) {
      const what = seen.has(lower) ? 'stands twice' : 'is not for a rule to set'
      context.note('F025', at, `${what}, expected a header of the publisher's own`)
      return []
    }
    seen.add(lower)
    if (typeof value === 'string') return [{ name, isSecret: false, value: () => value }]
    const answer = context.readSecret?.(value) ?? { message: 'nobody may read a secret here' }
    const trouble = 'message' in answer ? answer.message : secretTrouble(answer.secret)
    if (trouble !== undefined) context.note('F026', at, `${trouble}; the header is not sent`)
    if (trouble !== undefined || 'message' in answer) return []
    return [{ name, isSecret: true, value: () => answer.secret }]
  })
}

function secretTrouble(secret: string): string | undefined {
  const isLine = /^[!-~](?:[ -~]*[!-~])?$/.test(secret) && secret.length <= 4000
  return isLine ? undefined : 'the secret is no line of printable ASCII of at most 4000 characters'
}

function directHosts(written: Written<'neverProxy'>, context: RewritingContext): DirectHost[] {
  return written.flatMap((entry, index) => {
    const at = ['rewriting', 'neverProxy', index]
    const rule = hostOf(entry, at, context)
    if (rule === undefined) return []
    const { host, match } = rule
    const taken = context.hosts.find((other) => takesAway(rule, other))
    if (taken !== undefined || coversName(rule, context.startHost)) {
      const name = taken?.host ?? context.startHost
      context.note('F027', at, `takes away "${name}", which the rule names; expected one of them`)
      return []
    }
    if (!context.hosts.some((other) => other.match !== 'exact' && coversName(other, host))) {
      context.note('F028', at, `found "${host}", which no domain of the rule covers`)
    }
    return [{ host, match }]
  })
}

/** Whether nothing is left of a host that the rule names. */
function takesAway(direct: HostRule, rule: HostRule): boolean {
  if (rule.match === 'exact') return coversName(direct, rule.host)
  if (direct.match === 'exact') return false
  const isAll = direct.match === 'domain' || rule.match === 'subdomains'
  return rule.host.endsWith(`.${direct.host}`) || (isAll && rule.host === direct.host)
}

function openPaths(written: Written<'anonymousPaths'>, context: RewritingContext): AnonymousPath[] {
  return written.map((entry, index) => {
    const at = ['rewriting', 'anonymousPaths', index]
    const {
      path,
      hosts,
      methods = ['GET', 'HEAD'],
    } = typeof entry === 'string' ? { path: entry } : entry
    if (isWidePattern(path) && methods.some((method) => method !== 'OPTIONS')) {
      const message = `found "${path}": anybody may read all of it through the licensed address, whatever the ending; expected the paths that the publisher shows to everybody`
      context.note('F029', at, message)
    }
    return { scope: scopeOf({ hosts, paths: [path] }, at, context), methods }
  })
}

function presets(written: Written<'setCookies'>, context: RewritingContext): PresetCookie[] {
  return written.map(({ name, value, domain: text }, index) => {
    const domain = text.replace(/^\./, '').toLowerCase()
    const isOwn = context.hosts.some(
      (rule) =>
        coversName(rule, domain) ||
        coversName({ ...rule, host: domain, match: 'domain' }, rule.host),
    )
    if (!isOwn) {
      const at = ['rewriting', 'setCookies', index, 'domain']
      context.note('F028', at, `found "${domain}", which no host of the rule belongs to`)
    }
    return { name, value, domain }
  })
}

function overrides(written: Written<'contentTypes'>, context: RewritingContext): TypeOverride[] {
  return written.map(({ type, as, hosts, paths }, index) => ({
    ...(type !== undefined && { type: type.toLowerCase() }),
    as,
    scope: scopeOf({ hosts, paths }, ['rewriting', 'contentTypes', index], context),
  }))
}
