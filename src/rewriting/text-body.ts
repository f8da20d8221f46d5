/**
 * One body from its first byte to its last: finds out its charset and kind, then scans it.
 * @module
 */
import { limits } from '../core/limits.ts'
import { createAddressMapper, type AddressMapper } from './address.ts'
import {
  byteOrderMark,
  charsetOfDocument,
  charsetOfType,
  createTextCodec,
  type TextCodec,
} from './charset.ts'
import { createStyleScanner } from './css.ts'
import { createScriptScanner } from './javascript.ts'
import { createJsonScanner } from './json.ts'
import { kindOfContent } from './kinds.ts'
import { createLineScanner } from './lines.ts'
import { createMarkupScanner } from './markup.ts'
import { mayNameHost } from './prescan.ts'
import {
  applyEdits,
  createTextTransform,
  editsOf,
  type Edit,
  type Scanner,
  type TextTransform,
} from './scanner.ts'
import type { BodyKind, BodyTransform, PageFacts } from './transform.ts'

/** What is known of a body when it begins. */
export interface TextBodyOptions {
  readonly kind: BodyKind
  readonly page: PageFacts
  readonly contentType: string
}

/** Bytes in which a document names its charset (HTML Standard, 13.2.3.2) and shows its kind. */
const prescanBytes = 1024
const nothing = new Uint8Array(0)

/** A scanner that changes nothing. */
const untouched: Scanner = { scan: ({ end }) => end }

/** Rewrites a decoded body. */
export function createBodyTransform(options: TextBodyOptions): BodyTransform {
  let opening: Buffer | undefined = Buffer.alloc(0)
  let body: { codec: TextCodec; text: TextTransform } | undefined

  function open(bytes: Buffer, isLast: boolean): Uint8Array {
    const found = openBody(bytes, isLast, options)
    if (found === undefined) return nothing
    opening = undefined
    body = { codec: found.codec, text: createTextTransform(found.scanner) }
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
      const { codec, text } = body
      return Buffer.concat([first, codec.encode(text.end()), codec.rest()])
    },
  }
}

/** Rewrites a decoded body that is there as a whole; undefined when nothing has to change. */
export function rewriteText(bytes: Buffer, options: TextBodyOptions): Buffer | undefined {
  const opened = openText(bytes, options)
  return opened && withEdits(opened, editsOf(opened.scanner, opened.text))
}

/** The same in slices of a bounded time, with a pause behind each in which others have their turn. */
export async function rewriteTextInSlices(
  bytes: Buffer,
  options: TextBodyOptions,
  pause: () => Promise<void>,
): Promise<Buffer | undefined> {
  const opened = openText(bytes, options)
  if (opened === undefined) return undefined
  const { scanner, text } = opened
  const edits: Edit[] = []
  let from = 0
  for (let end = 0; end < text.length;) {
    end = Math.min(end + limits.rewriting.sliceBytes, text.length)
    const isLast = end === text.length
    from = scanner.scan({ text, from, end, isLast, base: 0 }, edits)
    await pause()
  }
  return withEdits(opened, edits)
}

interface OpenText extends OpenBody {
  readonly bytes: Buffer
  readonly text: string
}

/** The text of a body; undefined when a look ahead says that nothing has to change. */
function openText(bytes: Buffer, options: TextBodyOptions): OpenText | undefined {
  const found = openBody(bytes, true, options)
  if (found === undefined) return undefined
  const text = found.codec.decode(bytes.subarray(found.markBytes))
  const mapsBareHosts = options.page.mapsBareHosts ?? false
  if (!mapsBareHosts && !mayNameHost(found.shown, text, found.mapper)) return undefined
  return { ...found, bytes, text }
}

function withEdits({ bytes, codec, markBytes, text }: OpenText, edits: Edit[]): Buffer | undefined {
  if (edits.length === 0) return undefined
  if (codec.isBytewise) return spliceBytes(bytes, edits, markBytes)
  const mark = bytes.subarray(0, markBytes)
  return Buffer.concat([mark, codec.encode(applyEdits(text, edits)), codec.rest()])
}

/** The bytes with edits applied whose places are those of bytes behind the mark. */
function spliceBytes(bytes: Buffer, edits: readonly Edit[], markBytes: number): Buffer {
  const grown = edits.reduce((sum, { start, end, text }) => sum + text.length + start - end, 0)
  const result = Buffer.allocUnsafe(bytes.length + grown)
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

function rewrite(body: { codec: TextCodec; text: TextTransform }, chunk: Uint8Array): Uint8Array {
  return body.codec.encode(body.text.write(body.codec.decode(chunk)))
}

/** A body whose first bytes have said what it is. */
interface OpenBody {
  readonly codec: TextCodec
  readonly mapper: AddressMapper
  readonly scanner: Scanner
  readonly shown: BodyKind | undefined
  /** Length of a byte order mark. */
  readonly markBytes: number
}

/** Decides by the first bytes; undefined when more must be seen. */
function openBody(
  bytes: Buffer,
  isLast: boolean,
  { kind, page, contentType }: TextBodyOptions,
): OpenBody | undefined {
  const isEnough = isLast || bytes.length >= prescanBytes
  if (!isEnough && mayBeMark(bytes)) return undefined
  const mark = byteOrderMark(bytes)
  const start = startOf(bytes, mark)
  const declared = mark?.label ?? charsetOfType(contentType)
  const label = declared ?? (isDocument(kind) ? charsetOfDocument(start) : undefined)
  const isPrescanned =
    !isDocument(kind) || label !== undefined || /<(?:\/head|body)[ >]/i.test(start)
  if (!isEnough && !(isPrescanned && isKindShown(kind, start))) return undefined

  const codec = createTextCodec(label)
  const mapper = createAddressMapper(page, (source) => codec.toUnicode(source))
  const shown = shownKind(kind, start)
  const scanner = createScanner(shown, page, mapper)
  return { codec, mapper, scanner, shown, markBytes: mark?.length ?? 0 }
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
): Scanner {
  const mapsBareHosts = page.mapsBareHosts ?? false
  if (kind === 'html' || kind === 'xhtml' || kind === 'xml') {
    const { headMarkup, mapPolicy } = page
    return createMarkupScanner({ mapper, dialect: kind, mapsBareHosts, headMarkup, mapPolicy })
  }
  if (kind === 'css') return createStyleScanner(mapper)
  if (kind === 'javascript') return createScriptScanner({ mapper, mapsBareHosts })
  if (kind === 'json') return createJsonScanner(mapper)
  if (kind === 'event-stream' || kind === 'flight' || kind === 'lines') {
    return createLineScanner(mapper, kind)
  }
  return untouched
}
