/**
 * `explain`: may they, and why: the gateway's own decision for any reader, address, URL and instant,
 * step by step, with the file and line of the rule behind each step.
 *
 * It asks the files and not a running gateway: whether a seat is free now only the store can tell.
 * @module
 */
import { resolve } from 'node:path'

import type { GatewayConfig } from '../config/config.ts'
import { inspectConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import { parseAddress } from '../core/address.ts'
import { openPath } from '../core/anonymous.ts'
import { systemClock } from '../core/clock.ts'
import type { Decision, TraceStep } from '../core/context.ts'
import { denialFacts } from '../core/denials.ts'
import { pathText, readDocument, type DocumentPath } from '../core/documents.ts'
import { GatewayError } from '../core/errors.ts'
import { hasErrors, FindingsError } from '../core/findings.ts'
import type { Resource } from '../core/resource.ts'
import { categories, type Category, type Patron, type Place } from '../core/types.ts'
import { createHostMap } from '../hosts/map.ts'
import { createWords } from '../locales/words.ts'
import { createCalendar } from '../policy/calendar.ts'
import { decide } from '../policy/decide.ts'
import { compileNetworks } from '../policy/networks.ts'
import { loadResources } from '../resources/load.ts'
import { ruleContext } from '../rulebook.ts'
import { errorLines, shownPath } from './words.ts'

/** Who asks, from where, when; all as typed. */
interface ExplainOptions {
  readonly config: string
  readonly address: string
  readonly category: readonly string[]
  readonly group: readonly string[]
  /** ISO 8601; absent: now. */
  readonly at?: string
  readonly json?: true
}

/** A step with the place of the rule that it looked at. */
interface ExplainedStep extends TraceStep {
  readonly rule: string
}

type Outline = Omit<GatewayConfig, 'identity' | 'store' | 'pseudonymKey'>

/** Explains and prints; sets the exit code to 1 when the question or a file cannot be read. */
export function explain(target: string, options: ExplainOptions, env: Environment): void {
  try {
    answer(target, options, env)
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    for (const line of errorLines(error)) console.error(line)
    process.exitCode = 1
  }
}

function answer(target: string, options: ExplainOptions, env: Environment): void {
  const { outline, findings } = inspectConfig(options.config, { env })
  if (outline === undefined) throw new FindingsError('ERR_CONFIG', findings)
  const rules = loadResources(outline.rulesFolder, ruleContext(outline))
  if (hasErrors(rules.findings)) throw new FindingsError('ERR_RULE', rules.findings)
  const { resource, url } = targetOf(target, rules.resources, outline)
  if (parseAddress(options.address) === undefined) {
    throw unreadable(`--address ${options.address}`, 'an IPv4 or IPv6 address')
  }
  const place = compileNetworks(outline.networks, `${options.config} networks`)(options.address)
  const patron = patronOf(options)
  const open = patron === undefined ? openBy(resource, url) : undefined
  const todayOn = createCalendar(outline.institution.timeZone)(instantOf(options.at))
  const decision = decide({ resource, place, patron, todayOn, isAnonymous: open !== undefined })
  const steps = explained(decision, { resource, place, outline })
  if (options.json) {
    const { trace: _, ...outcome } = decision
    console.log(JSON.stringify({ resource: resource.id, place, todayOn, steps, open, ...outcome }))
  } else print({ resource, place, patron, todayOn, decision, steps, open })
}

function targetOf(
  target: string,
  resources: readonly Resource[],
  { zoneOrigin }: Outline,
): { readonly resource: Resource; readonly url: string } {
  const hosts = createHostMap({ resources, zoneOrigin })
  const url = hosts.unmapUrl(target) ?? target
  const resource = resources.find(({ id }) => id === target) ?? hosts.resourceOf(url)
  if (resource !== undefined) return { resource, url }
  const expected = 'a URL on a host of a rule, of the publisher or proxied, or the name of a rule'
  throw new GatewayError('ERR_UNKNOWN_HOST', `"${target}" found, ${expected} expected`)
}

/** The line that leaves the URL open to readers who are not signed in. */
function openBy(resource: Resource, text: string): string | undefined {
  const url = URL.parse(text)
  if (url === null) return undefined
  const { hostname: host, pathname: target } = url
  const index = openPath(resource, { host, target, method: 'GET' })
  const path = ['rewriting', 'anonymousPaths', index]
  return index === -1 ? undefined : textOfPlace(readDocument(resource.file), path)
}

/** Nobody is signed in where neither category nor group is given. */
function patronOf({ category, group }: ExplainOptions): Patron | undefined {
  if (category.length === 0 && group.length === 0) return undefined
  const unknown = category.find((name) => !categories.some((known) => known === name))
  if (unknown !== undefined) {
    throw unreadable(`--category ${unknown}`, `one of ${categories.join(', ')}`)
  }
  const own = categories.filter((known): known is Category => category.includes(known))
  return { issuer: 'urn:darbaza:explain', subject: '', categories: own, groups: group }
}

function instantOf(text: string | undefined): number {
  if (text === undefined) return systemClock.now()
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return at
  throw unreadable(`--at ${text}`, 'an ISO date or time')
}

function unreadable(found: string, expected: string): GatewayError {
  return new GatewayError('ERR_BAD_REQUEST', `${found} found, ${expected} expected`)
}

function explained(
  { trace }: Decision,
  { resource, place, outline }: { resource: Resource; place: Place; outline: Outline },
): ExplainedStep[] {
  const rule = readDocument(resource.file)
  const config = readDocument(resolve(outline.file))
  const network = outline.networks.findIndex(({ name }) => name === place.network)
  const ofNetwork = network === -1 ? ['networks'] : ['networks', network, 'treatment']
  const ofRule = (step: TraceStep) => placesOf(resource)[step.criterion]
  return trace.map((step) => {
    const path = ofRule(step)
    const document = path === undefined ? config : rule
    return { ...step, rule: textOfPlace(document, path ?? placeOfConfig(step, ofNetwork)) }
  })
}

/** What a criterion looks at in the rule file. */
function placesOf({ licence }: Resource): Readonly<Record<string, DocumentPath>> {
  return {
    opening: ['open'],
    licence: ['licence', licence.untilOn === undefined ? 'from' : 'until'],
    entitlement: ['licence', licence.categories.length === 0 ? 'groups' : 'categories'],
    place: ['licence', 'remote'],
    seat: ['licence', 'seats'],
  }
}

function placeOfConfig({ criterion }: TraceStep, ofNetwork: DocumentPath): DocumentPath {
  return criterion === 'claims' ? ['identity', 'claims'] : ofNetwork
}

/** `rules/lan.yaml:24 licence.remote`, with a word when the file leaves it to the default. */
function textOfPlace(document: ReturnType<typeof readDocument>, path: DocumentPath): string {
  const isWritten = path.reduce<unknown>(stepInto, document.value) !== undefined
  const line = document.lineOf(path)
  const place = `${shownPath(document.file)}${line === undefined ? '' : `:${line}`}`
  return `${place} ${pathText(path)}${isWritten ? '' : ' (default)'}`
}

function stepInto(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function print(told: {
  readonly resource: Resource
  readonly place: Place
  readonly patron: Patron | undefined
  readonly todayOn: string
  readonly decision: Decision
  readonly steps: readonly ExplainedStep[]
  readonly open: string | undefined
}): void {
  const { resource, place, patron, todayOn, decision, steps, open } = told
  const who =
    patron === undefined ? 'nobody signed in' : [...patron.categories, ...patron.groups].join(', ')
  console.log(`${resource.id}, ${who}, at ${place.address} (${place.channel}), on ${todayOn}`)
  for (const { criterion, outcome, detail, rule } of steps) {
    const found = outcome === 'not asked' ? '' : `${rule}: ${detail}`
    console.log(`  ${criterion.padEnd(12)} ${outcome.padEnd(10)} ${found}`.trimEnd())
  }
  if (decision.isAllowed && open !== undefined) console.log(`Open to everybody by ${open}`)
  else if (decision.isAllowed) console.log(allowedLine(told))
  else console.log(refusedLines(decision.reason, steps))
}

function allowedLine({ place, resource }: { place: Place; resource: Resource }): string {
  if (place.treatment === 'direct') return 'Allowed: sent to the publisher, not through the gateway'
  const { seats, pool } = resource.licence
  return seats === undefined ? 'Allowed' : `Allowed when one of ${seats} seats of "${pool}" is free`
}

function refusedLines(reason: keyof typeof denialFacts, steps: readonly ExplainedStep[]): string {
  const { status, turnaway } = denialFacts[reason]
  const rule = steps.find(({ outcome }) => outcome === 'refused')?.rule
  const title = createWords().say('en', `denial.${reason}.title`)
  return `Refused: ${reason} by ${rule}\n  status ${status}, COUNTER ${turnaway}; the reader sees "${title}"`
}
