/**
 * Three gateways on one Redis behind a balancer that knows nothing of sessions: a thousand people who
 * come at once for five seats, and one gateway that is killed meanwhile.
 * @module
 */
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

import test from 'ava'

import { systemClock } from '../../src/core/clock.ts'
import { limits } from '../../src/core/limits.ts'
import { patronKey } from '../../src/core/types.ts'
import { createSessions } from '../../src/identity/sessions.ts'
import { gatewayPorts, prepareGateway, ruleOf, until } from '../support/gateway.ts'
import { portOf, reply, startPublisher } from '../support/publisher.ts'
import { startRedis } from '../support/redis.ts'

const people = 1000
const seats = 5
const pool = 'seated'

/** Hands connections on to each port in turn, and to the next where nobody listens. */
async function startBalancer(ports: readonly number[]) {
  const open = new Set<Socket>()
  let turn = 0
  const server = createServer((socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket)).on('error', () => undefined)
    handOn(socket, ports.length)
  })
  function handOn(socket: Socket, triesLeft: number): void {
    const upstream = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1')
    let isConnected = false
    upstream.once('connect', () => {
      isConnected = true
      open.add(upstream)
      upstream.once('close', () => socket.destroy())
      socket.once('close', () => upstream.destroy())
      socket.pipe(upstream).pipe(socket)
    })
    upstream.on('error', () => {
      if (!isConnected && triesLeft > 1) handOn(socket, triesLeft - 1)
      else socket.destroy()
    })
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: portOf(server),
    close() {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

test('a thousand first exchanges at once on five seats and three processes', async (t) => {
  const publisher = await startPublisher((socket) => socket.write(reply('good')))
  const redis = await startRedis()
  const ports = await Promise.all([gatewayPorts(), gatewayPorts(), gatewayPorts()])
  const balancer = await startBalancer(ports.map((each) => each.public))
  const portal = `http://library.localhost:${balancer.port}`
  const zone = `http://proxy.localhost:${balancer.port}`
  const gateways = await Promise.all(
    ports.map((own) =>
      prepareGateway({
        issuer: 'http://127.0.0.1:9',
        rules: { [pool]: ruleOf('www.seated.test', { seats, seatIdleMinutes: 1 }) },
        hosts: { 'www.seated.test': publisher.port },
        redis: redis.url,
        ports: own,
        config: { portal: { url: portal }, zone: { url: zone }, log: { level: 'info' } },
      }),
    ),
  )
  const [first] = gateways
  const store = first!.store()
  const agent = new Agent({ keepAlive: false })
  t.teardown(async () => {
    agent.destroy()
    balancer.close()
    await store.close()
    await Promise.all(gateways.map((gateway) => gateway.stop()))
    await publisher.close()
    await redis.stop()
  })
  await Promise.all(gateways.map((gateway) => gateway.start()))

  const sessions = createSessions({
    config: { providers: [], units: {}, sessionIdleSeconds: 3600, sessionMaxSeconds: 3600 },
    records: store.records,
    clock: systemClock,
  })
  const cookies = new Map<string, string>()
  await Promise.all(
    Array.from({ length: people }, async (_, number) => {
      const subject = `p${number}`
      const patron = { issuer: 'https://id.example', subject, categories: ['student'], groups: [] }
      const { session } = await sessions.begin({ patron: { ...patron, categories: ['student'] } })
      cookies.set(patronKey(patron), `darbaza-zone=${await sessions.issue(session, 'zone')}`)
    }),
  )

  const host = `www-seated-test.proxy.localhost:${balancer.port}`
  /** Who met a store that took longer than a second on this machine, and asked again. */
  const troubled = new Set<string>()
  async function ask(holder: string): Promise<IncomingMessage> {
    const answer = await askOnce(holder)
    if (answer.statusCode !== 503 || troubled.size > people / 2) return answer
    troubled.add(holder)
    await new Promise((resolve) => setTimeout(resolve, 500))
    return ask(holder)
  }
  async function askOnce(holder: string): Promise<IncomingMessage> {
    const headers = {
      host,
      cookie: cookies.get(holder) ?? '',
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    }
    const call = request({ host: '127.0.0.1', port: balancer.port, path: '/', headers, agent })
    call.end()
    const [answer]: IncomingMessage[] = await once(call, 'response')
    answer!.resume()
    return answer!
  }

  let most = 0
  const rush = { isOver: false }
  const watching = (async () => {
    while (!rush.isOver) most = Math.max(most, (await store.seats.leases(pool)).length)
  })()
  const holders = [...cookies.keys()]
  const statuses = await Promise.all(holders.map(async (holder) => (await ask(holder)).statusCode))
  rush.isOver = true
  await watching
  const count = (status: number) => statuses.filter((found) => found === status).length
  const { waiters } = limits.policy.queue
  t.deepEqual([count(200), count(303), count(403)], [seats, waiters, people - seats - waiters])
  t.is(most, seats)

  const leases = await store.seats.leases(pool)
  const queue = await store.seats.waiters(pool)
  t.deepEqual(
    leases.map(({ holder }) => holder).toSorted(),
    holders.filter((_, index) => statuses[index] === 200).toSorted(),
  )
  t.true(leases.every(({ acquiredAt, endsAt }) => endsAt - acquiredAt <= 60_000 + 30_000))
  t.deepEqual(
    queue.map(({ joinedAt }) => joinedAt),
    queue.map(({ joinedAt }) => joinedAt).toSorted((a, b) => a - b),
  )
  const denials = async () =>
    (await first!.usage()).filter(
      ({ kind, reason }) => kind === 'denial' && reason === 'seats_full',
    )
  // Of those whose first answer came too late it is not known that they were refused.
  const least = people - seats - troubled.size
  await until(async () => (await denials()).length >= least, 'denials are missing')
  const told = await denials()
  t.true(told.length <= people - seats)
  t.is(new Set(told.map(({ person }) => person)).size, told.length)
  t.log(`${troubled.size} of ${people} asked twice`)

  // One process dies while seats are held: the others serve its readers, and nobody gets more.
  await first!.kill()
  for (const { holder } of leases) t.is((await ask(holder)).statusCode, 200)
  const [next, second, third] = queue.map(({ holder }) => holder)
  t.is((await ask(next!)).statusCode, 303)

  // A seat that is given up goes to the first who waits, whoever comes before.
  await store.seats.release([pool], leases[0]!.holder)
  t.is((await ask(third!)).statusCode, 303)
  t.is((await ask(second!)).statusCode, 303)
  t.is((await ask(next!)).statusCode, 200)
  await store.seats.release([pool], leases[1]!.holder)
  t.is((await ask(second!)).statusCode, 200)

  // All seats can be used again.
  for (const { holder } of await store.seats.leases(pool)) await store.seats.release([pool], holder)
  const after = queue.slice(2, 2 + seats + 1).map(({ holder }) => holder)
  const answers: (number | undefined)[] = []
  for (const holder of after) answers.push((await ask(holder)).statusCode)
  t.deepEqual(answers, [...Array.from({ length: seats }, () => 200), 303])
  t.is((await store.seats.leases(pool)).length, seats)

  // The holders fall silent. The shortest idle time is a minute: all of it but some seconds is taken
  // away. Then their seats end by themselves, and all are for those who come next.
  const silent = after.slice(0, seats)
  // What they have just opened is no page with a script: it is said for it that it is there.
  await delay(limits.policy.arrivals.afterMs * 1.2)
  for (const holder of silent) t.is(await store.seats.shorten([pool], holder, 5000), 1)
  const following = queue.slice(2 + seats, 2 + 2 * seats + 1).map(({ holder }) => holder)
  t.is((await ask(following[0]!)).statusCode, 303)
  const isOver = async () =>
    (await store.seats.leases(pool)).every(({ holder }) => !silent.includes(holder))
  await until(isOver, 'seats that nobody uses end')
  const last: (number | undefined)[] = []
  for (const holder of following) last.push((await ask(holder)).statusCode)
  t.deepEqual(last, [...Array.from({ length: seats }, () => 200), 303])
  // Nor does any process believe a seat that has ended.
  for (const holder of silent) t.is((await ask(holder)).statusCode, 303)
  t.deepEqual(
    (await store.seats.leases(pool)).map(({ holder }) => holder).toSorted(),
    following.slice(0, seats).toSorted(),
  )
})
