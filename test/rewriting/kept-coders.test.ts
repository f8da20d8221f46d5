/**
 * The kept decoder leans on what is not public in Node: these tests fail when it is no longer there
 * or behaves otherwise. Bodies then still go the public way.
 * @module
 */
import { randomBytes } from 'node:crypto'
import {
  brotliCompressSync,
  brotliDecompressSync,
  constants,
  deflateSync,
  gunzipSync,
  gzipSync,
  zstdCompressSync,
  zstdDecompressSync,
} from 'node:zlib'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { deflateKept, inflateKept as inflateUpTo } from '../../src/rewriting/kept-coders.ts'
import { undoCodings } from '../../src/rewriting/whole-coding.ts'

const { inlinePlainBytes, wholePlainBytes } = limits.rewriting
const inflateKept = (body: Buffer) => inflateUpTo(body, 'gzip', inlinePlainBytes)

const text = 'text and more text '.repeat(2000)
const gzipped = gzipSync(text)

test('this Node has what the kept decoder leans on', (t) => {
  t.is(inflateKept(gzipped)?.toString(), text)
})

test('one body after the other, damaged ones in between', (t) => {
  for (const length of [0, 1, 100, text.length]) {
    const part = text.slice(0, length)
    t.is(inflateKept(gzipSync(part))?.toString(), part)
    t.is(inflateKept(Buffer.from('no gzip at all')), undefined)
    const damaged = Buffer.from(gzipped)
    damaged.fill(0xff, 40, 60)
    t.is(inflateKept(damaged), undefined)
  }
})

test('what was cut off gives what there is, and a second member is read on', (t) => {
  t.is(inflateKept(gzipped.subarray(0, -8))?.toString(), text)
  t.is(inflateKept(Buffer.concat([gzipped, gzipped]))?.toString(), text + text)
})

test('a body with a wrong sum is damaged, and a header with a name in it is read', (t) => {
  const wrong = Buffer.from(gzipped)
  wrong.writeUInt32LE(1, wrong.length - 8)
  t.true(inflateKept(wrong) === undefined)
  t.is(inflateKept(gzipped)?.toString(), text)
  const named = Buffer.concat([
    gzipped.subarray(0, 10),
    Buffer.from('name\0'),
    gzipped.subarray(10),
  ])
  named[3] = 8
  t.is(inflateKept(named)?.toString(), text)
})

for (const [coding, code, undoPart] of [
  [
    'br',
    brotliCompressSync,
    (body: Buffer) => brotliDecompressSync(body, { finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  ],
  [
    'zstd',
    zstdCompressSync,
    (body: Buffer) => zstdDecompressSync(body, { finishFlush: constants.ZSTD_e_flush }),
  ],
] as const) {
  test(`${coding}: one after the other, cut off and damaged ones in between, as new ones give it`, (t) => {
    for (const length of [0, 1, 1000, text.length, inlinePlainBytes - 1]) {
      const part = text.repeat(8).slice(0, length)
      const coded = code(Buffer.from(part))
      t.is(inflateUpTo(coded, coding, inlinePlainBytes)?.toString(), part)
      const cut = coded.subarray(0, coded.length >> 1)
      t.deepEqual(inflateUpTo(cut, coding, inlinePlainBytes), undoPart(cut))
      t.is(inflateUpTo(Buffer.from('neither of them'), coding, inlinePlainBytes), undefined)
    }
    const tooLong = code(Buffer.alloc(inlinePlainBytes))
    t.is(inflateUpTo(tooLong, coding, inlinePlainBytes), 'too long')
  })
}

test('a body that does not fit is not inflated', (t) => {
  for (const most of [inlinePlainBytes, wholePlainBytes]) {
    const bytes = Buffer.alloc(most)
    t.is(inflateUpTo(gzipSync(bytes), 'gzip', most), 'too long')
    t.is(inflateUpTo(gzipSync(bytes.subarray(1)), 'gzip', most)?.length, most - 1)
  }
})

test('a body coded twice is read from a room of its own', (t) => {
  t.is(undoCodings(gzipSync(gzipped), ['gzip', 'gzip'], wholePlainBytes)?.toString(), text)
  t.is(
    undoCodings(gzipSync(deflateSync(text)), ['deflate', 'gzip'], wholePlainBytes)?.toString(),
    text,
  )
})

const undo = { gzip: gunzipSync, zstd: zstdDecompressSync } as const
for (const coding of ['gzip', 'zstd'] as const) {
  test(`one body after the other is coded by itself, also behind one that does not fit: ${coding}`, (t) => {
    const most = wholePlainBytes
    for (const length of [0, 1, 8000, 100_000, most]) {
      const body = Buffer.from(text.repeat(120).slice(0, length))
      const coded = deflateKept(body, coding)
      t.true(coded !== undefined && undo[coding](coded).equals(body))
      // Nothing makes chance shorter: it passes the room, and leaves nothing behind.
      t.is(deflateKept(randomBytes(most * 2), coding), undefined)
    }
  })
}

test('the fastest level is kept from body to body', (t) => {
  const body = Buffer.from(
    Array.from({ length: 3000 }, (_, at) => `${(at * 7919) % 977} of `).join(''),
  )
  const params = { [constants.ZSTD_c_compressionLevel]: 1 }
  for (let times = 0; times < 3; times += 1) {
    t.true(
      Math.abs(deflateKept(body, 'zstd')!.length - zstdCompressSync(body, { params }).length) < 20,
    )
    t.is(deflateKept(body, 'gzip')!.length, gzipSync(body, { level: 1 }).length)
  }
})
