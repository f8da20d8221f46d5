import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

import test from 'ava'

import { prepareGateway, ruleOf, type TestGateway } from '../support/gateway.ts'

const options = {
  issuer: 'http://127.0.0.1:9',
  rules: { press: ruleOf('www.press.test') },
  hosts: {},
}

const started: TestGateway[] = []

test.after.always(async () => {
  for (const gateway of started) await gateway.stop()
})

async function prepared(config: Readonly<Record<string, unknown>> = {}): Promise<TestGateway> {
  const gateway = await prepareGateway({ ...options, config })
  started.push(gateway)
  return gateway
}

/** Starts what must not start; answers what it says instead. */
async function refused(gateway: TestGateway): Promise<{ code: number | null; errors: string }> {
  await gateway.start().catch(() => undefined)
  const { code } = await gateway.ended()
  return { code, errors: gateway.said.errors }
}

test('mistakes in the configuration: exit 1, each with file and line', async (t) => {
  const gateway = await prepared({
    logg: {},
    listen: { port: 'eighty' },
    portal: { url: 'http://library.example.edu' },
    networks: [{ name: 'a', ranges: ['10.0.0.300'], channel: 'onsite' }],
  })
  const { code, errors } = await refused(gateway)
  t.is(code, 1)
  const expected = [
    /gateway\.yaml:\d+ logg: is not known here, is "log" meant\?/,
    /gateway\.yaml:\d+ listen\.port: found "eighty", expected a whole number/,
    /gateway\.yaml:\d+ portal\.url: found "http:\/\/library\.example\.edu", expected https/,
    /gateway\.yaml:\d+ networks\[0\]\.ranges\[0\]: found "10\.0\.0\.300"/,
    /^Not started/m,
  ]
  for (const line of expected) t.regex(errors, line)
})

test('mistakes in rules: exit 1, each with file and line', async (t) => {
  const gateway = await prepared()
  gateway.writeRule('broken', 'title: [')
  gateway.writeRule('empty', '')
  gateway.writeRule('seats', { ...ruleOf('www.other.test'), licence: { seats: 'many' } })
  gateway.writeRule('taken', ruleOf('www.press.test'))
  const { code, errors } = await refused(gateway)
  t.is(code, 1)
  const expected = [
    /rules\/broken\.yaml:1: /,
    /rules\/empty\.yaml:1 title: is missing/,
    /rules\/seats\.yaml:\d+ licence\.seats: found "many", expected/,
    /rules\/taken\.yaml:\d+ hosts\[0\]: .*www\.press\.test/,
    /^Not started/m,
  ]
  for (const line of expected) t.regex(errors, line)
})

for (const name of ['public', 'management'] as const) {
  test(`a ${name} port that is taken: exit 1, address and reason`, async (t) => {
    const gateway = await prepared()
    const other = createServer().listen(gateway.ports[name], '127.0.0.1')
    await once(other, 'listening')
    const { code, errors } = await refused(gateway)
    other.close()
    t.is(code, 1)
    t.regex(errors, new RegExp(`127\\.0\\.0\\.1:${gateway.ports[name]}: cannot listen: EADDRINUSE`))
  })
}

test('a store file that is none: exit 1, file and reason', async (t) => {
  const gateway = await prepared()
  mkdirSync(join(gateway.folder, 'data'))
  writeFileSync(join(gateway.folder, 'data/darbaza.sqlite'), 'this is no database '.repeat(100))
  const { code, errors } = await refused(gateway)
  t.is(code, 1)
  t.regex(errors, /data\/darbaza\.sqlite: SQLite: file is not a database/)
})

test('a data folder that is a file: exit 1, and the file is named', async (t) => {
  const gateway = await prepared()
  writeFileSync(join(gateway.folder, 'data'), '')
  const { code, errors } = await refused(gateway)
  t.is(code, 1)
  t.regex(errors, /\/data/)
  t.notRegex(errors, /^\s+at /m)
})
