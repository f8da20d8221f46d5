/**
 * What a request was for, as its browser says.
 *
 * Sources: W3C Fetch Metadata Request Headers; Fetch standard, "Sec-Purpose"; `Purpose` and `X-Moz` are
 * what browsers said before it.
 * @module
 */
import type { IncomingMessage } from 'node:http'

/** What becomes of the answer; empty when the browser does not say. */
export function destinationOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  return textOf(headers['sec-fetch-dest'])
}

/** Whether the answer becomes a page in a window, and no part of another; old browsers tell by `Accept`. */
export function isPage({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const destination = textOf(headers['sec-fetch-dest'])
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

/** These headers have one value each; more of them say nothing. */
function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : ''
}
