/**
 * Which bodies are rewritten, and as what: by their label, then by what asked for them. Documents
 * that name a work (citations, downloads) keep the publisher's own addresses.
 * @module
 */
import type { BodyKind } from './transform.ts'

/** What is known of a body before its first byte; header values are empty when absent. */
export interface BodyFacts {
  readonly status: number
  readonly contentType: string
  readonly contentDisposition: string
  readonly secFetchDest: string
}

/** Media types without parameters; suffixes such as `+json` are looked at below. */
const byType: Readonly<Record<string, BodyKind>> = {
  '': 'unlabelled',
  'application/dash+xml': 'xml',
  'application/ecmascript': 'javascript',
  'application/javascript': 'javascript',
  'application/json': 'json',
  'application/json-seq': 'json',
  'application/jsonl': 'json',
  'application/ndjson': 'json',
  'application/vnd.apple.mpegurl': 'lines',
  'application/x-ecmascript': 'javascript',
  'application/x-javascript': 'javascript',
  'application/x-json': 'json',
  'application/x-mpegurl': 'lines',
  'application/x-ndjson': 'json',
  'application/xhtml+xml': 'xhtml',
  'application/xml': 'xml',
  'audio/mpegurl': 'lines',
  'audio/x-mpegurl': 'lines',
  'image/svg+xml': 'xml',
  'text/css': 'css',
  'text/ecmascript': 'javascript',
  'text/event-stream': 'event-stream',
  'text/html': 'html',
  'text/javascript': 'javascript',
  'text/json': 'json',
  'text/jscript': 'javascript',
  'text/livescript': 'javascript',
  'text/plain': 'plain',
  'text/uri-list': 'lines',
  'text/x-component': 'flight',
  'text/x-ecmascript': 'javascript',
  'text/x-javascript': 'javascript',
  'text/x-json': 'json',
  'text/xml': 'xml',
}

/** Records of works and data, which are read outside the gateway. */
const recordType =
  /^application\/(?:ld|vnd\.citationstyles\.csl|citeproc|rdf|mods|marcxml|marc|mads|tei|vnd\.crossref|vnd\.datacite|jats|x-dtbncx|geo|sparql)[\w.-]*\+(?:json|xml)$|^application\/(?:tei|marcxml|mods)\+?xml$/

/** Markup that scripts put into pages: `text/vnd.turbo-stream.html`, `text/x-handlebars-template`. */
const fragmentType = /^text\/(?:[\w.+-]+[.+]html|(?:[\w.-]*-)?template|x-(?:handlebars|mustache))$/

const scriptDestination = /^(?:script|worker|sharedworker|serviceworker|audioworklet|paintworklet)$/
const untouchedDestination = /^(?:audio|font|track|video|webidentity|report)$/
const documentDestination = /^(?:document|embed|fencedframe|frame|iframe|object)$/

/** The kind of a body; undefined when it goes through untouched. */
export function bodyKindOf(facts: BodyFacts): BodyKind | undefined {
  const { status, contentType, contentDisposition, secFetchDest } = facts
  if (status < 200 || status === 204 || status === 304) return undefined
  const isScript = scriptDestination.test(secFetchDest)
  const isDownload = /^[ \t]*attachment/i.test(contentDisposition)
  // A script reads its answer whatever the disposition says; a reader saves it.
  if (isDownload && !isScript && !/^(?:empty|style)$/.test(secFetchDest)) return undefined

  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  if (isScript && !/json|wasm|^image\//.test(type)) return 'javascript'
  if (secFetchDest === 'style' && !/json|javascript|^image\//.test(type)) return 'css'
  if (untouchedDestination.test(secFetchDest) && !type.includes('mpegurl')) {
    return type === 'application/dash+xml' ? 'xml' : undefined
  }
  return kindOfType(type)
}

function kindOfType(type: string): BodyKind | undefined {
  if (Object.hasOwn(byType, type)) return byType[type]
  if (recordType.test(type)) return undefined
  if (fragmentType.test(type)) return 'html'
  if (/^text\/javascript1\.[0-5]$/.test(type)) return 'javascript'
  if (type.endsWith('+json')) return 'json'
  return type.endsWith('+xml') ? 'xml' : undefined
}

/** Whether the answer becomes a document of its own, which takes the gateway's head markup. */
export function isDocumentRequest(secFetchDest: string): boolean {
  return secFetchDest === '' || documentDestination.test(secFetchDest)
}

/** The kind that the first characters show; undefined when they show none. */
export function kindOfContent(start: string): BodyKind | undefined {
  const text = start.trimStart()
  if (/^(?:\)\]\}'?,?[ \t\n\r]*)?(?:\{[ \t\n\r]*["}]|\[[ \t\n\r]*["{[\]])/.test(text)) return 'json'
  if (/^<\?xml/i.test(text)) return 'xml'
  return /^<(?:[a-z]|!doctype|!--)/i.test(text) ? 'html' : undefined
}
