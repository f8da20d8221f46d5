import test from 'ava'

import { createEgressGuard } from '../../src/exchange/egress.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import { browse, startGateway, upstreamConfig } from './harness.ts'

const nothing = { allow: [], resolve: {} }
const locate = (address: string, allow: readonly string[] = []) =>
  createEgressGuard({ ...nothing, allow }, () => Promise.resolve([address]))('a.test', 443)

const refused = [
  '127.0.0.1',
  '127.255.255.255',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '100.127.255.255',
  '169.254.169.254',
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::7f00:1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::FFFF:A00:1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::7f00:1',
  '64:ff9b:1::7f00:1',
  '64:ff9b:1::8.8.8.8',
  '2002:7f00:1::',
  '2002:a00:1::1',
  '2001::1',
  '2001:db8::1',
  '2001:2::1',
  '2001:10::1',
  'fc00::1',
  'fd00::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '100::1',
  '3fff::1',
  '4000::1',
  'fe80::1%eth0',
  'localhost',
  '',
  '010.0.0.1',
  '127.1',
  '2130706433',
]
for (const address of refused) {
  test(`a name that leads to "${address}" is refused`, async (t) => {
    await t.throwsAsync(locate(address), { code: 'ERR_UPSTREAM_FORBIDDEN', message: /a\.test/ })
  })
}

const admitted: readonly [text: string, connected: string][] = [
  ['8.8.8.8', '8.8.8.8'],
  ['172.32.0.1', '172.32.0.1'],
  ['100.128.0.1', '100.128.0.1'],
  ['2a00:1450::1', '2a00:1450::1'],
  ['::ffff:8.8.8.8', '8.8.8.8'],
  ['::8.8.8.8', '8.8.8.8'],
  ['64:ff9b::808:808', '64:ff9b::808:808'],
]
for (const [text, connected] of admitted) {
  test(`a name that leads to ${text} is let through, to ${connected}`, async (t) => {
    t.deepEqual(await locate(text), { addresses: [connected], port: 443 })
  })
}

test('one forbidden address among others condemns the name', async (t) => {
  const guard = createEgressGuard(nothing, () => Promise.resolve(['8.8.8.8', '10.0.0.1']))
  await t.throwsAsync(guard('a.test', 443), { code: 'ERR_UPSTREAM_FORBIDDEN' })
})

test('upstream.allow takes addresses, blocks and pairs, in any notation', async (t) => {
  const allow = ['10.0.0.1', '192.168.0.0/16', '172.16.0.5-172.16.0.7', 'fd00::/8', '::1']
  for (const address of [
    '10.0.0.1',
    '::ffff:10.0.0.1',
    '192.168.3.4',
    '172.16.0.7',
    'fd12::1',
    '::1',
  ]) {
    t.is((await locate(address, allow)).addresses.length, 1)
  }
  for (const address of ['10.0.0.2', '172.16.0.8', 'fc00::1', '127.0.0.1']) {
    await t.throwsAsync(locate(address, allow), { code: 'ERR_UPSTREAM_FORBIDDEN' })
  }
})

for (const range of [
  '',
  '10.0.0',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.9-10.0.0.1',
  '10.0.0.1-::1',
  '10.0.0.1-2-3',
  'lan',
]) {
  test(`upstream.allow "${range}" is refused at load`, (t) => {
    t.throws(() => createEgressGuard({ ...nothing, allow: [range] }, () => Promise.resolve([])), {
      code: 'ERR_ADDRESS_RANGE',
      message: /^upstream\.allow: /,
    })
  })
}

for (const target of ['', '1.2.3.4', 'host:1', '1.2.3.4:0', '1.2.3.4:70000', '::1:80']) {
  test(`upstream.resolve to "${target}" is refused at load`, (t) => {
    const resolve = { 'www.a.test': target }
    t.throws(() => createEgressGuard({ ...nothing, resolve }, () => Promise.resolve([])), {
      code: 'ERR_CONFIG',
      message: /^upstream\.resolve\.www\.a\.test: /,
    })
  })
}

