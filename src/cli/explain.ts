/**
 * `explain`: may they, and why: the gateway's own decision for any reader, address, URL and instant,
 * step by step, with the file and line of the rule behind each step.
 *
 * It asks what is in force, or the draft, and not a running gateway; whether a seat is free now it leaves
 * open.
 * @module
 */
import { resolve } from 'node:path'

import type { ConfigOutline } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import { systemClock } from '../core/clock.ts'
import { denialFacts } from '../core/denials.ts'
import { GatewayError } from '../core/errors.ts'
import { isReservedFor, poolsOf, type FairUse, type SeatPool } from '../core/licence.ts'
import { categories, type Place } from '../core/types.ts'
import { createWords } from '../locales/words.ts'
import {
  explainDecision,
  placeText,
  type ExplainProblem,
  type Explanation,
} from '../policy/explain.ts'
import { wordedCode } from '../pages/problems.ts'
import { claimLines, explainClaims, type ExplainedClaims } from './explain-claims.ts'
import { explainSource, type ExplainSource, type SourceOptions } from './explain-source.ts'
import { errorLines } from './words.ts'

/** Who asks, from where, when; all as typed. */
interface ExplainOptions extends SourceOptions {
  readonly address: string
  readonly category: readonly string[]
  readonly group: readonly string[]
  readonly unit?: string
  /** A file of claims, and the id of the provider that told them. */
  readonly claims?: string
  readonly provider?: string
  /** ISO 8601; absent: now. */
  readonly at?: string
  readonly json?: true
  readonly brief?: true
}

/** Explains and prints; sets the exit code to 1 when the question or a file cannot be read. */
export async function explain(
  target: string,
  options: ExplainOptions,
  env: Environment,
): Promise<void> {
  try {
    answer(target, options, await explainSource(options, env))
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error
    for (const line of errorLines(error)) console.error(line)
    process.exitCode = 1
  }
}

function answer(target: string, options: ExplainOptions, source: ExplainSource): void {
  const { address, category, group, unit, at, json, brief } = options
  const { outline, rulebook, isInForce, version } = source
  const claims = claimsOf(options, outline)
  const told = explainDecision(
    {
      target,
      address,
      categories: category,
      groups: group,
      ...(unit !== undefined && { unit }),
      ...(claims && { reader: claims }),
      at: at ?? new Date(systemClock.now()).toISOString(),
    },
    {
      rulebook,
      configFile: resolve(outline.file),
      timeZone: outline.institution.timeZone,
      isStandingKnown: isInForce,
    },
  )
  if ('problem' in told) throw unreadable(told)
  const lines = claims ? claimLines(claims, resolve(outline.file)) : []
  if (json) {
    const asked = { source: isInForce ? 'in force' : 'draft', version }
    printJson(told, {
      asked,
      ...(claims && { claims: lines, turnedAway: claims.turnedAway?.code }),
    })
  } else {
    // What is asked is not part of the answer, which may be sent on.
    console.error(source.told)
    if (claims) console.log(['Claims', ...lines].join('\n  '))
    if (claims?.turnedAway) console.log(turnedAwayLines(claims.turnedAway))
    else print(told, brief ? [] : told.steps)
  }
}

function claimsOf(options: ExplainOptions, outline: ConfigOutline): ExplainedClaims | undefined {
  const { claims: file, provider, category, group, unit } = options
  if (file === undefined) {
    if (provider === undefined) return undefined
    throw new GatewayError('ERR_BAD_REQUEST', '--provider found, --claims FILE beside it expected')
  }
  if (category.length > 0 || group.length > 0 || unit !== undefined) {
    const message = '--claims found beside --category, --group or --unit, one or the other expected'
    throw new GatewayError('ERR_BAD_REQUEST', message)
  }
  return explainClaims({ file, provider }, outline)
}

function unreadable({ problem, found }: ExplainProblem): GatewayError {
  if (problem === 'target') {
    const expected = 'a URL on a host of a rule, of the publisher or proxied, or the name of a rule'
    return new GatewayError('ERR_UNKNOWN_HOST', `"${found}" found, ${expected} expected`)
  }
  const expected = {
    address: 'an IPv4 or IPv6 address',
    category: `one of ${categories.join(', ')}`,
    at: 'an ISO date or time',
  }[problem]
  return new GatewayError('ERR_BAD_REQUEST', `--${problem} ${found} found, ${expected} expected`)
}

