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
 * Reads lines, row by row; the counts of a row are its own until the next one is taken.
 *
 * @throws {GatewayError} `ERR_STORE_DATA`
 */
export function* unpackCounts(
  lines: readonly string[],
  words: PackedWords,
  take: (row: CountRow) => void,
): Steps<void> {
  const places = words.metrics.map((metric) => bits.get(metric) ?? 0)
  const unpacking = { words, places, take, counts: metrics.map(() => 0) }
  for (const line of lines) {
    const cells = parsedLine(line)
    for (let at = 0; at < cells.length;) at = unpackRow(cells, at, unpacking)
    yield
  }
}

interface Unpacking {
  readonly words: PackedWords
  /** Of the lines' metrics among ours. */
  readonly places: readonly number[]
  readonly take: (row: CountRow) => void
  /** Of the row under way: a year has a million rows. */
  readonly counts: number[]
}

function unpackRow(
  cells: readonly unknown[],
  from: number,
  { words, places, take, counts }: Unpacking,
): number {
  let at = from
  const resourceId = words.texts[numberAt(cells, at++)]
  const beside = numberAt(cells, at++)
  const mask = numberAt(cells, at++)
  if (resourceId === undefined) throw brokenFigures('a text is missing')
  if (mask >= 2 ** places.length) throw brokenFigures('a metric is not of its list')
  counts.fill(0)
  for (let bit = 0; mask >> bit > 0; bit++) {
    if ((mask & (1 << bit)) !== 0) counts[places[bit] ?? 0] = numberAt(cells, at++)
  }
  take({ resourceId, beside, counts })
  return at
}

function numberAt(cells: readonly unknown[], at: number): number {
  const cell = cells[at]
  if (Number.isSafeInteger(cell) && typeof cell === 'number' && cell >= 0) return cell
  throw brokenFigures('a number is missing')
}

function parsedLine(line: string): readonly unknown[] {
  try {
    const cells: unknown = JSON.parse(line)
    if (Array.isArray(cells)) return cells
  } catch (cause) {
    throw brokenFigures('a line cannot be read', cause)
  }
  throw brokenFigures('a line has no numbers')
}
