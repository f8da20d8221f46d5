/**
 * `node test/bench/engine.ts`: what the parts of a rewritten body cost, each by itself, in megabytes
 * of plain text a second. All in one process, in turn; figures are medians of CPU time.
 *
 * `scan` reads a body that is there as a whole and puts the new text together; `// search` is the
 * least that any rewriter does, on the same bytes; `ratio` says how much more the scan costs.
 * @module
 */
import {
  brotliCompressSync,
  constants,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  type ZlibOptions,
} from 'node:zlib'

import { createHostMap } from '../../src/hosts/map.ts'
import { inflateKept } from '../../src/rewriting/kept-coders.ts'
import { bodyKindOf } from '../../src/rewriting/kinds.ts'
import { rewriteText } from '../../src/rewriting/text-body.ts'
import { applyCoding } from '../../src/rewriting/whole-coding.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { createCorpus, knownHosts, pageHost, type Sample } from './corpus.ts'
import { spreadOf } from './measure.ts'

const rounds = 21
/** A round of one part lasts about this long; shorter ones the clock cannot tell. */
const roundBytes = 3e6

const hosts = createHostMap({
  zoneOrigin: 'https://proxy.example.edu',
  resources: [resourceWith(knownHosts(10).map((host) => ruleOf(host, 'exact')))],
})
const url = `https://${pageHost}/`
const upstream = hosts.upstreamOf(new URL(hosts.mapUrl(url) ?? url).host)
if (upstream === undefined) throw new Error(`${pageHost} is not known`)
const page = { hosts, upstream, url, headMarkup: '<script src="/shim.js"></script>' }

const atOnce: ZlibOptions = { finishFlush: constants.Z_SYNC_FLUSH }

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** The parts of one body, by name; each does its work once. */
function partsOf({
  body,
  contentType,
}: Sample): Readonly<Record<string, () => unknown>> | undefined {
  const facts = { status: 200, contentType, contentDisposition: '', secFetchDest: '' }
  const kind = bodyKindOf(facts)
  if (kind === undefined) return undefined
  const coded = gzipSync(body)
  return {
    '// search': () => searchPairs(body),
    scan: () => rewriteText(body, { kind, page, contentType }),
    gunzip: () => inflateKept(coded, 'gzip', body.length + 1) ?? gunzipSync(coded, atOnce),
    'gunzip anew': () => gunzipSync(coded, atOnce),
    zstd: () => applyCoding(body, 'zstd'),
    br: () => applyCoding(body, 'br'),
    gzip: () => applyCoding(body, 'gzip'),
  }
}

function searchPairs(body: Buffer): number {
  const text = body.toString('latin1')
  let pairs = 0
  for (let at = text.indexOf('//'); at !== -1; at = text.indexOf('//', at + 2)) pairs += 1
  return pairs
}

/** Milliseconds of CPU for each part, medians. */
function measureParts(parts: Readonly<Record<string, () => unknown>>, bytes: number) {
  const times = Math.max(1, Math.round(roundBytes / bytes))
  const figures = new Map<string, number[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(parts)) {
      const before = process.cpuUsage()
      for (let time = 0; time < times; time += 1) run()
      const { user, system } = process.cpuUsage(before)
      figures.set(name, [...(figures.get(name) ?? []), (user + system) / 1000 / times])
    }
  }
  return new Map([...figures].map(([name, list]) => [name, spreadOf(list).median]))
}

function sizesOf(body: Buffer): string {
  const zstd = zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
  const br = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })
  return `${zstd.length} / ${br.length} / ${gzipSync(body, { level: 1 }).length}`
}

const names = ['// search', 'scan', 'gunzip', 'gunzip anew', 'zstd', 'br', 'gzip']
say(`| body | ${names.join(' | ')} | scan ms | ratio | zstd / br / gzip bytes |`)
say(`|${' --- |'.repeat(names.length + 4)}`)
for (const sample of createCorpus()) {
  const parts = partsOf(sample)
  if (parts === undefined) continue
  const bytes = sample.body.length
  const took = measureParts(parts, bytes)
  const of = (name: string) => took.get(name) ?? 0
  const rates = names.map((name) => `${(bytes / 1000 / of(name)).toFixed(0)} MB/s`)
  const ratio = (of('scan') / of('// search')).toFixed(1)
  const scanMs = of('scan').toFixed(3)
  say(`| ${[sample.name, ...rates, scanMs, ratio, sizesOf(sample.body)].join(' | ')} |`)
}