function printJson(
  { resource, place, patron, todayOn, steps, openBy, decision }: Explanation,
  told: {
    readonly asked: { readonly source: string; readonly version: number }
    readonly claims?: readonly string[]
    readonly turnedAway?: string | undefined
  },
): void {
  const { trace: _, ...outcome } = decision
  const reader = patron && {
    categories: patron.categories,
    groups: patron.groups,
    unit: patron.unit,
  }
  const shown = steps.map(({ place: rule, ...step }) => ({ ...step, rule: placeText(rule) }))
  const decidedBy = shown.find((step) => step.outcome === 'refused')?.rule
  const facts = decision.isAllowed ? {} : { decidedBy, ...denialFacts[decision.reason] }
  const { seats, pool, fairUse } = resource.licence
  const needs = { ...(seats !== undefined && { seats, pool }), fairUse }
  const open = openBy && placeText(openBy)
  const asked = { resource: resource.id, place, reader, todayOn, ...told }
  const found = { steps: shown, open, needs, ...outcome, ...facts }
  console.log(JSON.stringify({ ...asked, ...found }))
}

function print(told: Explanation, steps: Explanation['steps']): void {
  const { resource, place, patron, todayOn, decision, openBy } = told
  const who =
    patron === undefined
      ? 'nobody signed in'
      : [...patron.categories, ...patron.groups, patron.unit].filter(Boolean).join(', ')
  console.log(`${resource.id}, ${who}, at ${place.address} (${place.channel}), on ${todayOn}`)
  for (const { criterion, outcome, detail, place: rule } of steps) {
    const found = outcome === 'not asked' ? '' : `${placeText(rule)}: ${detail}`
    console.log(`  ${criterion.padEnd(12)} ${outcome.padEnd(10)} ${found}`.trimEnd())
  }
  if (!decision.isAllowed) console.log(refusedLines(decision.reason, told))
  else if (openBy !== undefined) console.log(`Open to everybody by ${placeText(openBy)}`)
  else console.log(allowedLine(told))
}

/** What the store alone knows is a condition: how much was taken, and which seats are free. */
function allowedLine({ place, resource }: Explanation): string {
  if (place.treatment === 'direct') return 'Allowed: sent to the publisher, not through the gateway'
  const { fairUse } = resource.licence
  const pools = poolsOf(resource.licence)
  const conditions = [
    fairUse?.mode === 'enforce' && `fewer than ${quotaText(fairUse)} were taken`,
    pools.length > 0 &&
      `one of ${pools.map((each) => seatsText(each, place)).join(' or ')} is free`,
  ].filter((condition) => condition !== false)
  return conditions.length === 0 ? 'Allowed' : `Allowed when ${conditions.join(' and ')}`
}

/** The seats of a pool that a reader at this place may take, without those reserved for others. */
function seatsText(each: SeatPool, place: Place): string {
  const kept = isReservedFor(each, place) ? 0 : (each.reserved?.seats ?? 0)
  return `${each.seats - kept} seats of "${each.pool}"`
}

function quotaText({ items, bytes, per }: FairUse): string {
  const parts = [
    items !== undefined && `${items} items`,
    bytes !== undefined && `${bytes / 1e6} megabytes`,
  ]
  return `${parts.filter((part) => part !== false).join(' and ')} in the ${per}`
}

function turnedAwayLines({ code, status, message }: GatewayError): string {
  const title = createWords().say('en', `error.${wordedCode(code)}.title`)
  return `Turned away at sign-in: ${message}\n  status ${status}; the reader sees "${title}"`
}

function refusedLines(reason: keyof typeof denialFacts, { steps }: Explanation): string {
  const { status, turnaway } = denialFacts[reason]
  const refusing = steps.find(({ outcome }) => outcome === 'refused')
  const rule = refusing && placeText(refusing.place)
  const counted = turnaway === 'none' ? 'no turnaway' : `counted as ${turnaway}`
  const title = createWords().say('en', `denial.${reason}.title`)
  return `Refused: ${reason} by ${rule}\n  status ${status}, ${counted}; the reader sees "${title}"`
}
