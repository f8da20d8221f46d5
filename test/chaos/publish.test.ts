import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'

import test from 'ava'

import { inspectConfig } from '../../src/config/load.ts'
import { prepareSet, putIntoForce } from '../../src/control/publish.ts'
import { systemClock } from '../../src/core/clock.ts'
import { gatewayPorts, prepareGateway, ruleOf, until } from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import { createReader, keepReading } from '../support/reader.ts'
import { startRedis } from '../support/redis.ts'
import { providerFor } from './house.ts'

/** A balancer of connections: each goes to the next of the ports. */
async function startBalancer(ports: readonly number[]) {
  let turn = 0
  const server = createServer((client) => {
    const gateway = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1')
    client.pipe(gateway).pipe(client)
    client.on('error', () => gateway.destroy())
    gateway.on('error', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, close: () => server.close() }
}

test('a publish is in force in three processes within a second, and no exchange fails', async (t) => {
  const publisher = await startPublisher((socket) =>
    setTimeout(() => socket.write(reply('good')), 5),
  )
  const redis = await startRedis()
  const ports = await Promise.all([0, 1, 2].map(() => gatewayPorts()))
  const balancer = await startBalancer(ports.map((own) => own.public))
  const front = { public: balancer.port, management: 0 }
  const provider = await providerFor(front)
  const gateways = await Promise.all(
    ports.map((own) =>
      prepareGateway({
        issuer: provider.issuer,
        rules: { press: ruleOf('www.press.test') },
        hosts: { 'www.press.test': publisher.port },
        redis: redis.url,
        ports: own,
        config: {
          portal: { url: `http://library.localhost:${front.public}` },
          zone: { url: `http://proxy.localhost:${front.public}` },
        },
      }),
    ),
  )
  t.teardown(async () => {
    for (const gateway of gateways) await gateway.stop()
    balancer.close()
    await Promise.all([provider.stop(), publisher.close(), redis.stop()])
  })
  await Promise.all(gateways.map((gateway) => gateway.start()))
  const [first] = gateways
  const url = `http://www-press-test.proxy.localhost:${front.public}/`
  const reader = createReader({ ports: front }, provider, 'r1')
  t.is((await reader.visit(url)).status, 200)

  const { statuses, stop } = keepReading(reader, url, 6)
  const store = first!.store()
  const { outline } = inspectConfig(first!.configFile, { env: {} })
  const parts = { control: store.control, clock: systemClock, config: outline! }
  const delays: number[] = []
  for (let version = 1; version <= 5; version++) {
    first!.writeRule('press', ruleOf('www.press.test', { seats: version }))
    const set = await prepareSet(parts)
    await putIntoForce(parts, set, { by: 'test', why: 'a test' })
    const publishedAt = performance.now()
    await Promise.all(
      gateways.map((gateway) =>
        until(
          async () => (await gateway.metric('darbaza_rules_version')) === version,
          `version ${version} does not come`,
        ),
      ),
    )
    delays.push(Math.round(performance.now() - publishedAt))
  }
  await stop()
  reader.leave()
  await store.close()
  t.log(`seen by all after ${delays.join(', ')} ms, ${statuses.get(200)} exchanges meanwhile`)
  t.deepEqual([...statuses.keys()], [200])
  // The median: a machine that is busy with other tests may be late once.
  t.true(delays.toSorted((a, b) => a - b)[2]! < 1000)
})
