/**
 * Reads a workbook back, for tests: what is in the file, not what its writer was told.
 * @module
 */
import assert from 'node:assert'
import { inflateRawSync } from 'node:zlib'

/** A part of the file by its path; source: PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16. */
function partOf(file: Buffer, path: string): string {
  const end = file.lastIndexOf('PK\u0005\u0006')
  let entry = file.readUInt32LE(end + 16)
  for (let count = file.readUInt16LE(end + 10); count > 0; count--) {
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map((at) =>
      file.readUInt16LE(entry + at),
    ) as [number, number, number]
    const name = file.toString('utf8', entry + 46, entry + 46 + nameLength)
    if (name === path) {
      const local = file.readUInt32LE(entry + 42)
      const begin = local + 30 + file.readUInt16LE(local + 26) + file.readUInt16LE(local + 28)
      const bytes = file.subarray(begin, begin + file.readUInt32LE(entry + 20))
      return (file.readUInt16LE(entry + 10) === 0 ? bytes : inflateRawSync(bytes)).toString()
    }
    entry += 46 + nameLength + extraLength + noteLength
  }
  throw new Error(`no ${path} in the workbook`)
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&apos;': "'",
  '&#39;': "'",
}

function plain(xml: string): string {
  return xml.replaceAll(/&[^;]+;/g, (entity) => entities[entity] ?? entity)
}

/** The name of the first sheet, and its cells by their place, such as `A1`. Formulas are told as such. */
export function workbookCells(file: Buffer): {
  readonly sheet: string
  readonly cells: ReadonlyMap<string, string | number>
} {
  const [, sheet = ''] = /<sheet [^>]*name="([^"]*)"/.exec(partOf(file, 'xl/workbook.xml')) ?? []
  const strings = [...partOf(file, 'xl/sharedStrings.xml').matchAll(/<t[^>]*>([^<]*)<\/t>/g)]
  const cells = new Map<string, string | number>()
  const found = partOf(file, 'xl/worksheets/sheet1.xml').matchAll(/<c r="(\w+)"([^>]*)>(.*?)<\/c>/g)
  for (const [, place = '', kind = '', body = ''] of found) {
    const [, number] = /^<v>([^<]*)<\/v>$/.exec(body) ?? []
    assert(number !== undefined, `${place} is no value: ${body}`)
    const isText = kind.includes('t="s"')
    cells.set(place, isText ? plain(strings[Number(number)]?.[1] ?? '') : Number(number))
  }
  return { sheet: plain(sheet), cells }
}
