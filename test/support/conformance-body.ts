/**
 * Runs body cases: whole, cut at each byte and in seeded random chunks; the output must be the same.
 * @module
 */
import { Readable } from 'node:stream'
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'

import type { Upstream } from '../../src/core/resource.ts'
import { streamBody } from '../../src/rewriting/body.ts'
import { parseCodings } from '../../src/rewriting/coding.ts'
import { bodyKindOf, isDocumentRequest } from '../../src/rewriting/kinds.ts'
import { createBodyTransform, rewriteText } from '../../src/rewriting/text-body.ts'
import type { BodyKind, BodyTransform, PageFacts } from '../../src/rewriting/transform.ts'
import { compare, type CaseRunner, type ConformanceCase } from './conformance-case.ts'
import type { HostMap } from '../../src/core/resource.ts'

const base64Prefix = 'base64:'
const shimMarkup = '<!--GW-SHIM-->'
/** Where a case stands that does not say. */
const usualUrl = 'https://www.jstor.org/'

/** Runs one body case. */
export const runBodyCase: CaseRunner = async (testCase, { hosts }) => {
  const input = bytesOf(testCase.input)
  const page = pageOf(testCase, hosts)
  // A body under a coding that nobody knows goes through as it is.
  const kind = codingsOf(testCase) === undefined ? undefined : kindOf(testCase)
  const whole = kind === undefined ? input : runChunks({ kind, page, testCase }, [input])
  const wrong = compare(testCase.expected, textLike(whole, testCase.expected))
  if (wrong !== undefined) return wrong
  if (kind === undefined) return undefined
  const run = { kind, page, testCase }
  const { contentType } = testCase
  const inOneGo = rewriteText(Buffer.from(input), { kind, page, contentType }) ?? input
  if (!whole.equals(inOneGo)) return `one go gives ${JSON.stringify(inOneGo.toString('latin1'))}`
  for (const { name, chunks } of cuts(input)) {
    const output = runChunks(run, chunks)
    if (!whole.equals(output)) return `${name} gives ${JSON.stringify(output.toString('latin1'))}`
  }
  return await runCoded(run, input, whole)
}

interface Run {
  readonly kind: BodyKind
  readonly page: PageFacts
  readonly testCase: ConformanceCase
}

/** Feeds chunks to a transform and gives its whole output. */
export function feed(transform: BodyTransform, chunks: readonly Uint8Array[]): Buffer {
  const output = chunks.map((chunk) => transform.write(chunk))
  return Buffer.concat([...output, transform.end()])
}

/** Every cut in two, single bytes, and chunks of random sizes from a seed. */
export function* cuts(input: Buffer): Generator<{ name: string; chunks: Buffer[] }> {
  for (let at = 1; at < input.length; at++) {
    yield { name: `cut at ${at}`, chunks: [input.subarray(0, at), input.subarray(at)] }
  }
  yield { name: 'single bytes', chunks: [...input].map((byte) => Buffer.of(byte)) }
  for (const seed of [1, 7, 42]) {
    yield { name: `random chunks, seed ${seed}`, chunks: randomChunks(input, seed, 24) }
  }
}

/** Chunks of 1 to `most` bytes by a linear congruential generator. */
export function randomChunks(input: Buffer, seed: number, most: number): Buffer[] {
  const chunks: Buffer[] = []
  let state = seed
  for (let at = 0; at < input.length;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const size = 1 + (state % most)
    chunks.push(input.subarray(at, at + size))
    at += size
  }
  return chunks
}

function runChunks({ kind, page, testCase }: Run, chunks: readonly Uint8Array[]): Buffer {
  const { contentType } = testCase
  // Some codecs swap bytes in place: each run gets its own copy.
  const copies = chunks.map((chunk) => Buffer.from(chunk))
  return feed(createBodyTransform({ kind, page, contentType }), copies)
}