test('upstream.resolve stands before DNS, with the port before the bare host, and is judged too', async (t) => {
  const resolve = {
    'a.test': '8.8.8.8:1',
    'a.test:8443': '[2a00:1450::1]:2',
    'b.test': '127.0.0.1:3',
  }
  const guard = createEgressGuard({ ...nothing, resolve }, () =>
    Promise.reject(new Error('asked DNS')),
  )
  t.deepEqual(await guard('a.test', 443), { addresses: ['8.8.8.8'], port: 1 })
  t.deepEqual(await guard('a.test', 8443), { addresses: ['2a00:1450::1'], port: 2 })
  await t.throwsAsync(guard('b.test', 443), { code: 'ERR_UPSTREAM_FORBIDDEN' })
  await t.throwsAsync(guard('c.test', 443), { message: 'asked DNS' })
})

test('addresses of the other family than upstream.localAddress are left out', async (t) => {
  const guard = createEgressGuard({ ...nothing, localAddress: '10.0.0.2' }, () =>
    Promise.resolve(['2a00:1450::1', '8.8.8.8']),
  )
  t.deepEqual((await guard('a.test', 443)).addresses, ['8.8.8.8'])
  const other = createEgressGuard({ ...nothing, localAddress: '10.0.0.2' }, () =>
    Promise.resolve(['2a00:1450::1']),
  )
  await t.throwsAsync(other('a.test', 443), { code: 'ERR_UPSTREAM_AWAY' })
})

test('a name without addresses is away', async (t) => {
  const guard = createEgressGuard(nothing, () => Promise.resolve([]))
  await t.throwsAsync(guard('a.test', 443), { code: 'ERR_UPSTREAM_AWAY' })
})

test('a refused name costs a 502 and no connection', async (t) => {
  const publisher = await startPublisher((socket) => socket.end(reply('secret')))
  const config = { ...upstreamConfig({ www: publisher.port }), allow: [] }
  const gateway = await startGateway({ config })
  for (const method of ['GET', 'POST'])
    t.is((await browse(gateway.port, 'www', { method })).status, 502)
  t.is(publisher.accepted(), 0)
  t.like(gateway.events[0], { code: 'ERR_UPSTREAM_FORBIDDEN' })
  await gateway.close()
  await publisher.close()
})

test('a name is judged anew for every connection, and the judged address is connected to', async (t) => {
  const publisher = await startPublisher((socket) => socket.end(reply('ok', 'Connection: close')))
  const answers = ['127.0.0.1', '127.0.0.3', '169.254.169.254', '127.0.0.1']
  let asked = 0
  const gateway = await startGateway(
    {
      config: upstreamConfig({}, { allow: ['127.0.0.1'] }),
      resolver: () => Promise.resolve([answers[asked++] ?? '']),
    },
    publisher.port,
  )
  const headers = { host: `ported-publisher-test---p${publisher.port}.proxy.localhost` }
  const statuses = []
  for (const _ of answers) statuses.push((await browse(gateway.port, '', { headers })).status)
  t.deepEqual(statuses, [200, 502, 502, 200])
  t.is(asked, 4)
  t.is(publisher.accepted(), 2)
  await gateway.close()
  await publisher.close()
})

test('a dead address is followed by the next one of the name', async (t) => {
  const publisher = await startPublisher((socket) => socket.end(reply('ok')))
  const gateway = await startGateway(
    { config: upstreamConfig({}), resolver: () => Promise.resolve(['127.0.0.7', '127.0.0.1']) },
    publisher.port,
  )
  const headers = { host: `ported-publisher-test---p${publisher.port}.proxy.localhost` }
  t.is((await browse(gateway.port, '', { headers })).status, 200)
  await gateway.close()
  await publisher.close()
})
