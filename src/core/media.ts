/**
 * In what form something is read, by its media type, and by its file name where the type says nothing.
 * @module
 */
import { rememberLately } from './lately.ts'
import type { UseFormat } from './use.ts'

const byType: Readonly<Record<string, UseFormat>> = {
  'application/epub+zip': 'epub',
  'application/msword': 'document',
  'application/pdf': 'pdf',
  'application/postscript': 'document',
  'application/rtf': 'document',
  'application/vnd.amazon.ebook': 'document',
  'application/vnd.ms-excel': 'data',
  'application/vnd.ms-powerpoint': 'document',
  'application/vnd.oasis.opendocument.spreadsheet': 'data',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'data',
  'application/x-fictionbook+xml': 'document',
  'application/x-mobipocket-ebook': 'document',
  'application/x-pdf': 'pdf',
  'application/xhtml+xml': 'html',
  'image/vnd.djvu': 'document',
  'image/x-djvu': 'document',
  'image/x.djvu': 'document',
  'text/csv': 'data',
  'text/html': 'html',
  'text/rtf': 'document',
  'text/tab-separated-values': 'data',
}

/** Families whose other members are all alike. */
const byFamily: readonly (readonly [RegExp, UseFormat])[] = [
  [/^application\/vnd\.(?:openxmlformats-officedocument|oasis\.opendocument)\./, 'document'],
  // Of a stream, which is one video in a thousand pieces.
  [/^video\/(?:mp2t|iso\.segment)$|^audio\/(?:x-)?mpegurl$/, 'other'],
  [/^video\//, 'video'],
  [/^audio\//, 'audio'],
  [/^image\//, 'image'],
]

const byExtension: Readonly<Record<string, UseFormat>> = {
  azw3: 'document',
  csv: 'data',
  djvu: 'document',
  doc: 'document',
  docx: 'document',
  epub: 'epub',
  fb2: 'document',
  htm: 'html',
  html: 'html',
  mobi: 'document',
  mp3: 'audio',
  mp4: 'video',
  odt: 'document',
  pdf: 'pdf',
  ppt: 'document',
  pptx: 'document',
  rtf: 'document',
  webm: 'video',
  xls: 'data',
  xlsx: 'data',
  xhtml: 'html',
}

/** Types that say nothing of what is in the body; the second is that of several ranges at once. */
const untold =
  /^$|^multipart\/byteranges$|^(?:application|binary)\/(?:octet-stream|force-download|x-(?:force-)?download|download|save|unknown|x-octet-stream)$/

/** Of a header longer than this the rest is not looked at: a file name fits. */
const dispositionChars = 500

/**
 * The form of an answer.
 *
 * @param path Without its query; its ending counts where type and disposition say nothing.
 */
export function formatOf(contentType: string, disposition: string, path: string): UseFormat {
  return formatOfType(contentType) ?? formatOfName(disposition, path) ?? 'other'
}

/** Undefined where the type says nothing. Publishers have few types, and each answer has one. */
const formatOfType = rememberLately<UseFormat | undefined>(
  { entries: 500, chars: 100 },
  (contentType) => {
    const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
    if (untold.test(type)) return undefined
    if (Object.hasOwn(byType, type)) return byType[type]
    return byFamily.find(([pattern]) => pattern.test(type))?.[1] ?? 'other'
  },
)

function formatOfName(disposition: string, path: string): UseFormat | undefined {
  const named = /filename\*?[ \t]*=[^;]*\.(\w{2,5})"?[ \t]*(?:;|$)/i.exec(
    disposition.slice(0, dispositionChars),
  )?.[1]
  const extension = named ?? /\.(\w{2,5})$/.exec(path.slice(-6))?.[1] ?? ''
  const lower = extension.toLowerCase()
  return Object.hasOwn(byExtension, lower) ? byExtension[lower] : undefined
}
