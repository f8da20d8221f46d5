/**
 * Ranges that are as good as the whole internet: nobody's own addresses are half of all there are, and
 * whoever splits "everything" into halves has named everything.
 * @module
 */
import { clientRange, rangeOf, type AddressRange } from './ranges.ts'

/** What nobody means: half of a family, or of the part of it that is in use. */
const spaces = [
  { low: 0n, count: 1n << 32n },
  { low: 1n << 128n, count: 1n << 128n },
  // Every public IPv6 address there is. Source: RFC 4291, section 2.4, and IANA's registry.
  { low: (1n << 128n) | (1n << 125n), count: 1n << 125n },
] as const
type Space = (typeof spaces)[number]

/** One of a list. */
export interface WideRange {
  readonly index: number
  /** Whether it is too wide by itself. */
  readonly isAlone: boolean
}

/** What is said of it. */
export function wideWords(texts: readonly string[], { index, isAlone }: WideRange): string {
  const what = isAlone ? 'is' : 'is with the others of the list'
  return `found "${texts[index]}", which ${what} half of all addresses or more; expected the ranges that are meant`
}

/** Whether a range takes in at least half of all addresses of its family, or of its public ones. */
export function isWholeInternet(text: string): boolean {
  return wideRanges([text]).length > 0
}

/**
 * Those of a list that are as good as the whole internet, by their index: each that is so alone, and
 * where only several together are, the widest of these.
 */
export function wideRanges(texts: readonly string[]): WideRange[] {
  const ranges = texts.flatMap((text, index) => {
    const range = rangeOf(text)
    return range === undefined ? [] : [{ index, range: clientRange(range) }]
  })
  const alone = ranges.filter(({ range }) => spaces.some((space) => isHalf([range], space)))
  if (alone.length > 0) return alone.map(({ index }) => ({ index, isAlone: true }))
  const own = ranges.map(({ range }) => range)
  const space = spaces.find((each) => isHalf(own, each))
  if (space === undefined) return []
  const [widest] = ranges.toSorted((one, other) =>
    countIn([one.range], space) > countIn([other.range], space) ? -1 : 1,
  )
  return widest === undefined ? [] : [{ index: widest.index, isAlone: false }]
}

function isHalf(ranges: readonly AddressRange[], space: Space): boolean {
  return 2n * countIn(ranges, space) >= space.count
}

/** How many addresses of a space the ranges hold, each once. */
function countIn(ranges: readonly AddressRange[], { low: first, count }: Space): bigint {
  let next = first
  let sum = 0n
  for (const { low, high } of ranges.toSorted((one, other) => (one.low < other.low ? -1 : 1))) {
    const from = low > next ? low : next
    const to = high < first + count ? high : first + count - 1n
    if (to < from) continue
    sum += to - from + 1n
    next = to + 1n
  }
  return sum
}
