/**
 * From what a look found to what is known of a link, and when it is looked at again. Nothing here
 * waits or asks.
 * @module
 */
import { linkStates, type LinkedResource } from '../core/links.ts'
import { limits } from '../core/limits.ts'
import type { LinkAddress } from './addresses.ts'
import type { LinkRecord, ResourceRecord } from './books.ts'
import type { LinkFinding } from './journey.ts'

/** What was found at an address. */
export interface LookedAt {
  readonly address: LinkAddress
  readonly finding: LinkFinding
}

/** When it was, and where in its span of jitter the resource's next time lies: 0 to 1. */
export interface LookTime {
  readonly now: number
  readonly chance: number
}

/** What is known of a resource after a look at its links. */
export function recordAfter(
  before: ResourceRecord | undefined,
  looks: readonly LookedAt[],
  { check }: Pick<LinkedResource, 'check'>,
  { now, chance }: LookTime,
): ResourceRecord {
  const known = new Map(before?.links.map((link) => [link.source, link]))
  const links = looks.map(({ address, finding }) =>
    linkAfter(known.get(address.source), { address, finding }, now),
  )
  const findings = looks.map(({ finding }) => finding)
  const usualMs = pauseMs(findings, check?.everyHours ?? limits.links.everyHours)
  const askedMs = askedPauseMs(findings)
  const spread = limits.links.jitter * (2 * chance - 1)
  // Never before the time that a publisher has named.
  const nextMs = Math.max(usualMs * (1 + spread), askedMs * (1 + Math.max(0, spread)))
  return { links, nextAt: Math.round(now + nextMs) }
}

function linkAfter(
  before: LinkRecord | undefined,
  { address: { source }, finding }: LookedAt,
  now: number,
): LinkRecord {
  const { state, status, detail, leadsTo } = finding
  const isSame = before?.last.state === state
  return {
    source,
    last: {
      state,
      at: now,
      sinceAt: isSame ? before.last.sinceAt : now,
      ...(status !== undefined && { status }),
      ...(detail !== undefined && { detail }),
      ...(leadsTo !== undefined && { leadsTo }),
    },
    ...failuresAfter(before, finding, now),
  }
}

/**
 * Failures in a row. One that comes soon after another is the same failure: staff may look as often as
 * they like. A look that tells nothing leaves the row as it is.
 */
function failuresAfter(
  before: LinkRecord | undefined,
  { state }: LinkFinding,
  now: number,
): FailureRow {
  const { failures = 0, failingSinceAt, failedAt, failedAs } = before ?? {}
  const verdict = linkStates[state]
  if (verdict === 'unknown') return { failures, failingSinceAt, failedAt, failedAs }
  if (verdict !== 'broken') return { failures: 0 }
  const isAnother = failedAt === undefined || now - failedAt >= limits.links.apartMs
  return {
    failures: isAnother ? failures + 1 : failures,
    failingSinceAt: failingSinceAt ?? now,
    failedAt: isAnother ? now : failedAt,
    failedAs: state,
  }
}

type FailureRow = Pick<LinkRecord, 'failures' | 'failingSinceAt' | 'failedAt' | 'failedAs'>

/** How long to leave a resource in peace: the least of its links. */
function pauseMs(findings: readonly LinkFinding[], everyHours: number): number {
  const { suspectMs, untoldMs } = limits.links
  const usualMs = everyHours * 60 * 60_000
  const pauses = findings.map(({ state }) => {
    if (state === 'untold') return Math.min(untoldMs, usualMs)
    return linkStates[state] === 'broken' || state === 'busy'
      ? Math.min(suspectMs, usualMs)
      : usualMs
  })
  return Math.min(usualMs, ...pauses)
}

/** How long publishers asked to be left in peace, within bounds; 0 when none did. */
function askedPauseMs(findings: readonly LinkFinding[]): number {
  const { waitLeastMs, waitMostMs } = limits.links
  const asked = findings.flatMap(({ waitMs }) => waitMs ?? [])
  return asked.length === 0 ? 0 : Math.min(Math.max(waitLeastMs, ...asked), waitMostMs)
}
