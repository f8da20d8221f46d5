/**
 * The decision explained: for any reader, address, database or URL and instant, step by step, with
 * the file and line of the rule behind each step. `darbaza explain` and the staff page both ask here.
 *
 * The seat is not asked: only the store can tell whether one is free.
 * @module
 */
import { parseAddress } from '../core/address.ts'
import { openPath } from '../core/anonymous.ts'
import { createCalendar, instantIn } from '../core/calendar.ts'
import type { Decision, TraceStep } from '../core/context.ts'
import {
  pathText,
  readDocument,
  type DocumentPath,
  type OperatorDocument,
} from '../core/documents.ts'
import { shownPath } from '../core/findings.ts'
import type { Resource, Rulebook } from '../core/resource.ts'
import { categories, isCategory, type Patron, type Place } from '../core/types.ts'
import { decide } from './decide.ts'

/** Who asks for what, from where, when; all as typed. */
export interface ExplainQuestion {
  /** A URL, of the publisher or proxied, or the id of a resource. */
  readonly target: string
  readonly address: string
  readonly categories: readonly string[]
  readonly groups: readonly string[]
  readonly unit?: string
  /** Who has those categories, groups and unit, where it is asked for somebody in particular. */
  readonly account?: Pick<Patron, 'issuer' | 'subject'>
  /** Somebody whose claims were read, in place of categories, groups and unit. */
  readonly reader?: {
    readonly patron: Patron
    /** Where in the configuration it stands how they are read. */
    readonly settings: DocumentPath
  }
  /** A day or a time; without an offset, one of the institution's own clock. */
  readonly at: string
}

/** Where the setting stands that a step looked at. */
export interface RulePlace {
  readonly file: string
  /** Absent when the file cannot be read. */
  readonly line?: number
  /** `licence.remote` */
  readonly setting: string
  /** The file says nothing of it: the line is of what stands around it. */
  readonly isDefault: boolean
}

/** A step with the place of the setting that it looked at. */
export interface ExplainedStep extends TraceStep {
  readonly place: RulePlace
}

/** The answer. */
export interface Explanation {
  readonly resource: Resource
  readonly place: Place
  /** Absent when nobody is signed in. */
  readonly patron?: Patron
  readonly todayOn: string
  readonly decision: Decision
  readonly steps: readonly ExplainedStep[]
  /** What leaves the URL open to readers who are not signed in. */
  readonly openBy?: RulePlace
}

/** The part of a question that cannot be read, as it was typed. */
export interface ExplainProblem {
  readonly problem: 'target' | 'address' | 'category' | 'at'
  readonly found: string
}

/** What is asked: rules, networks and the files that they were read from. */
export interface ExplainParts {
  readonly rulebook: Pick<
    Rulebook,
    'resources' | 'hosts' | 'placeOf' | 'documentOf' | 'suspensions'
  >
  readonly configFile: string
  readonly timeZone: string
  /** Overrides were asked: whether somebody is suspended is known, if it is known who they are. */
  readonly isStandingKnown: boolean
}

/** Answers a question, or says what of it cannot be read. */
export function explainDecision(
  question: ExplainQuestion,
  parts: ExplainParts,
): Explanation | ExplainProblem {
  const { rulebook, timeZone } = parts
  const found = targetOf(question.target, rulebook)
  if (found === undefined) return { problem: 'target', found: question.target }
  if (parseAddress(question.address) === undefined) {
    return { problem: 'address', found: question.address }
  }
  const unknown = question.categories.find((name) => !isCategory(name))
  if (unknown !== undefined) return { problem: 'category', found: unknown }
  const at = instantIn(timeZone, question.at)
  if (at === undefined) return { problem: 'at', found: question.at }

  const { resource, url } = found
  const rule = (rulebook.documentOf ?? readDocument)(resource.file)
  const place = rulebook.placeOf(question.address, resource)
  const patron = question.reader?.patron ?? patronOf(question)
  const openBy = patron === undefined ? openPlace(resource, url, rule) : undefined
  const todayOn = createCalendar(timeZone)(at)
  const isAnonymous = openBy !== undefined
  const { suspensions } = rulebook
  const decision = decide({ resource, place, patron, suspensions, todayOn, isAnonymous })
  const config = readDocument(parts.configFile)
  const claims = placeIn(config, question.reader?.settings ?? ['identity', 'providers'])
  const placeOfStep = placesOf({ resource, place, decision }, { rule, config, claims })
  const isWhoKnown = (question.reader ?? question.account) !== undefined && parts.isStandingKnown
  const steps = decision.trace
    .map((step) => (isWhoKnown ? step : withoutStanding(step)))
    .map((step) => ({ ...step, place: placeOfStep(step) }))
  return {
    resource,
    place,
    ...(patron && { patron }),
    todayOn,
    decision,
    steps,
    ...(openBy && { openBy }),
  }
}

