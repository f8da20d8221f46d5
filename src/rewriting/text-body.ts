/**
 * One body from its first byte to its last: finds out its charset and kind, then scans it.
 * @module
 */
import type { Replacer } from '../core/text-replacer.ts'
import { createAddressMapper, type AddressMapper } from './address.ts'
import { editsOfBytes, someWindow } from './byte-scan.ts'
import {
  byteOrderMark,
  charsetOfDocument,
  charsetOfStyle,
  charsetOfType,
  createTextCodec,
  type TextCodec,
} from './charset.ts'
import type { CitationReader } from './citation.ts'
import { mapPolicy } from './csp.ts'
import { createStyleScanner } from './css.ts'
import { createScriptScanner } from './javascript.ts'
import { createJsonScanner } from './json.ts'
import { kindOfContent } from './kinds.ts'
import { createLineScanner } from './lines.ts'
import { createMarkupScanner } from './markup.ts'
import { isLookedAhead, mayNameHost } from './prescan.ts'
import { createBodyReplacer, guardKept } from './replace.ts'
import {
  applyEdits,
  createTextTransform,
  editsOf,
  type Edit,
  type Scanner,
  type TextTransform,
} from './scanner.ts'
import type { BodyKind, BodyTransform, PageFacts } from './transform.ts'
import { openedBy } from './worker-script.ts'

/** What is known of a body when it begins. */
export interface TextBodyOptions {
  readonly kind: BodyKind
  readonly page: PageFacts
  readonly contentType: string
  /** What reads the page's citation, where one was asked for. */
  readonly citation?: CitationReader | undefined
}

/** Bytes in which a document names its charset (HTML Standard, 13.2.3.2) and shows its kind. */
const prescanBytes = 1024
const nothing = new Uint8Array(0)

/** A scanner that changes nothing. */
const untouched: Scanner = { scan: ({ end }) => end }

/** Rewrites a decoded body. */
export function createBodyTransform(options: TextBodyOptions): BodyTransform {
  let opening: Buffer | undefined = Buffer.alloc(0)
  let body: StreamedText | undefined

  function open(bytes: Buffer, isLast: boolean): Uint8Array {
    const found = openBody(bytes, isLast, options)
    if (found === undefined) return nothing
    opening = undefined
    const { codec, scanner, replacer } = found
    body = { codec, replacer, text: createTextTransform(scanner) }
    const mark = bytes.subarray(0, found.markBytes)
    return Buffer.concat([mark, rewrite(body, bytes.subarray(found.markBytes))])
  }

  return {
    write(chunk) {
      if (body !== undefined) return rewrite(body, chunk)
      opening = Buffer.concat([opening ?? nothing, chunk])
      return open(opening, false)
    },
    end() {
      const first = opening === undefined ? nothing : open(opening, true)
      if (body === undefined) return first
      const { codec, replacer, text } = body
      const last = replacer === undefined ? '' : text.write(replacer.end())
      return Buffer.concat([first, codec.encode(last + text.end()), codec.rest()])
    },
  }
}

/** Makes room for so many bytes. */
export type RoomMaker = (bytes: number) => Buffer

/**
 * Rewrites a decoded body that is there as a whole; undefined when nothing has to change.
 *
 * @param roomFor Makes the room that the result stands in.
 */
export function rewriteText(
  bytes: Buffer,
  options: TextBodyOptions,
  roomFor: RoomMaker = Buffer.allocUnsafe,
): Buffer | undefined {
  const found = openBody(bytes, true, options)
  if (found === undefined) return undefined
  const { mapsBareHosts = false, workerOpening } = options.page
  const isAsked = mapsBareHosts || workerOpening !== undefined
  const { codec, markBytes, replacer } = found
  if (!codec.isBytewise || replacer !== undefined) return rewriteDecoded(bytes, found, isAsked)
  const body = bytes.subarray(markBytes)
  const mayName = (text: string) => mayNameHost(found.shown, text, found.mapper)
  const isSure = isAsked || !isLookedAhead(found.shown)
  if (!isSure && !someWindow(body, mayName)) return undefined
  const edits = editsOfBytes(body, found.scanner)
  return edits.length === 0 ? undefined : spliceBytes(bytes, edits, markBytes, roomFor)
}

function rewriteDecoded(
  bytes: Buffer,
  { codec, mapper, markBytes, replacer, scanner, shown }: OpenBody,
  isAsked: boolean,
): Buffer | undefined {
  const source = codec.decode(bytes.subarray(markBytes))
  const text = replacer === undefined ? source : replacer.write(source) + replacer.end()
  const isReplaced = text !== source
  if (!isReplaced && !isAsked && !mayNameHost(shown, text, mapper)) return undefined
  const edits = editsOf(scanner, text)
  if (edits.length === 0 && !isReplaced) return undefined
  if (codec.isBytewise && !isReplaced) return spliceBytes(bytes, edits, markBytes)
  const mark = bytes.subarray(0, markBytes)
  return Buffer.concat([mark, codec.encode(applyEdits(text, edits)), codec.rest()])
}

/** The bytes with edits applied whose places are those of bytes behind the mark. */
function spliceBytes(
  bytes: Buffer,
  edits: readonly Edit[],
  markBytes: number,
  roomFor: RoomMaker = Buffer.allocUnsafe,
): Buffer {
  const grown = edits.reduce((sum, { start, end, text }) => sum + text.length + start - end, 0)
  const result = roomFor(bytes.length + grown)
  let from = 0
  let to = 0
  for (const { start, end, text } of edits) {
    to += bytes.copy(result, to, from, start + markBytes)
    to += result.write(text, to, 'latin1')
    from = end + markBytes
  }
  bytes.copy(result, to, from)
  return result
}

