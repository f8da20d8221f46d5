/**
 * The machine that every language shares: a scanner decides, window by window, which stretches of a
 * text are to be replaced; everything else goes out as it came in.
 *
 * A scanner sees some text behind it that is already decided and may leave the rest of the window
 * undecided until more arrives. What it decides depends on the text alone, never on where the
 * window was cut: that is what makes any chunk boundary give the same output.
 * @module
 */

/** Replaces `[start, end)` of a text. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The stretch `[from, end)` of `text` to be decided; what stands before `from` is context. */
export interface Window {
  readonly text: string
  readonly from: number
  readonly end: number
  /** Whether `end` is the end of what is scanned, or more may follow. */
  readonly isLast: boolean
  /** Position of `text[0]` in the whole, so that a scanner can remember places. */
  readonly base: number
}

/** Scans one language. */
export interface Scanner {
  /**
   * Pushes edits in order and gives the index up to which the window is decided: its end when
   * `isLast`, otherwise at most a bounded stretch before it.
   */
  scan(window: Window, edits: Edit[]): number
}

/** Text in, text out; the same promises as a body transform. */
export interface TextTransform {
  write(text: string): string
  end(): string
}

/** Characters behind the undecided text that scanners may look back on. */
export const contextChars = 1024

/** Pending text shorter than this is scanned again with every chunk. */
const eagerChars = 2048

/** The text with its edits applied, from `from` to `end`. */
export function applyEdits(
  text: string,
  edits: readonly Edit[],
  from = 0,
  end = text.length,
): string {
  if (edits.length === 0) return text.slice(from, end)
  const pieces: string[] = []
  let at = from
  for (const edit of edits) {
    pieces.push(text.slice(at, edit.start), edit.text)
    at = edit.end
  }
  pieces.push(text.slice(at, end))
  return pieces.join('')
}

/** The edits of a text that is there as a whole. */
export function editsOf(scanner: Scanner, text: string): Edit[] {
  const edits: Edit[] = []
  scanner.scan({ text, from: 0, end: text.length, isLast: true, base: 0 }, edits)
  return edits
}

/** Runs a scanner over a text that arrives in pieces. */
export function createTextTransform(scanner: Scanner): TextTransform {
  let text = ''
  let decided = 0
  let base = 0
  let arrived: string[] = []
  let arrivedChars = 0

  function scan(isLast: boolean): string {
    // Joined rather than added: engines search a sum of strings ten times as slowly.
    text = [text, ...arrived].join('')
    arrived = []
    arrivedChars = 0
    const edits: Edit[] = []
    const scanned = scanner.scan({ text, from: decided, end: text.length, isLast, base }, edits)
    const end = isLast ? text.length : scanned
    const output = applyEdits(text, edits, decided, end)
    const cut = Math.max(0, end - contextChars)
    text = text.slice(cut)
    base += cut
    decided = end - cut
    return output
  }

  return {
    write(chunk) {
      arrived.push(chunk)
      arrivedChars += chunk.length
      // An undecided token is not looked at again for every byte that comes: only when it has grown
      // by an eighth, so that the work stays in proportion to the text however it is cut.
      const pendingChars = text.length + arrivedChars - decided
      if (pendingChars > eagerChars && arrivedChars * 8 < pendingChars) return ''
      return scan(false)
    },
    end: () => scan(true),
  }
}
