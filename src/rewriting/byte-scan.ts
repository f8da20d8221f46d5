/**
 * Scans a body whose characters are its bytes, window by window. Short texts that are soon forgotten
 * cost a fraction of one long text: they stay where the garbage collector need not look.
 * @module
 */
import { limits } from '../core/limits.ts'
import { contextChars, type Edit, type Scanner } from './scanner.ts'

/** How far windows that are looked at by themselves overlap: twice the longest address looked for. */
const overlapChars = 2048

/** Whether one of the stretches of a body, each as text, answers yes. */
export function someWindow(bytes: Buffer, test: (text: string) => boolean): boolean {
  const { sliceBytes } = limits.rewriting
  for (let from = 0; from < bytes.length; from += sliceBytes) {
    const text = bytes.toString('latin1', Math.max(0, from - overlapChars), from + sliceBytes)
    if (test(text)) return true
  }
  return false
}

/** Edits of a whole body, in places of its bytes. */
export function editsOfBytes(bytes: Buffer, scanner: Scanner): Edit[] {
  const edits: Edit[] = []
  let decided = 0
  for (let end = 0; end < bytes.length;) {
    end = Math.min(end + limits.rewriting.sliceBytes, bytes.length)
    const base = Math.max(0, decided - contextChars)
    const text = bytes.toString('latin1', base, end)
    const found: Edit[] = []
    const isLast = end === bytes.length
    const window = { text, from: decided - base, end: text.length, isLast, base }
    decided = base + scanner.scan(window, found)
    for (const edit of found) edits.push(moved(edit, base))
  }
  return edits
}

function moved({ start, end, text }: Edit, base: number): Edit {
  return { start: start + base, end: end + base, text }
}
