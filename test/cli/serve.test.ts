import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

const main = join(import.meta.dirname, '../../src/main.ts')

const rule = `title: A
provider: P
start: https://www.publisher.org/
hosts: [www.publisher.org]
licence: {}
`

/** A gateway of its own on ports of the system's choice; nobody answers at its issuer. */
function written(ruleText: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-serve-'))
  mkdirSync(join(folder, 'rules'))
  writeFileSync(join(folder, 'rules/a.yaml'), ruleText)
  const file = join(folder, 'gateway.yaml')
  writeFileSync(
    file,
    `institution: { name: Misal, contact: help@example.edu }
portal: { url: 'http://library.localhost' }
zone: { url: 'http://proxy.localhost' }
listen: { port: 0 }
management: { port: 0 }
data: data
rules: rules
identity: { providers: [{ id: x, issuer: 'http://127.0.0.1:9', client: { id: x, secret: { env: TEST_SECRET } } }] }
log: { level: silent }
`,
  )
  return file
}

function serving(file: string, env: Readonly<Record<string, string>>) {
  const options = { env: { PATH: process.env['PATH'], ...env } }
  const child = spawn(process.execPath, [main, 'serve', '--config', file], options)
  const told = { text: '' }
  child.stderr.on('data', (chunk) => {
    told.text += String(chunk)
    if (told.text.includes('Darbaza serves')) child.emit('serving')
  })
  return { child, told }
}

test('serve refuses to start without a secret, and names the place that it should come from', async (t) => {
  const file = written(rule)
  const { child, told } = serving(file, {})
  t.deepEqual(await once(child, 'close'), [1, null])
  t.true(
    told.text.startsWith(
      `warning C007 ${file}:8 identity.providers[0].client.secret: the environment variable TEST_SECRET is not set`,
    ),
    told.text,
  )
  t.regex(told.text, /^Not started/m)
})

test('serve refuses to start with a bad rule, and names its line', async (t) => {
  const file = written(rule.replace('{}', '{ seats: many }'))
  const { child, told } = serving(file, { TEST_SECRET: 'x' })
  t.deepEqual(await once(child, 'close'), [1, null])
  t.regex(told.text, /^error F006 \S+rules\/a\.yaml:5 licence\.seats: found "many", expected/m)
  t.regex(told.text, /^Not started/m)
})

test('serve runs until SIGTERM and survives a SIGHUP with bad rules', async (t) => {
  const file = written(rule)
  const { child, told } = serving(file, { TEST_SECRET: 'x' })
  await once(child, 'serving')
  t.regex(told.text, /^Darbaza serves http:\/\/library\.localhost/m)
  writeFileSync(join(file, '../rules/a.yaml'), 'title: [')
  child.kill('SIGHUP')
  while (!told.text.includes('Nothing was changed')) await once(child.stderr, 'data')
  t.regex(told.text, /^error F002 \S+rules\/a\.yaml:1: /m)
  child.kill('SIGTERM')
  t.deepEqual(await once(child, 'close'), [0, null])
})
