/**
 * Results as Markdown.
 * @module
 */
import type { Row, Spread } from './measure.ts'
import type { Latency, Memory, Result, Verdict, Wait } from './result.ts'

/** One chapter as a table. */
export function markdownOf({ title, rows, waits, latencies, memories, costs }: Result): string {
  const tables = [
    rows.length > 0 && rowsTable(rows),
    waits && waitsTable(waits),
    latencies && latenciesTable(latencies),
    memories && memoriesTable(memories),
    costs &&
      table(
        ['what', 'cost'],
        costs.map(({ what, cost }) => [what, spread(cost, 2)]),
      ),
  ]
  return `## ${title}\n\n${tables.filter((each) => typeof each === 'string').join('\n\n')}\n`
}

/** Every goal beside what was measured. */
export function goalsTable(verdicts: readonly Verdict[]): string {
  return table(
    ['figure', 'goal, at most', 'measured: median (least to most)', 'reached'],
    verdicts.map(({ words, most, digits, measured }) => [
      words,
      String(Number(most.toFixed(3))),
      spread(measured, digits),
      measured.median <= most ? 'yes' : 'no',
    ]),
  )
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
    ['peer', 'small page p50 ms', 'p99 ms', 'p50 ratio', 'p99 ratio', 'big pages per s'],
    waits.map(({ peer, p50Ms, p99Ms, p50Ratio, p99Ratio, bigPerSecond }) => [
      peer,
      spread(p50Ms, 2),
      spread(p99Ms, 2),
      spread(p50Ratio, 3),
      spread(p99Ratio, 3),
      spread(bigPerSecond, 1),
    ]),
  )
}

function latenciesTable(latencies: readonly Latency[]): string {
  return table(
    ['body', 'peer', 'p50 us', 'p99 us', 'added, to http-proxy'],
    latencies.map(({ sample, peer, p50Us, p99Us, addedRatio }) => [
      sample,
      peer,
      spread(p50Us, 0),
      spread(p99Us, 0),
      spread(addedRatio, 2),
    ]),
  )
}

function memoriesTable(memories: readonly Memory[]): string {
  return table(
    [
      'peer',
      'start MB',
      'warm MB',
      'kB each idle',
      'kB each slow',
      'of 500 answered',
      'next small ms',
      'next 1 MB ms',
      'download MB',
      'stalled MB',
    ],
    memories.map((memory) => [
      memory.peer,
      spread(memory.startMiB, 0),
      spread(memory.warmMiB, 0),
      spread(memory.idleKiB, 1),
      spread(memory.slowKiB, 0),
      spread(memory.slowAnswered, 0),
      spread(memory.nextSmallMs, 1),
      spread(memory.nextBigMs, 1),
      spread(memory.downloadMiB, 1),
      spread(memory.stalledMiB, 1),
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
