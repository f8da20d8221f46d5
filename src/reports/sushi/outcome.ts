/**
 * What an answer of a publisher means for the months that were asked for, and when to ask again.
 *
 * Nothing here waits or asks: of an answer and the months it is for it makes a state and what is known
 * of each month.
 * Source: COUNTER Code of Practice 5.1, appendix D.
 * @module
 */
import type { HarvestRemark, HarvestState } from '../../core/harvest.ts'
import { limits } from '../../core/limits.ts'
import { exceptionFacts } from '../counter/exceptions.ts'
import { contradictionsIn } from '../counter/faults.ts'
import type { Month } from '../counter/months.ts'
import type { PublisherAnswer } from './ask-publisher.ts'
import { readingOf, type ReportedUsage } from './reported.ts'

/** What a publisher said of a month. */
export interface ReportedMonth {
  /** `gone`: no longer kept; `not-ready`: not yet made. */
  readonly status: 'had' | 'partial' | 'not-ready' | 'gone'
  /** By metric; what is missing is 0. */
  readonly counts: Readonly<Record<string, number>>
  /** Epoch milliseconds. */
  readonly at: number
}

/** What came of one question. */
export interface Outcome {
  readonly state: HarvestState
  /** For staff, in English, without anything secret. */
  readonly detail?: string
  readonly remarks: readonly HarvestRemark[]
  readonly months: ReadonlyMap<Month, ReportedMonth>
  /** As the server asked. */
  readonly waitMs?: number
}

/** What an answer means. */
export function outcomeOf(
  answer: PublisherAnswer,
  asked: readonly Month[],
  { database, at }: { readonly database?: string | undefined; readonly at: number },
): Outcome {
  const wait = 'waitMs' in answer ? { waitMs: answer.waitMs } : {}
  if (answer.kind !== 'json') return nothing(answer.kind, answer.detail, wait)
  const reading = readingOf(answer.value, database)
  if (reading.kind === 'exception') return ofException(reading.code, asked, at, wait)
  const byStatus = stateOfStatus(answer.status)
  if (byStatus !== undefined) return nothing(byStatus, `status ${answer.status}`, wait)
  if (reading.kind === 'unreadable') return nothing('unusable', reading.detail)
  return ofReport(reading.usage, asked, at)
}

function nothing(
  state: HarvestState,
  detail: string,
  more: { readonly waitMs?: number | undefined } = {},
): Outcome {
  const { waitMs } = more
  return {
    state,
    detail,
    remarks: [],
    months: new Map(),
    ...(waitMs !== undefined && { waitMs }),
  }
}

/** What a status alone says, where no exception says more. */
function stateOfStatus(status: number): HarvestState | undefined {
  if (status === 202) return 'queued'
  if (status >= 200 && status < 300) return undefined
  if (status === 401 || status === 403) return 'refused'
  if (status === 429) return 'told-to-wait'
  return status >= 500 ? 'unavailable' : 'unusable'
}

const stateOfCode: Readonly<Record<number, HarvestState>> = {
  1000: 'unavailable',
  1010: 'unavailable',
  1011: 'queued',
  1020: 'told-to-wait',
  2000: 'refused',
  2010: 'refused',
  2011: 'refused',
  2020: 'refused',
}

/** An exception in the place of a report; those about months are as good as an empty one. */
function ofException(
  code: number,
  asked: readonly Month[],
  at: number,
  wait: { readonly waitMs?: number | undefined },
): Outcome {
  if (code === 3030 || code === 3031 || code === 3032) {
    return ofReport({ counts: new Map(), codes: [code], hasTextNumbers: false }, asked, at)
  }
  return nothing(stateOfCode[code] ?? 'unusable', wordsOf(code), wait)
}

/** A server's own words may repeat the question: only those of the table are told. */
function wordsOf(code: number): string {
  const known = Object.entries(exceptionFacts).find(([each]) => Number(each) === code)
  return known === undefined ? `exception ${code}` : `${code} ${known[1].message}`
}

function ofReport(usage: ReportedUsage, asked: readonly Month[], at: number): Outcome {
  const statusOf = statusesOf(usage)
  const months = new Map(
    asked.map((month) => {
      const status = statusOf(month)
      const counts = status === 'had' || status === 'partial' ? countsOf(usage, month) : {}
      return [month, { status, counts, at }] as const
    }),
  )
  const isWhole = [...months.values()].every(({ status }) => status === 'had' || status === 'gone')
  const told = usage.codes.filter((code) => code >= 3000).map(wordsOf)
  return {
    state: isWhole ? 'done' : 'incomplete',
    ...(told.length > 0 && { detail: told.join('; ') }),
    remarks: [
      ...(usage.hasTextNumbers ? (['numbers-as-text'] as const) : []),
      ...(contradictionsIn(usage.counts).length > 0 ? (['contradictory'] as const) : []),
    ],
    months,
  }
}

/**
 * Exceptions name no months, so that these are found from what is there: not ready are months behind
 * the last with use, gone those before the first; and whatever the header leaves out.
 */
function statusesOf({
  counts,
  codes,
  from,
  to,
}: ReportedUsage): (month: Month) => ReportedMonth['status'] {
  const used = [...counts.values()].flatMap((months) => [...months.keys()]).toSorted()
  const [first, last] = [used[0], used.at(-1)]
  const isLate = codes.includes(3031)
  const isEarly = codes.includes(3032)
  const whole = codes.includes(3040) ? 'partial' : 'had'
  return (month) => {
    if (to !== undefined && to < month) return 'not-ready'
    if (from !== undefined && month < from) return 'gone'
    if (isEarly && (first === undefined ? !isLate : month < first)) return 'gone'
    if (isLate && (last === undefined || last < month)) return 'not-ready'
    return whole
  }
}

function countsOf({ counts }: ReportedUsage, month: Month): Readonly<Record<string, number>> {
  const found = [...counts].map(([metric, months]) => [metric, months.get(month) ?? 0] as const)
  return Object.fromEntries(found.filter(([, count]) => count > 0))
}

/** How long to leave a publisher in peace; `failures` counts those in a row, this one included. */
export function pauseMs({ state, waitMs }: Outcome, failures: number): number {
  const bounds = limits.sushi
  switch (state) {
    case 'queued':
      return failures > 24 ? bounds.againMs : bounds.queuedMs
    case 'told-to-wait':
      return within(waitMs ?? bounds.queuedMs)
    case 'refused':
      return bounds.refusedMs
    case 'unavailable':
      return waitMs === undefined
        ? Math.min(bounds.backOffMs * 2 ** Math.min(failures - 1, 10), bounds.againMs)
        : within(waitMs)
    case 'done':
    case 'incomplete':
    case 'unusable':
    case 'no-secret':
      return bounds.againMs
  }
}

function within(waitMs: number): number {
  return Math.min(Math.max(waitMs, limits.sushi.waitLeastMs), limits.sushi.waitMostMs)
}
