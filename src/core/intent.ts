/**
 * What a request was for, as its browser says.
 *
 * Sources: W3C Fetch Metadata Request Headers; Fetch standard, "Sec-Purpose"; `Purpose` and `X-Moz` are
 * what browsers said before it.
 * @module
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/** What becomes of an answer. */
export interface Intent {
  /** The browser's Sec-Fetch-Dest; empty when it does not say. */
  readonly destination: string
  /** Whether it becomes a page of its own in a window. */
  readonly isPage: boolean
}

/** What becomes of the answer; old browsers tell pages from other things by `Accept` alone. */
export function intentOf({ headers }: Pick<IncomingMessage, 'headers'>): Intent {
  const destination = textOf(headers['sec-fetch-dest'])
  return { destination, isPage: isPage(destination, headers) }
}

function isPage(destination: string, headers: IncomingHttpHeaders): boolean {
  if (destination !== '') return destination === 'document'
  const mode = textOf(headers['sec-fetch-mode'])
  if (mode !== '') return mode === 'navigate'
  const isOfScript = headers['x-requested-with'] !== undefined
  return !isOfScript && (headers.accept ?? '').includes('text/html')
}

/** Whether it was asked for ahead of its reader, who may never look. */
export function isPrefetch({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return (
    /\bprefetch\b/i.test(textOf(headers['sec-purpose'])) ||
    /^\s*(?:prefetch|prerender|preview)\s*$/i.test(textOf(headers['purpose'])) ||
    /^\s*prefetch\s*$/i.test(textOf(headers['x-moz']))
  )
}

/** Path and query of a request target, the query without its `?`. */
export function splitTarget(target = '/'): readonly [path: string, query: string] {
  const end = target.indexOf('?')
  return end === -1 ? [target, ''] : [target.slice(0, end), target.slice(end + 1)]
}

/** These headers have one value each; more of them say nothing. */
function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : ''
}
