import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import test from 'ava'

import { runDemo } from '../../src/demo/main.ts'
import type { DemoOptions, RunningDemo } from '../../src/demo/main.ts'
import { listen } from '../../src/demo/publisher.ts'
import { ask, stranger } from './support.ts'

const ports = { gateway: 0, management: 0, provider: 0, publishers: 0 }

function options(): DemoOptions {
  return { ports, quiet: true, dataFolder: mkdtempSync(join(tmpdir(), 'darbaza-demo-')) }
}

function askPortal({ portalOrigin }: RunningDemo) {
  return ask(portOf(portalOrigin), `${portalOrigin}/`, { from: stranger })
}

function portOf(origin: string): number {
  return Number(new URL(origin).port)
}

test('everything answers after the start, and nothing after the stop', async (t) => {
  const demo = await runDemo(options())
  const portal = () => askPortal(demo)
  const ready = () => fetch(`${demo.managementOrigin}/healthz`)
  const discovery = () => fetch(`${demo.issuer}/.well-known/openid-configuration`)
  const publisherPort = Number(demo.publishers['www.steppe-journals.example']?.split(':')[1])
  const publisher = () => ask(publisherPort, 'http://www.steppe-journals.example/')

  t.is((await portal()).status, 200)
  t.is((await ready()).status, 200)
  t.is((await discovery()).status, 200)
  t.is((await publisher()).status, 200)
  await demo.stop()
  for (const asking of [portal, ready, discovery, publisher]) await t.throwsAsync(asking())
  await t.notThrowsAsync(demo.stop())
})

test('links of both publishers are looked at by themselves, and one shows that it knows the library', async (t) => {
  const demo = await runDemo(options())
  t.teardown(() => demo.stop())
  const metrics = async () => await (await fetch(`${demo.managementOrigin}/metrics`)).text()
  let text = await metrics()
  for (let tries = 0; tries < 300 && !/^darbaza_link_check_last/m.test(text); tries++) {
    await pause(100)
    text = await metrics()
  }
  t.regex(text, /^darbaza_link_up\{resource="alatoo-books"\} 1$/m)
  t.regex(text, /^darbaza_link_up\{resource="steppe-journals"\} 1$/m)
})

test('a library computer comes from the address of the reading room', async (t) => {
  const demo = await runDemo(options())
  t.teardown(() => demo.stop())
  t.is(demo.readingRoom, '127.0.0.3')
  const port = portOf(demo.portalOrigin)
  const answer = await fetch(`http://${demo.readingRoom}:${port}/`, {
    headers: { host: new URL(demo.portalOrigin).host },
  }).catch((error: unknown) => error)
  t.true(answer instanceof Response)
})

test('a port that is taken stops the start, with advice and nothing left running', async (t) => {
  const other = createServer()
  t.teardown(() => other.close())
  const taken = await listen(other, { address: '127.0.0.1', port: 0 })
  await t.throwsAsync(runDemo({ ...options(), ports: { ...ports, provider: taken } }), {
    code: 'ERR_CONFIG',
    message: new RegExp(`port ${taken} .*sign-in service`),
  })
})

test('production is refused before anything starts', async (t) => {
  await t.throwsAsync(runDemo({ ...options(), env: { NODE_ENV: 'production' } }), {
    code: 'ERR_CONFIG',
    message: /NODE_ENV=production/,
  })
})
