/** Whatever a reader brings with them is kept where the manual says, and nowhere else. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Redis } from 'ioredis'
import test from 'ava'

import { clientSecret, ruleOf, until } from '../support/gateway.ts'
import { reply, startPublisher } from '../support/publisher.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { canaryAccounts, openHouse } from './house.ts'
import { byPath } from './mishaps.ts'

const main = join(import.meta.dirname, '../../src/main.ts')
const subject = 'canary-subject'
const { name, email } = canaryAccounts[subject]
/** Who it is, and what they asked: nothing of it outlives the session. */
const person = [
  subject,
  name,
  email,
  '203.0.113.77',
  'canary-query',
  'canary-referrer',
  'canary-word',
]
/** The browser is kept with events and in the access log, as the manual says, and told nowhere else. */
const browser = 'CanaryBrowser/77.0'

/** All bytes of all files below a folder, by name. */
function filesBelow(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((each) => each.isFile())
  return new Map(
    files.map((each) => {
      const file = join(each.parentPath, each.name)
      return [file.slice(folder.length), readFileSync(file, 'latin1')]
    }),
  )
}

/** Everything that a server has on disk after it was told to write it, uncompressed. */
async function dumpOf(redis: TestRedis): Promise<string> {
  const client = new Redis(redis.url)
  await client.config('SET', 'rdbcompression', 'no')
  await client.save()
  const [, folder = ''] = await client.config('GET', 'dir')
  const [, file = ''] = await client.config('GET', 'dbfilename')
  client.disconnect()
  return readFileSync(join(folder, file), 'latin1')
}

const found = (places: ReadonlyMap<string, string>, words: readonly string[]) =>
  [...places].flatMap(([place, text]) =>
    words.filter((word) => text.includes(word)).map((word) => `${word} in ${place}`),
  )

const answer = (type: string) => (socket: { write(text: string): unknown }) =>
  socket.write(reply('<p>text</p>', `Content-Type: ${type}`))

for (const kind of ['embedded', 'redis'] as const) {
  test.serial(
    `${kind}: who a reader is and what they ask is in their session alone, and gone with it`,
    async (t) => {
      const redis = kind === 'redis' ? await startRedis() : undefined
      const publisher = await startPublisher(
        byPath({ '/article/1?q=canary-query': answer('text/html') }),
      )
      const house = await openHouse({
        rules: {
          press: ruleOf('www.press.test'),
          staff: ruleOf('www.staff.test', { categories: ['staff'] }),
          one: ruleOf('www.one.test', { seats: 1 }),
        },
        hosts: {
          'www.press.test': publisher.port,
          'www.staff.test': publisher.port,
          'www.one.test': publisher.port,
        },
        config: { accessLog: { folder: 'data/log' } },
        ...(redis && { redis: redis.url }),
      })
      const { gateway } = house
      t.teardown(async () => {
        await house.close()
        await publisher.close()
        await redis?.stop()
      })
      const bytesOfStore = async () => {
        const files = filesBelow(join(gateway.folder, 'data'))
        if (redis !== undefined) files.set('redis', await dumpOf(redis))
        return files
      }
      const reader = house.reader(subject)
      const headers = {
        'X-Forwarded-For': '203.0.113.77',
        'User-Agent': `Mozilla/5.0 ${browser}`,
        Referer: 'https://elsewhere.example/canary-referrer',
        Accept: 'text/html',
        'Sec-Fetch-Dest': 'document',
        'Sec-Fetch-Mode': 'navigate',
      }
      const ask = (host: string, path: string) =>
        reader.ask(gateway.proxied(`http://${host}${path}`), { headers })

      t.is((await house.reader('r1').visit(gateway.proxied('http://www.one.test/'))).status, 200)
      t.is((await reader.visit(gateway.proxied('http://www.press.test/'))).status, 200)
      t.is((await ask('www.press.test', '/article/1?q=canary-query')).status, 200)
      t.is((await ask('www.press.test', '/search?query=canary-word')).status, 200)
      t.is((await ask('www.staff.test', '/?q=canary-query')).status, 403)
      t.is((await ask('www.one.test', '/?q=canary-query')).status, 303)
      t.is((await reader.ask(`${gateway.portal}/account`, { headers })).status, 200)
      const isWaitStored = async () => {
        const events = await gateway.usage().catch(() => [])
        return events.some((event) => event.kind === 'wait')
      }
      await until(isWaitStored, 'the last event is not stored')
      const { body: metrics } = await gateway.manage('/metrics')

      // While the session lives, who it is of is in its row; what they ask is nowhere.
      const living = await bytesOfStore()
      t.true(found(living, [subject]).length > 0)
      t.deepEqual(found(living, person.slice(2)), [])

      const account = await reader.ask(`${gateway.portal}/account`, { headers })
      const token = /name="form_token" value="([^"]+)"/.exec(account.text)?.[1] ?? ''
      const left = await reader.ask(`${gateway.portal}/sign-out`, {
        method: 'POST',
        body: new URLSearchParams({ form_token: token }).toString(),
        headers: {
          ...headers,
          Origin: gateway.portal,
          'Content-Type': 'application/x-www-form-urlencoded',
        },
      })
      t.is(left.status, 303)
      gateway.signal('SIGTERM')
      await gateway.ended()

      const env = {
        PATH: process.env['PATH'],
        TEST_CLIENT_SECRET: clientSecret,
        TEST_REDIS_URL: redis?.url,
      }
      const reports = ['use', 'titles'].map((each) =>
        execFileSync(
          process.execPath,
          [main, 'report', each, '--format', 'json', '--config', gateway.configFile],
          { env, encoding: 'utf8' },
        ),
      )
      t.regex(reports.join(), /"openings"/)
      const { log, errors } = gateway.said
      const told = new Map([
        ['log', log],
        ['errors', errors],
        ['metrics', metrics],
        ['reports', reports.join()],
      ])
      t.deepEqual(found(told, [...person, browser]), [])
      const after = await bytesOfStore()
      t.deepEqual(found(after, person), [])
      // It was looked at where it is, and the access log is one of the places.
      const places = found(after, [browser]).map((each) => each.split(' in ')[1] ?? '')
      t.true(
        places.some((place) => place.includes('/log/')),
        places.join(),
      )
      t.true(
        places.some((place) => /sqlite|redis/.test(place)),
        places.join(),
      )
    },
  )
}
