import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import test from 'ava'

const signals = join(import.meta.dirname, '../../src/cli/signals.ts')

interface Obeying {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<unknown[]>
}

/** A process that obeys signals; `stop` is the body of its stopping, `reload` that of its reload. */
async function obeying(stop: string, reload = ''): Promise<Obeying> {
  const script = `
    import { obeySignals } from ${JSON.stringify(signals)}
    obeySignals({ async stop() { ${stop} }, async reload() { ${reload} } })
    setInterval(() => {}, 1000)
    console.log('ready')
  `
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script])
  // Asked for now: the process may be gone before its last words are read.
  const ended = once(child, 'close')
  await once(child.stdout, 'data')
  return { child, ended }
}

async function line(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [chunk]: unknown[] = await once(child.stderr, 'data')
  return String(chunk)
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`${signal} ends the process once the gateway has stopped`, async (t) => {
    const { child, ended } = await obeying(`
      await new Promise((resolve) => setTimeout(resolve, 100))
      console.error('stopped')
    `)
    child.kill(signal)
    t.is(await line(child), 'stopped\n')
    t.deepEqual(await ended, [0, null])
  })
}

test('a second signal ends a gateway that does not stop', async (t) => {
  const { child, ended } = await obeying(`console.error('stopping'); await new Promise(() => {})`)
  child.kill('SIGTERM')
  t.is(await line(child), 'stopping\n')
  child.kill('SIGTERM')
  t.deepEqual(await ended, [1, null])
})

test('a stop that fails is told and ends the process with 1', async (t) => {
  const { child, ended } = await obeying(`throw new Error('the store is away')`)
  child.kill('SIGTERM')
  t.is(await line(child), 'the store is away\n')
  t.deepEqual(await ended, [1, null])
})

test('SIGHUP reloads and goes on, whether what it reads is good or bad', async (t) => {
  const { child, ended } = await obeying(
    '',
    `
      globalThis.count = (globalThis.count ?? 0) + 1
      if (globalThis.count === 3) throw new Error('bad rules')
      return globalThis.count === 2 ? 7 : 0
    `,
  )
  child.kill('SIGHUP')
  t.is(await line(child), 'Rules and networks were read again.\n')
  child.kill('SIGHUP')
  t.regex(await line(child), /^Version 7, published, was read again\. The files are a draft/)
  child.kill('SIGHUP')
  t.regex(await line(child), /^bad rules\n/)
  t.is(child.exitCode, null)
  child.kill('SIGTERM')
  t.deepEqual(await ended, [0, null])
})
