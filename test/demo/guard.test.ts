import { createServer } from 'node:http'
import { writeFileSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { loadConfig } from '../../src/config/load.ts'
import {
  freePort,
  listening,
  refuseOpenAddresses,
  refuseProduction,
  withDevelopmentDependencies,
} from '../../src/demo/guard.ts'
import { listen } from '../../src/demo/publisher.ts'

const file = new URL('../../config/demo.yaml', import.meta.url).pathname
const config = loadConfig(file, { env: {} })

test('the demo does not run in production', (t) => {
  t.throws(() => refuseProduction({ NODE_ENV: 'production' }), { code: 'ERR_CONFIG' })
  t.notThrows(() => refuseProduction({ NODE_ENV: 'test' }))
  t.notThrows(() => refuseProduction({}))
})

test('config/demo.yaml stays on this machine', (t) => {
  t.notThrows(() => refuseOpenAddresses(config))
})

for (const [where, from, to] of [
  ['listen.address', 'listen:\n  address: 127.0.0.1', 'listen:\n  address: 0.0.0.0'],
  ['listen.address', 'listen:\n  address: 127.0.0.1', 'listen:\n  address: "::"'],
  ['listen.address', 'listen:\n  address: 127.0.0.1', 'listen:\n  address: 192.168.1.7'],
  ['management.address', 'management:\n  address: 127.0.0.1', 'management:\n  address: 10.0.0.1'],
  ['portal.url', 'http://library.localhost:8080', 'https://library.example.edu'],
  ['zone.url', 'http://proxy.localhost:8080', 'https://read.example.org'],
  ['identity.providers[0].issuer', 'http://localhost:8081', 'https://login.example.edu'],
  [
    'upstream.resolve.www.alatoo-books.example',
    'www.alatoo-books.example: 127.0.0.1',
    'www.alatoo-books.example: 198.51.100.9',
  ],
] as const) {
  test(`an address that others reach is refused: ${where} ${to.split(': ').at(-1)}`, (t) => {
    const text = readFileSync(file, 'utf8')
    t.true(text.includes(from))
    const changed = join(mkdtempSync(join(tmpdir(), 'darbaza-demo-')), 'demo.yaml')
    writeFileSync(changed, text.replace(from, to))
    const error = t.throws(() => refuseOpenAddresses(loadConfig(changed, { env: {} })), {
      code: 'ERR_CONFIG',
    })
    t.true(error?.message.includes(where), error?.message)
  })
}

test('a taken port and a missing address are told with advice', async (t) => {
  const server = createServer()
  t.teardown(() => server.close())
  const port = await listen(server, { address: '127.0.0.1', port: 0 })
  const place = { what: 'a test', address: '127.0.0.1', port }
  await t.throwsAsync(
    listening(place, () => listen(createServer(), place)),
    {
      code: 'ERR_CONFIG',
      message: new RegExp(`port ${port} of 127.0.0.1 is taken.*change the port`),
    },
  )
  const elsewhere = { what: 'a test', address: '192.0.2.1', port: 0 }
  await t.throwsAsync(
    listening(elsewhere, () => freePort('192.0.2.1')),
    { code: 'ERR_CONFIG', message: /no address 192\.0\.2\.1.*ifconfig lo0 alias/ },
  )
})

test('missing development dependencies are told with the command', async (t) => {
  const name = 'a-package-that-is-not-installed'
  await t.throwsAsync(
    withDevelopmentDependencies(() => import(name)),
    { code: 'ERR_CONFIG', message: /npm ci/ },
  )
})
