/**
 * Windows-1251, as Russian-language sites of some age still send it.
 * @module
 */
import { Buffer } from 'node:buffer'

/** The encoder that Node lacks, from the decoder that it has: bytes 128 to 255 turned round. */
const bytes = new Map(
  Array.from({ length: 128 }, (_, index) => {
    const byte = index + 128
    return [new TextDecoder('windows-1251').decode(Uint8Array.of(byte)), byte] as const
  }),
)

/** HTML in windows-1251; letters that it lacks, such as Ң, Ө and Ү, as character references. */
export function windows1251(html: string): Buffer {
  const chunks = Array.from(html, (letter) => {
    const code = letter.codePointAt(0) ?? 0
    if (code < 128) return Buffer.of(code)
    const byte = bytes.get(letter)
    return byte === undefined ? Buffer.from(`&#${code};`) : Buffer.of(byte)
  })
  return Buffer.concat(chunks)
}
