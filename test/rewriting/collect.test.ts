/**
 * Bodies collected in a rush: as many at once as the bound takes, in the order they came; short ones
 * never wait, and nobody waits for what has gone.
 */
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { collect, release, type Collected } from '../../src/rewriting/whole-body.ts'

const { wholeBytes, wholeBytesHeld, inlineBytes } = limits.rewriting
const room = wholeBytesHeld / wholeBytes

function body(bytes: number): Readable {
  return Readable.from([Buffer.alloc(bytes)])
}

/** Begins to collect and notes in which order they are there. */
function collectAll(bodies: readonly Readable[], order: number[]): Promise<Collected>[] {
  return bodies.map(async (each, index) => {
    const collected = await collect(each, wholeBytes)
    order.push(index)
    return collected
  })
}

test.serial('beyond the bound bodies wait their turn, and are whole in the end', async (t) => {
  const order: number[] = []
  const all = collectAll(
    Array.from({ length: room + 5 }, () => body(wholeBytes)),
    order,
  )
  await pause(300)
  t.is(order.length, room)
  const small = await collect(body(inlineBytes), inlineBytes)
  t.is(small.kind, 'whole')
  release(inlineBytes)
  for (let done = 0; done < room + 5; done += 1) {
    await all[done]
    release(wholeBytes)
  }
  t.deepEqual(
    order,
    Array.from({ length: room + 5 }, (_, index) => index),
  )
  for (const each of await Promise.all(all)) t.is(each.kind, 'whole')
})

test.serial('who has left while waiting takes no room from who comes behind', async (t) => {
  const order: number[] = []
  const bodies = Array.from({ length: room + 3 }, () => body(wholeBytes))
  const broken = new Error('reset')
  bodies[room]!.on('error', () => undefined)
  const all = collectAll(bodies, order)
  await pause(300)
  bodies[room]!.destroy(broken)
  bodies[room + 1]!.destroy()
  for (let done = 0; done < room; done += 1) release(wholeBytes)
  const [cut, gone, last] = await Promise.all(all.slice(room))
  t.deepEqual([cut?.kind, gone?.kind, last?.kind], ['broken', 'stream', 'whole'])
  release(wholeBytes)
  // All is given back: as many find room again.
  const again = Array.from({ length: room }, () => body(wholeBytes))
  const kinds = await Promise.all(collectAll(again, []))
  t.true(kinds.every(({ kind }) => kind === 'whole'))
  for (let done = 0; done < room; done += 1) release(wholeBytes)
})

test.serial('a body that is longer than it said counts for what it is', async (t) => {
  const collected = await collect(body(inlineBytes), 10)
  t.is(collected.kind === 'whole' ? collected.bytes.length : 0, inlineBytes)
  release(inlineBytes)
  const tooLong = await collect(body(wholeBytes + 1), 10)
  t.is(tooLong.kind, 'stream')
})
