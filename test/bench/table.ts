/**
 * Results as Markdown.
 * @module
 */
import type { Result, Wait } from './chapters.ts'
import type { Row, Spread } from './measure.ts'

/** One chapter as a table. */
export function markdownOf({ title, rows, waits }: Result): string {
  return `## ${title}\n\n${waits === undefined ? rowsTable(rows) : waitsTable(waits)}\n`
}

function rowsTable(rows: readonly Row[]): string {
  return table(
    ['peer', 'CPU ms', 'ratio', 'per s', 'p50 ms', 'p99 ms', 'coding', 'bytes', 'hosts'],
    rows.map(({ peer, cpuMs, ratio, perSecond, p50Ms, p99Ms, answer }) => [
      peer,
      spread(cpuMs, 3),
      spread(ratio, 2),
      perSecond.median.toFixed(0),
      p50Ms.median.toFixed(1),
      p99Ms.median.toFixed(1),
      answer.coding,
      String(answer.bytes),
      String(answer.rewritten),
    ]),
  )
}

function waitsTable(waits: readonly Wait[]): string {
  return table(
    ['peer', 'small page p50 ms', 'p99 ms', 'big pages per s'],
    waits.map(({ peer, p50Ms, p99Ms, bigPerSecond }) => [
      peer,
      spread(p50Ms, 2),
      spread(p99Ms, 2),
      spread(bigPerSecond, 1),
    ]),
  )
}

function spread({ median, least, most }: Spread, digits: number): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)}-${most.toFixed(digits)})`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
