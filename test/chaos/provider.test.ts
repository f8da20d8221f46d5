import test, { type ExecutionContext } from 'ava'

import {
  gatewayPorts,
  prepareGateway,
  ruleOf,
  until,
  type GatewayOptions,
} from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import { createReader, referenceOf } from '../support/reader.ts'
import { providerFor } from './house.ts'

/** A gateway with one publisher that answers, both gone with the test. */
async function startGateway(t: ExecutionContext, of: Pick<GatewayOptions, 'issuer' | 'ports'>) {
  const publisher = await startPublisher((socket) => socket.write(reply('good')))
  const gateway = await prepareGateway({
    ...of,
    rules: { press: ruleOf('www.press.test') },
    hosts: { 'www.press.test': publisher.port },
  })
  t.teardown(async () => {
    await gateway.stop()
    await publisher.close()
  })
  await gateway.start()
  return gateway
}

test('a provider that is down at the start, comes, goes, and comes back', async (t) => {
  const ports = await gatewayPorts()
  const first = await providerFor(ports)
  await first.stop()
  const gateway = await startGateway(t, { issuer: first.issuer, ports })
  const url = gateway.proxied('http://www.press.test/')
  const stranger = createReader(gateway, first, 'r1')

  const home = await stranger.ask(gateway.portal)
  t.is(home.status, 200)
  t.regex(home.text, /role="status"|class="notice/)
  t.is((await gateway.manage('/readyz')).status, 200)
  for (const from of [`${gateway.portal}/sign-in`, url]) {
    const page = await stranger.visit(from)
    t.is(page.status, 503)
    t.is(page.headers['retry-after'], '5')
    t.true(page.text.includes('</html>'))
    t.like(await gateway.failure(referenceOf(page)), { code: 'ERR_PROVIDER_AWAY' })
  }

  const provider = await providerFor(ports, first.port)
  await until(
    async () => (await gateway.metric('darbaza_provider_up{provider="university"}')) === 1,
    'the gateway does not find the provider by itself',
    15_000,
  )
  const reader = createReader(gateway, provider, 'r1')
  t.is((await reader.visit(url)).text, 'good')

  await provider.stop()
  for (let asking = 0; asking < 10; asking++) t.is((await reader.ask(url)).text, 'good')
  t.is((await reader.ask(`${gateway.portal}/account`)).status, 200)

  const back = await providerFor(ports, first.port)
  t.teardown(() => back.stop())
  await until(
    async () => {
      const other = createReader(gateway, back, 'r2')
      const { status } = await other.visit(url)
      other.leave()
      return status === 200
    },
    'nobody can sign in any more',
    15_000,
  )
  t.is(gateway.said.errors.trim().split('\n').length, 1)
  reader.leave()
  stranger.leave()
})

test('a provider that dies in the middle of a sign-in: the page says so, the next sign-in succeeds', async (t) => {
  const ports = await gatewayPorts()
  const provider = await providerFor(ports)
  const gateway = await startGateway(t, { issuer: provider.issuer, ports })
  const reader = createReader(gateway, provider, 'r1')
  t.teardown(() => reader.leave())
  await until(
    async () => (await gateway.metric('darbaza_provider_up{provider="university"}')) === 1,
    'no provider',
  )
  const toProvider = await reader.ask(`${gateway.portal}/sign-in`)
  const callback = await provider.signIn(toProvider.location, 'r1', new Map())
  await provider.stop()
  const page = await reader.ask(callback)
  t.is(page.status, 503)
  t.like(await gateway.failure(referenceOf(page)), { code: 'ERR_PROVIDER_AWAY' })
  t.is(await gateway.metric('darbaza_provider_up{provider="university"}'), 0)

  const back = await providerFor(ports, provider.port)
  t.teardown(() => back.stop())
  await until(async () => (await reader.visit(gateway.portal + '/sign-in')).status === 200, 'away')
  t.is((await reader.visit(gateway.proxied('http://www.press.test/'))).text, 'good')
})
