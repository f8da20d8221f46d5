import cluster from 'node:cluster'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { Crew } from '../../src/cli/crew.ts'

/** Answers at once and ends, as the first worker; as any other, once that one has gone. */
const script = `
  import cluster from 'node:cluster'
  process.on('message', ({ ask, number }) => {
    if (ask === 'stop') process.exit(0)
    if (ask === undefined) return
    const answer = () => process.send({ say: 'done', number })
    if (cluster.worker.id !== 1) setTimeout(answer, 500)
    else process.send({ say: 'done', number }, () => process.exit(0))
  })
  process.send({ say: 'serving' })
`

test('a worker that ends while others are asked is left out of the answers', async (t) => {
  const exec = join(mkdtempSync(join(tmpdir(), 'darbaza-crew-')), 'worker.mjs')
  writeFileSync(exec, script)
  cluster.setupPrimary({ exec, execArgv: [], serialization: 'advanced' })
  const crew = new Crew()
  const endings: Promise<unknown>[] = []
  for (let count = 0; count < 2; count += 1) {
    const { promise, resolve } = Promise.withResolvers<void>()
    endings.push(crew.employ(resolve))
    await promise
  }
  const asked = crew.askAll('metrics')
  await endings[0]
  t.deepEqual(
    Array.from((await asked).keys(), ({ id }) => id),
    crew.serving.map(({ id }) => id),
  )
  t.is(crew.serving.length, 1)
  await crew.dismiss()
  await Promise.all(endings)
})
