/**
 * Inputs that are made to cost: twice the length takes about twice the time, however a body comes.
 * @module
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

import test from 'ava'

import { createBodyTransform, rewriteText } from '../../src/rewriting/text-body.ts'
import type { BodyKind } from '../../src/rewriting/transform.ts'
import { feed } from '../support/conformance-body.ts'
import { secureHosts, upstreamOf } from './hosts.ts'

const url = 'https://www.jstor.org/stable/1'
const page = { hosts: secureHosts, upstream: upstreamOf(secureHosts, url), url }
const bytesMost = 128 * 1024
const chunkBytes = 16 * 1024
/** Twice the text may take this many times as long; a quadratic scan takes four times. */
const growthMost = 2.6
/** Less than this is noise: searches that start anew at each unit take half a second and more. */
const noiseMs = 100
const attempts = 4

/** Written over and over, behind what stands before the dash. */
// prettier-ignore
const units: readonly (readonly [begin: string, unit: string])[] = [
  ['', '<'], ['', '<a '], ['', '"'], ['', '&'], ['', '//'], ['', '\\'], ['', '`${'], ['', '<svg>'],
  ['', '\0'], ['', '<a b=//x '], ['', '<a b="//www.jstor.org/"'], ['', '<a b="//www.jstor.org/">'],
  ['<a b="', '/x'], ['<a b="', '&amp;'], ["<a b='x", ' c="d"'], ['<a ', 'b=c/d '], ['<a ', 'b="c" '],
  ['<p>', '<!--'], ['', '<script></script>'], ['', '<script>//</script>'], ['<script>', '<!--<script>'],
  ['x=/', '[a'], ['', 'x=/a[/\n'], ['', '"//a'], ['"', '//a:'], ['', "'\\/"], ['', '`//${'],
  ['', '/*'], ['', '/*/'], ['', 'url('], ['', 'url("'], ['', '@import "'], ['image-set(', '"a"('],
  ['{"a":"', '\\/\\/'], ['', '{"a":['], ['["', '//www.jstor.org"'], ['', 'a=\u0000<'],
]
const kinds: readonly BodyKind[] = ['html', 'javascript', 'css', 'json', 'xml']

function cpuMs(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

function bodyOf([begin, unit]: readonly [string, string], bytes: number): Buffer {
  return Buffer.from(begin + unit.repeat(bytes / unit.length), 'latin1')
}

function streamed(kind: BodyKind, body: Buffer): void {
  const chunks = Array.from({ length: Math.ceil(body.length / chunkBytes) }, (_, index) =>
    body.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  )
  feed(createBodyTransform({ kind, page, contentType: '' }), chunks)
}

function whole(kind: BodyKind, body: Buffer): void {
  rewriteText(body, { kind, page, contentType: '' })
}

/** The least growth that was seen: other processes can only make it look greater. */
function growthOf(run: (body: Buffer) => void, half: Buffer, full: Buffer): number {
  let leastFull = cpuMs(() => run(full))
  if (leastFull < noiseMs) return 0
  let leastHalf = Infinity
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    leastHalf = Math.min(
      leastHalf,
      cpuMs(() => run(half)),
    )
    leastFull = Math.min(
      leastFull,
      cpuMs(() => run(full)),
    )
    if (leastFull < noiseMs || leastFull / leastHalf <= growthMost) break
  }
  return leastFull < noiseMs ? 0 : leastFull / leastHalf
}

for (const unit of units) {
  test.serial(
    `${JSON.stringify(unit.join('-'))} over and over: twice the text, twice the time`,
    async (t) => {
      const half = bodyOf(unit, bytesMost / 2)
      const full = bodyOf(unit, bytesMost)
      for (const kind of kinds) {
        for (const [way, run] of Object.entries({ whole, streamed })) {
          const growth = growthOf((body) => run(kind, body), half, full)
          // Whoever waits for a sign of life from this process gets one.
          await nextTurn()
          t.true(growth <= growthMost, `${kind}, ${way}: ${growth.toFixed(2)} times as long`)
        }
      }
    },
  )
}

test('16 MiB of script stream through little memory', (t) => {
  const transform = createBodyTransform({ kind: 'javascript', page, contentType: '' })
  const chunk = Buffer.from(
    'x="https://www.jstor.org/a";/* b */y=/[/]/.test(`${z}`);\n'.repeat(2000),
  )
  let most = 0
  const before = process.memoryUsage().rss
  for (let bytes = 0; bytes < 16 * 1024 * 1024; bytes += chunk.length) {
    t.true(transform.write(Buffer.from(chunk)).length > 0)
    most = Math.max(most, process.memoryUsage().rss - before)
  }
  transform.end()
  t.true(most < 128 * 1024 * 1024, `${most} bytes`)
})
