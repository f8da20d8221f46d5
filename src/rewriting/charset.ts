/**
 * Charsets: bytes to text that scanners read and back to the very same bytes.
 *
 * Almost every charset keeps ASCII where it is, so that a character of the text is a byte and the
 * charset matters only for a host in its own alphabet. Two families need more: the East Asian ones
 * whose second byte may look like a quote or a backslash are read in pairs, and UTF-16 in units.
 *
 * Source: Encoding Standard (labels, lead and trail bytes); order of precedence: byte order mark,
 * HTTP, meta prescan of 1024 bytes, XML declaration (HTML Standard, 13.2.3.2).
 * @module
 */
import { parseAttributes } from './tag.ts'

/** A text as scanned and its bytes. */
export interface TextCodec {
  /** Whether each character of the text is one byte, at the same place. */
  readonly isBytewise: boolean
  /** Bytes that are half of a character are kept for the next call. */
  decode(bytes: Uint8Array): string
  encode(text: string): Uint8Array
  /** What is left of a character cut off by the end. */
  rest(): Uint8Array
  /** A stretch of the text in Unicode, for reading host names. */
  toUnicode(text: string): string
}

const nothing = new Uint8Array(0)

/** Charsets with second bytes in ASCII, by the lead bytes that pair. */
const pairedLeads: Readonly<Record<string, RegExp>> = {
  big5: /[\u0081-\u00fe]/,
  gb18030: /[\u0081-\u00fe]/,
  gbk: /[\u0081-\u00fe]/,
  shift_jis: /[\u0081-\u009f\u00e0-\u00fc]/,
}

/** A codec for a charset label; UTF-8 when there is none or it is not known. */
export function createTextCodec(label: string | undefined): TextCodec {
  const decoder = decoderOf(label)
  const encoding = decoder === utf8 ? 'utf-8' : decoder.encoding
  if (encoding === 'utf-16le') return createUnitCodec('little')
  if (encoding === 'utf-16be') return createUnitCodec('big')
  const leads = pairedLeads[encoding]
  const toUnicode = (text: string): string => {
    if (!/[\u0080-\uffff]/.test(text)) return text
    if (leads !== undefined || !/[\u0100-\uffff]/.test(text))
      return decoder.decode(encodePairs(text))
    // Character references have put other characters in: only the rest is bytes.
    return text.replace(/[\u0080-\u00ff]+/g, (bytes) => decoder.decode(encodePairs(bytes)))
  }
  return leads === undefined ? createByteCodec(toUnicode) : createPairCodec(leads, toUnicode)
}

/** Decoders hold nothing between calls, and each costs as much as scanning a kilobyte. */
const utf8 = new TextDecoder()

function decoderOf(label: string | undefined) {
  if (label === undefined || /^utf-?8$/i.test(label)) return utf8
  return new TextDecoder(isKnownLabel(label) ? label : undefined)
}