interface StreamedText {
  readonly codec: TextCodec
  readonly replacer: Replacer | undefined
  readonly text: TextTransform
}

function rewrite({ codec, replacer, text }: StreamedText, chunk: Uint8Array): Uint8Array {
  const source = codec.decode(chunk)
  return codec.encode(text.write(replacer === undefined ? source : replacer.write(source)))
}

/** A body whose first bytes have said what it is. */
interface OpenBody {
  readonly codec: TextCodec
  readonly mapper: AddressMapper
  readonly scanner: Scanner
  readonly shown: BodyKind | undefined
  /** What the resource's rule replaces by hand, before anything is scanned. */
  readonly replacer: Replacer | undefined
  /** Length of a byte order mark. */
  readonly markBytes: number
}

/** Decides by the first bytes; undefined when more must be seen. */
function openBody(
  bytes: Buffer,
  isLast: boolean,
  { kind, page, contentType, citation }: TextBodyOptions,
): OpenBody | undefined {
  const isEnough = isLast || bytes.length >= prescanBytes
  if (!isEnough && mayBeMark(bytes)) return undefined
  const mark = byteOrderMark(bytes)
  const start = startOf(bytes, mark)
  const declared = mark?.label ?? charsetOfType(contentType)
  const label = declared ?? charsetNamedBy(kind, start)
  const isPrescanned =
    !namesCharset(kind, start) || label !== undefined || /<(?:\/head|body)[ >]/i.test(start)
  if (!isEnough && !(isPrescanned && isKindShown(kind, start))) return undefined

  const codec = createTextCodec(label)
  const mapper = createAddressMapper(page, (source) => codec.toUnicode(source))
  const shown = shownKind(kind, start)
  const replacer = createBodyReplacer(page, shown, codec)
  citation?.begin((source) => codec.toUnicode(source))
  const scanner = guardKept(createScanner(shown, page, mapper, citation), replacer)
  return { codec, mapper, scanner, shown, replacer, markBytes: mark?.length ?? 0 }
}

/** Whether these few bytes may become a byte order mark. */
function mayBeMark(bytes: Buffer): boolean {
  if (bytes.length === 0) return true
  const first = bytes[0] ?? 0
  return (first === 0xef && bytes.length < 3) || (first >= 0xfe && bytes.length < 2)
}

function startOf(bytes: Buffer, mark: ReturnType<typeof byteOrderMark>): string {
  const start = bytes.subarray(mark?.length ?? 0, prescanBytes)
  if (mark === undefined || mark.label === 'utf-8') return start.toString('latin1')
  return createTextCodec(mark.label).decode(Buffer.from(start))
}

function isDocument(kind: BodyKind): boolean {
  return /^(?:html|xhtml|xml|unlabelled)$/.test(kind)
}

/** Whether a body that begins so may go on to name its charset. */
function namesCharset(kind: BodyKind, start: string): boolean {
  if (kind !== 'css') return isDocument(kind)
  const sign = '@charset "'
  return start.startsWith(sign) ? !start.includes(';') : sign.startsWith(start)
}

function charsetNamedBy(kind: BodyKind, start: string): string | undefined {
  if (kind === 'css') return charsetOfStyle(start)
  return isDocument(kind) ? charsetOfDocument(start) : undefined
}

/** Whether enough is there to see what a doubtful body is: two characters that are no blanks. */
function isKindShown(kind: BodyKind, start: string): boolean {
  if (!/^(?:html|unlabelled|plain)$/.test(kind)) return true
  const text = start.trimStart()
  return /^[^<[{)]/.test(text) || /^<[^!]{5}|^<!.{8}|^[[{]\s*[^\s]/s.test(text)
}

/** The kind as the content shows it, where the label leaves it open. */
function shownKind(kind: BodyKind, start: string): BodyKind | undefined {
  if (kind === 'unlabelled') return kindOfContent(start)
  const isJson = /^(?:html|plain)$/.test(kind) && kindOfContent(start) === 'json'
  if (isJson) return 'json'
  return kind === 'plain' ? undefined : kind
}

function createScanner(
  kind: BodyKind | undefined,
  page: PageFacts,
  mapper: AddressMapper,
  citation: CitationReader | undefined,
): Scanner {
  const mapsBareHosts = page.mapsBareHosts ?? false
  if (kind === 'html' || kind === 'xhtml' || kind === 'xml') {
    const { headMarkup, hasShim, asksWithCredentials = false } = page
    const markup = { mapper, dialect: kind, mapsBareHosts, asksWithCredentials }
    return createMarkupScanner({
      ...markup,
      headMarkup,
      ...(kind !== 'xml' && { citation }),
      ...(hasShim !== undefined && { mapPolicy: (policy) => mapPolicy(policy, page) }),
    })
  }
  if (kind === 'css') return createStyleScanner(mapper)
  if (kind === 'javascript') {
    const scanner = createScriptScanner({ mapper, mapsBareHosts })
    return page.workerOpening === undefined ? scanner : openedBy(page.workerOpening, scanner)
  }
  if (kind === 'json') return createJsonScanner(mapper)
  if (kind === 'event-stream' || kind === 'flight' || kind === 'lines') {
    return createLineScanner(mapper, kind)
  }
  return untouched
}
