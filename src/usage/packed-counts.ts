/**
 * Count rows as lines of compact JSON: each row as its resource, the number beside it, which metrics
 * it has and how many of each. So many rows to a line, so that nobody waits while one is read.
 * @module
 */
import { metrics, type Metric } from '../core/figures.ts'
import { limits } from '../core/limits.ts'
import type { CountRow } from './count-rows.ts'
import { brokenFigures } from './packed.ts'
import type { Steps } from './steps.ts'

/** What rows refer to. */
export interface PackedWords {
  readonly texts: readonly string[]
  /** The metrics in the order in which the lines have them, of another version perhaps. */
  readonly metrics: readonly Metric[]
}

/** A number of a row by its key and metric, as cells and hours have it. */
export interface Counted {
  readonly resourceId: string
  readonly beside: number
  readonly metric: Metric
  readonly count: number
}

const bits = new Map(metrics.map((metric, index) => [metric, index]))

/** Packs numbers, those of a row one after another in the order of metrics. */
export function* packCounts(
  all: Iterable<Counted>,
  numberOf: (text: string) => number,
): Steps<string[]> {
  const lines: string[] = []
  let line: number[] = []
  let rows = 0
  let counts: number[] = []
  let key: Counted | undefined
  let mask = 0

  function endRow(): void {
    if (key === undefined) return
    line.push(numberOf(key.resourceId), key.beside, mask, ...counts)
    rows += 1
  }
  function endLine(): void {
    if (line.length > 0) lines.push(JSON.stringify(line))
    line = []
    rows = 0
  }

  for (const each of all) {
    const bit = 1 << (bits.get(each.metric) ?? 0)
    const isSame = key?.resourceId === each.resourceId && key.beside === each.beside && bit > mask
    if (!isSame) {
      endRow()
      if (rows >= limits.usage.rowsAtOnce) {
        endLine()
        yield
      }
      key = each
      mask = 0
      counts = []
    }
    mask |= bit
    counts.push(each.count)
  }
  endRow()
  endLine()
  return lines
}

/**
 * Reads lines, row by row; a row is what it is until the next one is taken.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function* unpackCounts(
  lines: readonly string[],
  words: PackedWords,
  take: (row: CountRow) => void,
): Steps<void> {
  const places = words.metrics.map((metric) => bits.get(metric) ?? 0)
  const row = { resourceId: '', beside: 0, counts: metrics.map(() => 0) }
  for (const line of lines) {
    const numbers = numbersOf(line)
    for (let at = 0; at < numbers.length;) {
      at = unpackRow(row, numbers, at, { texts: words.texts, places })
      take(row)
    }
    yield
  }
}

interface Unpacking {
  readonly texts: readonly string[]
  /** Of the lines' metrics among ours. */
  readonly places: readonly number[]
}

/** Reads the row that begins there into another, of which a year has a million; answers where it ends. */
function unpackRow(
  row: { resourceId: string; beside: number; readonly counts: number[] },
  numbers: readonly number[],
  from: number,
  { texts, places }: Unpacking,
): number {
  let at = from
  const resourceId = texts[numbers[at++] ?? -1]
  row.beside = numbers[at++] ?? 0
  const mask = numbers[at++] ?? 0
  if (resourceId === undefined) throw brokenFigures('a text is missing')
  if (mask >= 2 ** places.length) throw brokenFigures('a metric is not of its list')
  row.resourceId = resourceId
  const { counts } = row
  for (let bit = 0; bit < places.length; bit++) {
    const place = places[bit] ?? 0
    counts[place] = (mask & (1 << bit)) !== 0 ? (numbers[at++] ?? 0) : 0
  }
  if (at > numbers.length) throw brokenFigures('a number is missing')
  return at
}

function numbersOf(line: string): readonly number[] {
  const found = parsedLine(line)
  if (Array.isArray(found) && found.every(isCount)) return found
  throw brokenFigures('a line is not of whole numbers')
}

function isCount(found: unknown): found is number {
  return Number.isSafeInteger(found) && Number(found) >= 0
}

function parsedLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw brokenFigures('a line cannot be read', cause)
  }
}