/** The whole way, through the codings. */
async function runCoded(run: Run, input: Buffer, expected: Buffer): Promise<string | undefined> {
  const { coded, contentEncoding } = encodeBody(input, run.testCase.options?.encodeBody ?? '')
  const result = streamBody({
    body: Readable.from(randomChunks(coded, 3, 9)),
    kind: run.kind,
    page: run.page,
    contentType: run.testCase.contentType,
    contentEncoding,
    acceptEncoding: 'identity',
  })
  const output = Buffer.concat(await result.body.toArray())
  if (result.contentEncoding !== undefined) return `coded as ${result.contentEncoding}`
  if (output.equals(expected)) return undefined
  return `through "${contentEncoding}": ${JSON.stringify(output.toString('latin1'))}`
}

/** Bare deflate, which many servers send as "deflate", is named so in cases alone. */
const bareDeflate = /^(?:deflate-raw|raw-deflate|deflate \(raw\))$/

const encoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  br: brotliCompressSync,
  deflate: deflateSync,
  gzip: gzipSync,
  'raw deflate': deflateRawSync,
  'x-gzip': gzipSync,
  zstd: zstdCompressSync,
}

/** The body under its codings, and the header that names them. */
function encodeBody(input: Buffer, names: string): { coded: Buffer; contentEncoding: string } {
  let coded = input
  const named = names.split(',').map((text) => {
    const name = text.trim()
    const isBare = bareDeflate.test(name.toLowerCase())
    coded = encoders[isBare ? 'raw deflate' : name.toLowerCase()]?.(coded) ?? coded
    return isBare ? 'deflate' : name
  })
  return { coded, contentEncoding: named.join(', ') }
}

function codingsOf({ options }: ConformanceCase) {
  return parseCodings(encodeBody(Buffer.alloc(0), options?.encodeBody ?? '').contentEncoding)
}

function bytesOf(text: string): Buffer {
  return text.startsWith(base64Prefix)
    ? Buffer.from(text.slice(base64Prefix.length), 'base64')
    : Buffer.from(text)
}

/** The output in the notation of the expectation. */
function textLike(output: Buffer, expected: ConformanceCase['expected']): string {
  const isBase64 = typeof expected === 'string' && expected.startsWith(base64Prefix)
  return isBase64 ? base64Prefix + output.toString('base64') : output.toString()
}

function destinationOf({ contentType, options }: ConformanceCase): string {
  const sent = headerOf(options?.['requestHeaders'], 'sec-fetch-dest')
  const usual = /^text\/html|^$/i.test(contentType) ? 'document' : 'empty'
  return options?.secFetchDest ?? sent ?? usual
}

/** What a case names so, in whatever case of letters. */
function headerOf(headers: unknown, name: string): string | undefined {
  const entry = Object.entries(Object(headers)).find(([key]) => key.toLowerCase() === name)
  return entry && String(entry[1])
}

function kindOf(testCase: ConformanceCase): BodyKind | undefined {
  const { contentType, options = {} } = testCase
  const secFetchDest = destinationOf(testCase)
  const named = headerOf(options['responseHeaders'], 'content-disposition')
  const contentDisposition = headerOf(options, 'contentdisposition') ?? named ?? ''
  return bodyKindOf({
    status: Number(options['status'] ?? 200),
    contentType,
    contentDisposition,
    secFetchDest,
  })
}

function pageOf(testCase: ConformanceCase, hosts: HostMap): PageFacts {
  const url = testCase.upstreamUrl || usualUrl
  const proxied = new URL(hosts.mapUrl(url) ?? url).host
  const upstream: Upstream | undefined = hosts.upstreamOf(proxied)
  if (upstream === undefined) throw new Error(`${url} is not a known upstream`)
  const { injectShim = false, rewriteBareHosts = false } = testCase.options ?? {}
  const takesShim = injectShim && isDocumentRequest(destinationOf(testCase))
  return {
    hosts,
    upstream,
    url,
    mapsBareHosts: rewriteBareHosts,
    hasShim: false,
    ...(takesShim ? { headMarkup: shimMarkup } : {}),
  }
}
