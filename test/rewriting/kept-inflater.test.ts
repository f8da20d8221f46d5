/**
 * The kept decoder leans on what is not public in Node: these tests fail when it is no longer there
 * or behaves otherwise. Bodies then still go the public way.
 * @module
 */
import { deflateSync, gzipSync } from 'node:zlib'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { inflateKept } from '../../src/rewriting/kept-inflater.ts'
import { undoCodings } from '../../src/rewriting/whole-coding.ts'

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

test('a body that does not fit is not inflated', (t) => {
  const bytes = Buffer.alloc(limits.rewriting.inlinePlainBytes)
  t.is(inflateKept(gzipSync(bytes)), undefined)
  t.is(inflateKept(gzipSync(bytes.subarray(1)))?.length, bytes.length - 1)
})

test('a body coded twice is read from a room of its own', (t) => {
  t.is(undoCodings(gzipSync(gzipped), ['gzip', 'gzip'])?.toString(), text)
  t.is(undoCodings(gzipSync(deflateSync(text)), ['deflate', 'gzip'])?.toString(), text)
})
