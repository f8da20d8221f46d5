/**
 * What counts as a full text for fair use.
 * @module
 */
import type { ExchangeEvent } from '../core/events.ts'
import { limits } from '../core/limits.ts'
import { formatOf } from '../core/media.ts'
import type { UseFormat } from '../core/use.ts'

/** Files of these forms are full texts whatever a browser says that it wants them for. */
const fileForms: ReadonlySet<UseFormat> = new Set(['pdf', 'epub', 'document', 'data'])
const archive = /^application\/zip(?:;|$)/i

/**
 * Whether an exchange delivered a full text or a part of one: what usage counts as a request, a file
 * even where the request says that it is for no reader (who asks can say anything), or a download of
 * some size that says no more of itself. Several ranges at once have a type of their own (RFC 9110, 14.6).
 */
export function isFullText({ status, method, contentType, bytes, use }: ExchangeEvent): boolean {
  if ((status !== 200 && status !== 206) || method === 'HEAD' || bytes === 0) return false
  if (use?.kind === 'request') return true
  if (fileForms.has(formatOf(contentType, '', '')) || archive.test(contentType)) return true
  if (status === 206 && /^multipart\/byteranges(?:;|$)/i.test(contentType)) return true
  const isDownload = /^application\/octet-stream(?:;|$)/i.test(contentType)
  return isDownload && bytes >= limits.policy.downloadBytes
}
