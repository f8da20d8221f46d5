/**
 * What the last answer on the way of a link says of it: a pure function of the answer. Where a
 * publisher may only have met a program with suspicion, nobody can tell.
 * @module
 */
import type { LinkProbe, LinkState } from '../core/links.ts'
import { limits } from '../core/limits.ts'
import type { LinkAnswer } from './ask.ts'
import { textOfPage } from './page-text.ts'
import { titleSays } from './title-words.ts'

type Answer = Extract<LinkAnswer, { kind: 'answer' }>

/** What an answer says. */
export interface PageFinding {
  readonly state: LinkState
  readonly detail?: string
  /** How long the publisher wants to be left in peace. */
  readonly waitMs?: number
}

/** What the last answer says, and whether it shows what is expected. */
export function pageFinding(
  answer: Answer,
  { probe, now }: { readonly probe?: LinkProbe | undefined; readonly now: number },
): PageFinding {
  const { status, headers, start } = answer
  const type = String(headers['content-type'] ?? '')
  const isText = type === '' || /^\s*(?:text\/|application\/xhtml\+xml)/i.test(type)
  const { title, text } = isText ? textOfPage(start, type) : { title: '', text: '' }
  const says = titleSays(title)
  if (says === 'wall' || isWall(answer)) return { state: 'blocked', detail: 'a wall for programs' }
  if (status < 200 || status > 299) return statusFinding(answer, now)
  if (start.length === 0) return { state: 'empty', detail: `status ${status} without a page` }
  if (says !== undefined) return { state: titleStates[says], detail: `the title says: ${title}` }
  if (probe === undefined || probe.isIn(text)) return { state: 'works' }
  const kind = isText ? 'the page' : `what came (${type.split(';')[0]})`
  return { state: 'not-entitled', detail: `${kind} lacks what the rule expects` }
}

const titleStates = {
  gone: 'says-gone',
  parked: 'parked',
  lapsed: 'not-entitled',
} as const satisfies Record<string, LinkState>

function statusFinding({ status, headers }: Answer, now: number): PageFinding {
  const detail = `status ${status}`
  const waitMs = status >= 400 ? waitOf(headers['retry-after'], now) : undefined
  const wait = waitMs === undefined ? {} : { waitMs }
  if (status === 404 || status === 410) return { state: 'gone', detail }
  if (status === 429 || status === 503) return { state: 'busy', detail, ...wait }
  // Some answer programs with numbers that are none of HTTP's, such as 999.
  if (status > 599) return { state: 'blocked', detail, ...wait }
  if (status >= 500) return { state: 'failing', detail, ...wait }
  if (status >= 400) return { state: 'blocked', detail, ...wait }
  return { state: 'misleads', detail: `status ${status} that leads nowhere` }
}

/** Headers and scripts of those who keep programs away from publishers. */
function isWall({ headers, start }: Answer): boolean {
  if (headers['cf-mitigated'] !== undefined || headers['x-amzn-waf-action'] !== undefined) {
    return true
  }
  if (start.length > limits.links.wallBytes) return false
  return /_Incapsula_Resource|\/cdn-cgi\/challenge-platform\/|distil_r_captcha|AwsWafIntegration/.test(
    start.toString('latin1'),
  )
}

/** Retry-After in seconds or as a date (RFC 9110 section 10.2.3). */
function waitOf(header: string | string[] | undefined, now: number): number | undefined {
  const text = String(header ?? '').trim()
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = /^[A-Za-z]{3,9},? /.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