function isKnownLabel(label: string | undefined): boolean {
  try {
    return label !== undefined && new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function createByteCodec(toUnicode: (text: string) => string): TextCodec {
  return {
    isBytewise: true,
    decode: (bytes) => asBuffer(bytes).toString('latin1'),
    encode: (text) => Buffer.from(text, 'latin1'),
    rest: () => nothing,
    toUnicode,
  }
}

function createPairCodec(leads: RegExp, toUnicode: (text: string) => string): TextCodec {
  const lead = leads.source
  // A second byte below 0x40 belongs to no pair: a quote behind a stray lead byte stays a quote.
  const pairs = new RegExp(`(${lead})([\\u0040-\\u00fe])|${lead}$`, 'g')
  let cut = ''
  return {
    isBytewise: false,
    decode(bytes) {
      const text = cut + asBuffer(bytes).toString('latin1')
      cut = ''
      return text.replace(pairs, (whole: string, first?: string, second?: string) => {
        if (first !== undefined && second !== undefined) return pairOf(first, second)
        cut = whole
        return ''
      })
    },
    encode: encodePairs,
    rest: () => Buffer.from(cut, 'latin1'),
    toUnicode,
  }
}

function pairOf(first: string, second: string): string {
  return String.fromCharCode(first.charCodeAt(0) * 256 + second.charCodeAt(0))
}

function encodePairs(text: string): Uint8Array {
  const bytes = text.replace(/[\u0100-\uffff]/g, (pair) => {
    const code = pair.charCodeAt(0)
    return String.fromCharCode(code >> 8, code & 255)
  })
  return Buffer.from(bytes, 'latin1')
}

function createUnitCodec(order: 'big' | 'little'): TextCodec {
  let cut: Buffer = Buffer.alloc(0)
  return {
    isBytewise: false,
    decode(bytes) {
      const all = Buffer.concat([cut, bytes])
      const whole = all.length & ~1
      cut = all.subarray(whole)
      const units = all.subarray(0, whole)
      return (order === 'big' ? units.swap16() : units).toString('utf16le')
    },
    encode(text) {
      const units = Buffer.from(text, 'utf16le')
      return order === 'big' ? units.swap16() : units
    },
    rest: () => cut,
    toUnicode: (text) => text,
  }
}

/** A byte order mark at the start of a body: the charset it names and its bytes. */
export function byteOrderMark(
  bytes: Uint8Array,
): { readonly label: string; readonly length: number } | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return { label: 'utf-8', length: 3 }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { label: 'utf-16be', length: 2 }
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { label: 'utf-16le', length: 2 }
  return undefined
}

/** The charset parameter of a Content-Type; undefined for a label that is not known. */
export function charsetOfType(contentType: string): string | undefined {
  const label = /;[ \t]*charset[ \t]*=[ \t]*["']?([^"'; \t]+)/i.exec(contentType)?.[1]
  return isKnownLabel(label) ? label : undefined
}

/** The charset that the first bytes of a document name for themselves. */
export function charsetOfDocument(start: string): string | undefined {
  const labels = [
    /^[ \t\n\r\f]*<\?xml[^>]*?encoding[ \t]*=[ \t]*["']([\w:.-]+)["']/i.exec(start)?.[1],
    ...charsetsOfMeta(start),
  ]
  const label = labels.find(isKnownLabel)
  // A document that could be read so far is not in UTF-16, whatever it says (prescan, step 15).
  return label !== undefined && /^(?:utf-?16|ucs-?2|unicode)/i.test(label) ? 'utf-8' : label
}

/** What meta elements name, one attribute or two; those in comments do not count. */
function charsetsOfMeta(start: string): (string | undefined)[] {
  const shown = start.replace(/<!--[^]*?(?:-->|$)/g, '')
  return [...shown.matchAll(/<meta(?=[ \t\n\r\f/])[^>]*>/gi)].map(({ 0: tag }) => {
    const attributes = parseAttributes(tag, '<meta'.length, tag.length)
    const valueOf = (wanted: string): string => {
      const found = attributes.find(({ name }) => name === wanted)
      return found === undefined ? '' : tag.slice(found.valueStart, found.valueEnd).trim()
    }
    const charset = valueOf('charset')
    if (charset !== '' || !/^content-type$/i.test(valueOf('http-equiv'))) return charset
    return /charset[ \t\n\r\f]*=[ \t\n\r\f]*["']?[ \t]*([\w:.-]+)/i.exec(valueOf('content'))?.[1]
  })
}

/** The charset that a style sheet names for itself, by its very first bytes (CSS Syntax 3, 3.2). */
export function charsetOfStyle(start: string): string | undefined {
  const label = /^@charset "([^"]{1,40})";/.exec(start)?.[1]
  if (label === undefined || !isKnownLabel(label)) return undefined
  return /^utf-16/i.test(label) ? 'utf-8' : label
}
