/** `darbaza links`: links looked at now, how they stand, and what a process that dies leaves behind. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'

import { createWorld } from '../control/world.ts'
import { startPublisher } from '../links/publisher.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

function ruleOf(id: string, more: object = {}): string {
  return JSON.stringify({
    title: id,
    provider: 'Press',
    start: `http://www.${id}.test/?key=canary`,
    hosts: [`http://www.${id}.test`],
    licence: {},
    ...more,
  })
}

/** A library with two databases, of which one is gone and one never answers when it is asked to. */
async function openLibrary(t: ExecutionContext) {
  const world = createWorld()
  t.teardown(() => world.remove())
  const silent = { isOn: false }
  const said = { title: 'Press' }
  const publisher = await startPublisher((request, response) => {
    const isPress = request.headers.host === 'www.press.test'
    if (!isPress && silent.isOn) return
    response.writeHead(isPress ? 200 : 404, { 'content-type': 'text/html' })
    response.end(`<title>${said.title}</title>Provided by Misal`)
  })
  t.teardown(() => publisher.stop())
  const address = `127.0.0.1:${publisher.port}`
  world.writeConfig({
    upstream: {
      allow: ['127.0.0.1/32'],
      resolve: {
        'www.press.test': address,
        'www.letters.test': address,
        'www.dead.test': '127.0.0.1:1',
      },
    },
  })
  world.writeRule('press', ruleOf('press', { check: { probe: { text: 'provided  by MISAL' } } }))
  world.writeRule('letters', ruleOf('letters'))
  world.writeRule('quiet', ruleOf('quiet', { check: { allowed: false } }))

  function begin(...words: string[]) {
    const options = { cwd: world.folder, env: { PATH: process.env['PATH'] } }
    const all = [main, 'links', ...words, '--config', 'gateway.yaml']
    const { promise, resolve } = Promise.withResolvers<{
      code: number
      stdout: string
      stderr: string
    }>()
    const child = execFile(process.execPath, all, options, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
    return { child, ended: promise }
  }
  return { world, begin, silent, said, darbaza: (...words: string[]) => begin(...words).ended }
}

test('links are looked at and told as text, as a table and as JSON, and a failure by the exit code', async (t) => {
  const { darbaza } = await openLibrary(t)
  const before = await darbaza('status')
  t.deepEqual(before, {
    code: 0,
    stdout:
      'letters: unchecked, http://www.letters.test/\npress: unchecked, http://www.press.test/\n',
    stderr: '',
  })
  const good = await darbaza('check', '--resource', 'press')
  t.is(good.code, 0, good.stderr)
  t.regex(good.stdout, /^press: works, http:\/\/www\.press\.test\/, since [\dT:Z-]+, checked /)

  const all = await darbaza('check', '--format', 'tsv')
  t.is(all.code, 1)
  const lines = all.stdout.split('\n').filter((line) => line !== '')
  const rows = lines.map((line) => line.split('\t'))
  t.is(rows.length, 3)
  t.true(rows.every(({ length }) => length === rows[0]?.length))
  const letters = rows.find(([id]) => id === 'letters')
  t.deepEqual(letters?.slice(0, 7), [
    'letters',
    'start',
    'http://www.letters.test/',
    'suspect',
    'gone',
    '404',
    '1',
  ])

  const status = await darbaza('status', '--format', 'json')
  t.is(status.code, 0, 'what failed once is not broken')
  t.like(JSON.parse(status.stdout), [
    { resourceId: 'letters', standing: 'suspect', links: [{ last: { state: 'gone' } }] },
    { resourceId: 'press', standing: 'works', links: [{ last: { status: 200 } }] },
  ])
  t.notRegex(before.stdout + good.stdout + all.stdout + status.stdout, /canary/)
})

test('of others that are asked to tell whether the network is away nothing is told', async (t) => {
  const { world, darbaza } = await openLibrary(t)
  t.is((await darbaza('check', '--resource', 'press')).code, 0)
  world.writeRule('dead', ruleOf('dead'))
  const { code, stdout } = await darbaza('check', '--resource', 'dead')
  t.is(code, 1)
  t.regex(stdout, /^dead: suspect, unreachable .*\n$/)
})

test('a title of a publisher begins no formula, whatever a table is split by', async (t) => {
  const { darbaza, said } = await openLibrary(t)
  said.title = 'Page not found | =1+1;=2'
  const { stdout } = await darbaza('check', '--resource', 'press', '--format', 'tsv')
  t.is(stdout.trimEnd().split('\t').at(-1), "the title says: Page not found |' =1+1;'=2")
})

test('what is never visited, or is not there, is refused with words', async (t) => {
  const { darbaza } = await openLibrary(t)
  for (const id of ['quiet', 'nothing']) {
    const { code, stderr } = await darbaza('check', '--resource', id)
    t.is(code, 1)
    t.regex(stderr, new RegExp(`found "${id}", expected a resource in force that is open`))
  }
  t.not((await darbaza('status', '--format', 'xml')).code, 0)
})

test('a check that is killed keeps what it found, and nobody else begins while its lease lasts', async (t) => {
  const { begin, darbaza, silent } = await openLibrary(t)
  silent.isOn = true
  const { child, ended } = begin('check')
  await new Promise((resolve) => child.stdout?.once('data', resolve))
  const second = await darbaza('check')
  t.is(second.code, 1)
  t.regex(second.stderr, /a gateway checks links now, or failed lately: try later/)
  child.kill('SIGKILL')
  await ended
  const { stdout } = await darbaza('status')
  t.regex(stdout, /^letters: unchecked/m)
  t.regex(stdout, /^press: works/m)
})