/** Of a reader who is nobody in particular it cannot be said that they are not suspended. */
function withoutStanding(step: TraceStep): TraceStep {
  return step.criterion === 'standing' ? { ...step, outcome: 'not asked', detail: '' } : step
}

/** `rules/lan.yaml:24 licence.remote`, with a word when the file leaves it to the default. */
export function placeText({ file, line, setting, isDefault }: RulePlace): string {
  const where = `${shownPath(file)}${line === undefined ? '' : `:${line}`}`
  return `${where} ${setting}${isDefault ? ' (default)' : ''}`
}

function targetOf(
  target: string,
  { resources, hosts }: ExplainParts['rulebook'],
): { readonly resource: Resource; readonly url: string } | undefined {
  const url = hosts.unmapUrl(target) ?? target
  const resource = resources.get(target) ?? hosts.resourceOf(url)
  return resource && { resource, url }
}

/** Nobody is signed in where neither category nor group, unit nor account is given. */
function patronOf(question: ExplainQuestion): Patron | undefined {
  const { categories: names, groups, unit, account } = question
  const isNobody = names.length === 0 && groups.length === 0 && unit === undefined
  if (isNobody && account === undefined) return undefined
  return {
    ...(account ?? { issuer: 'urn:darbaza:explain', subject: '' }),
    categories: categories.filter((known) => names.includes(known)),
    groups,
    ...(unit !== undefined && { unit }),
  }
}

/** The line that leaves the URL open to readers who are not signed in. */
function openPlace(
  resource: Resource,
  text: string,
  rule: OperatorDocument,
): RulePlace | undefined {
  const url = URL.parse(text)
  if (url === null) return undefined
  const { hostname: host, pathname: target } = url
  const index = openPath(resource, { host, target, method: 'GET' })
  return index === -1 ? undefined : placeIn(rule, ['rewriting', 'anonymousPaths', index])
}

function placesOf(
  { resource, place, decision }: Pick<Explanation, 'resource' | 'place' | 'decision'>,
  {
    rule,
    config,
    claims,
  }: {
    readonly rule: OperatorDocument
    readonly config: OperatorDocument
    readonly claims: RulePlace
  },
): (step: TraceStep) => RulePlace {
  const ofRule = pathsInRule(resource, decision)
  const network = networkPath(config, place)
  return ({ criterion }) => {
    if (isOverridden(criterion, { resource, place })) return overrides
    const path = ofRule[criterion]
    if (path !== undefined) return placeIn(rule, path)
    if (criterion === 'claims') return claims
    if (place.entry !== undefined) return placeIn(rule, ['addresses', place.entry, 'treatment'])
    return placeIn(config, network)
  }
}

/** Where overrides stand: in no file. */
const overrides: RulePlace = { file: 'store', setting: 'overrides', isDefault: false }

/** Whether an override decides what this criterion looks at. */
function isOverridden(
  criterion: string,
  { resource, place }: Pick<Explanation, 'resource' | 'place'>,
): boolean {
  if (criterion === 'address') return place.block !== undefined
  if (criterion === 'opening') return resource.closure !== undefined
  if (criterion === 'seat') return resource.seatChange !== undefined
  return criterion === 'standing'
}

/** What a criterion looks at in the rule file. */
function pathsInRule(
  { licence }: Resource,
  decision: Decision,
): Readonly<Record<string, DocumentPath>> {
  const isEarly = !decision.isAllowed && decision.reason === 'licence_not_started'
  const isEndless = licence.untilOn === undefined
  return {
    opening: ['open'],
    licence: ['licence', isEarly || isEndless ? 'from' : 'until'],
    entitlement: ['licence', licence.categories.length === 0 ? 'groups' : 'categories'],
    unit: ['licence', 'units'],
    'fair-use': ['licence', 'fairUse'],
    place: ['licence', 'remote'],
    seat: ['licence', 'seats'],
  }
}

/** By name, since the list may have been written anew after it was read. */
function networkPath(config: OperatorDocument, { network }: Place): DocumentPath {
  const listed: unknown = stepInto(config.value, 'networks')
  const index = Array.isArray(listed)
    ? listed.findIndex((entry: unknown) => stepInto(entry, 'name') === network)
    : -1
  return network === undefined || index === -1 ? ['networks'] : ['networks', index, 'treatment']
}

/** A setting of a document, or what stands around it. */
export function placeIn(document: OperatorDocument, path: DocumentPath): RulePlace {
  const line = document.lineOf(path)
  return {
    file: document.file,
    ...(line !== undefined && { line }),
    setting: pathText(path),
    isDefault: path.reduce<unknown>(stepInto, document.value) === undefined,
  }
}

function stepInto(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
