/**
 * Every option of a rule file, from the file to what publisher and reader see: a whole gateway in a
 * process of its own, and beside each option the same question to a resource without it.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import anyTest, { type TestFn } from 'ava'

import { openHouse, type House } from '../chaos/house.ts'
import { until } from '../support/gateway.ts'
import { reply, startPublisher, type Publisher, type SeenRequest } from '../support/publisher.ts'
import type { Reader } from '../support/reader.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
  readonly reader: Reader
  readonly stranger: Reader
  /** The proxied form of a publisher's URL. */
  url(url: string): string
  /** What the publisher was asked last for a path. */
  seen(path: string): SeenRequest
}

const test = anyTest as TestFn<Context>

const secret = 'canary-licence-key'
const licenceFile = join(mkdtempSync(join(tmpdir(), 'darbaza-options-')), 'licence.key')
writeFileSync(licenceFile, `${secret}\n`)

/** Everything on; `{{press}}` stands for the name of the resource's hosts. */
const options = {
  replace: [
    {
      find: 'window.home = HOME',
      replace: 'window.home = "http://www.press.test/home"',
      in: { kinds: ['html'], paths: ['/pages/**'] },
      test: {
        from: 'window.home = HOME',
        to: 'window.home = "http://www.press.test/home"',
      },
    },
    {
      find: 'data-own="',
      keep: true,
      test: { from: 'data-own="http://x"', to: 'data-own="' },
    },
  ],
  bareHosts: true,
  encodedUrls: true,
  requestHeaders: { 'X-Proxy-Server': 'library', 'X-Licence': { file: licenceFile } },
  neverProxy: ['static.press-cdn.test'],
  anonymousPaths: ['/open/**', { path: '/api/**', methods: ['OPTIONS'] }],
  cookies: 'server',
  setCookies: [{ name: 'BROWSER_SUPPORTS_COOKIES', value: '1', domain: '.press.test' }],
  contentTypes: [
    { type: 'text/plain', paths: ['/scripts/*.js'], as: 'javascript' },
    { paths: ['/raw/**'], as: 'none' },
  ],
  shim: false,
}

function ruleWith(name: string, more: object) {
  return {
    title: name,
    provider: 'Press',
    start: `http://www.${name}.test/`,
    hosts: [`http://www.${name}.test`, { domain: `http://${name}-cdn.test` }],
    licence: { seats: 1 },
    ...more,
  }
}

/** The same page, script and headers at both publishers, in their own names. */
function answer(path: string, name: string): string {
  const own = `http://www.${name}.test`
  if (path.startsWith('/scripts/')) return reply(`u = "${own}/x"; h = "www.${name}.test"`)
  if (path.startsWith('/moved')) {
    const query = encodeURIComponent(`${own}/q`)
    return `HTTP/1.1 302 Found\r\nLocation: ${own}/in?u=${query}\r\nContent-Length: 0\r\n\r\n`
  }
  if (path.startsWith('/cookies')) {
    return reply(
      '<p>',
      'Content-Type: text/html\r\nSet-Cookie: own=1; Path=/\r\nSet-Cookie: wide=2',
    )
  }
  const page = `<!doctype html><html><head></head><body><script>window.home = HOME; h = "www.${name}.test"</script>
<a href="${own}/a" data-own="${own}/b">a</a><a href="/x?u=http%3A%2F%2Fwww.${name}.test%2Fq">b</a>
<img src="http://static.${name}-cdn.test/i.png"><img src="http://img.${name}-cdn.test/i.png"></body></html>`
  return reply(page, 'Content-Type: text/html\r\nETag: "1"\r\nSet-Cookie: any=1')
}

test.before(async (t) => {
  const publisher = await startPublisher((socket, { head }) => {
    const path = /^\S+ (\S+)/.exec(head)?.[1] ?? ''
    const name = /\r\nHost: (?:\w+\.)?(press|plain)/i.exec(head)?.[1] ?? 'press'
    socket.write(answer(path, name))
  })
  const names = ['press', 'plain'].flatMap((name) => [
    `www.${name}.test`,
    `static.${name}-cdn.test`,
    `img.${name}-cdn.test`,
  ])
  const house = await openHouse({
    rules: { press: ruleWith('press', { rewriting: options }), plain: ruleWith('plain', {}) },
    hosts: Object.fromEntries(names.map((name) => [name, publisher.port])),
  })
  const { gateway } = house
  const url = (address: string) => gateway.proxied(address)
  const reader = house.reader('r1')
  Object.assign(t.context, { house, publisher, reader, stranger: house.reader('r2'), url })
  Object.assign(t.context, {
    seen: (path: string) =>
      publisher.requests.findLast(({ head }) => head.split(' ')[1] === path) ?? { head: '' },
  })
  t.is((await reader.visit(url('http://www.press.test/'))).status, 200)
})

test.after.always(async (t) => {
  await t.context.house?.close()
  await t.context.publisher?.close()
})

/** What comes back of a path of each resource. */
async function both({ reader, url }: Context, path: string) {
  const press = await reader.ask(url(`http://www.press.test${path}`))
  const plain = await reader.visit(url(`http://www.plain.test${path}`))
  return { press: press.text, plain: plain.text }
}

test.serial('replace: text is replaced before it is mapped, where the rule says so', async (t) => {
  const { url } = t.context
  const home = `window.home = "${url('http://www.press.test/home')}"`
  const pages = await both(t.context, '/pages/a')
  t.true(pages.press.includes(home), pages.press)
  t.true(pages.plain.includes('window.home = HOME'))
  t.true((await both(t.context, '/other')).press.includes('window.home = HOME'))
  // A page that was changed is not remembered as one in which nothing changes.
  t.true((await both(t.context, '/pages/a')).press.includes(home))
  t.true(pages.press.includes('data-own="http://www.press.test/b"'))
  t.true(pages.plain.includes(`data-own="${url('http://www.plain.test/b')}"`))
})

test.serial('bareHosts: a script string that is nothing but a host is mapped', async (t) => {
  const { url } = t.context
  const host = new URL(url('http://www.press.test/')).host
  const pages = await both(t.context, '/')
  t.true(pages.press.includes(`h = "${host}"`), pages.press)
  t.true(pages.plain.includes('h = "www.plain.test"'))
})

test.serial('encodedUrls: an encoded address is mapped, and arrives as it was', async (t) => {
  const { url, reader, seen } = t.context
  const mapped = encodeURIComponent(url('http://www.press.test/q'))
  const pages = await both(t.context, '/')
  t.true(pages.press.includes(`href="/x?u=${mapped}"`), pages.press)
  t.true(pages.plain.includes('href="/x?u=http%3A%2F%2Fwww.plain.test%2Fq"'))
  const moved = await reader.ask(url('http://www.press.test/moved'))
  t.is(moved.location, `${url('http://www.press.test/in')}?u=${mapped}`)
  const plain = await reader.ask(url('http://www.plain.test/moved'))
  t.is(plain.location, `${url('http://www.plain.test/in')}?u=http%3A%2F%2Fwww.plain.test%2Fq`)
  await reader.ask(`${url('http://www.press.test/x')}?u=${mapped}`)
  t.regex(seen('/x?u=http%3A%2F%2Fwww.press.test%2Fq').head, /^GET /)
})

test.serial('requestHeaders: a reader’s request carries them, nobody else’s does', async (t) => {
  const { reader, stranger, url, seen, house } = t.context
  await reader.ask(url('http://www.press.test/keys'), { headers: { 'x-licence': 'forged' } })
  const { head } = seen('/keys')
  t.regex(head, /\r\nX-Proxy-Server: library\r?\n?/)
  t.deepEqual(head.match(/x-licence: .*/gi), [`X-Licence: ${secret}`])
  await reader.visit(url('http://www.plain.test/keys-not'))
  t.notRegex(seen('/keys-not').head, /x-licence|x-proxy-server/i)
  await stranger.ask(url('http://www.press.test/open/keys'))
  t.notRegex(seen('/open/keys').head, /x-licence|x-proxy-server/i)
  const { said } = house.gateway
  t.false(said.log.includes(secret) || said.errors.includes(secret))
})

test.serial('neverProxy: a host stays direct in pages, and has no name in the zone', async (t) => {
  const { reader, url, publisher } = t.context
  const pages = await both(t.context, '/')
  t.true(pages.press.includes('src="http://static.press-cdn.test/i.png"'), pages.press)
  t.true(pages.press.includes(`src="${url('http://img.press-cdn.test/i.png')}"`))
  t.true(pages.plain.includes(`src="${url('http://static.plain-cdn.test/i.png')}"`))
  const count = publisher.requests.length
  t.is((await reader.ask(url('http://static.press-cdn.test/i.png'))).status, 421)
  t.is(publisher.requests.length, count)
  t.is((await reader.ask(url('http://img.press-cdn.test/i.png'))).status, 200)
})

test.serial('anonymousPaths: nobody reads them, without cookies and seat', async (t) => {
  const { reader, stranger, url, seen, house, publisher } = t.context
  const script = {
    as: 'script',
    headers: {
      Cookie: 'any=thing',
      Authorization: 'Basic eDp5',
      'X-Original-Uri': '/pages/a',
      'X-HTTP-Method-Override': 'POST',
    },
  } as const
  const open = await stranger.ask(url('http://www.press.test/open/feed'), script)
  t.is(open.status, 200)
  t.is(open.headers['set-cookie'], undefined)
  t.notRegex(
    seen('/open/feed').head,
    /\r\n(?:cookie|authorization|x-original-uri|x-http-method-override):/i,
  )
  const options200 = await stranger.ask(url('http://www.press.test/api/x'), {
    ...script,
    method: 'OPTIONS',
  })
  t.is(options200.status, 200)

  const count = publisher.requests.length
  /** [method, path] */
  const closed = [
    ['GET', '/'],
    ['GET', '/openly'],
    ['GET', '/open'],
    ['POST', '/open/feed'],
    ['GET', '/api/x'],
    ['GET', '/open/..%2Fpages/a'],
    ['GET', '/open/%2e%2e/pages/a'],
    ['GET', '/open/..;/pages/a'],
    ['GET', '/open//pages/a'],
    ['GET', '/open/%5c..%5cpages'],
    ['GET', '/x?/open/feed'],
  ] as const
  for (const [method, path] of closed) {
    const { status } = await stranger.ask(url(`http://www.press.test${path}`), {
      ...script,
      method,
    })
    t.is(status, 401, path)
  }
  t.is((await stranger.ask(url('http://www.plain.test/open/feed'), script)).status, 401)
  t.is(publisher.requests.length, count)

  // The only seat is the reader's, and stays it.
  t.is(await house.gateway.metric('darbaza_seats_used{pool="press"}'), 1)
  await reader.ask(url('http://www.press.test/open/mine'))
  const paths = async () => (await house.gateway.usage()).map((event) => event['path'])
  await until(async () => (await paths()).includes('/open/mine'), 'no use is told')
  const told = (await house.gateway.usage()).filter((event) => event['path'] === '/open/feed')
  t.true(told.length > 0)
  t.true(told.every(({ person, session }) => person === undefined && session === undefined))
})

test.serial(
  'cookies: all of them stay in the session, and one is there from the start',
  async (t) => {
    const { reader, url, seen } = t.context
    const first = await reader.ask(url('http://www.press.test/cookies'))
    t.is(first.headers['set-cookie'], undefined)
    await reader.ask(url('http://www.press.test/after'), {
      headers: { Cookie: await cookiesOf(reader, url) },
    })
    const sent = /\r\nCookie: (.*)/i.exec(seen('/after').head)?.[1]?.trim().split('; ')
    t.deepEqual(sent?.toSorted(), ['BROWSER_SUPPORTS_COOKIES=1', 'any=1', 'own=1', 'wide=2'])
    const plain = await reader.ask(url('http://www.plain.test/cookies'))
    t.deepEqual(plain.headers['set-cookie'], ['own=1; Path=/', 'wide=2'])
    await reader.ask(url('http://www.plain.test/after-plain'))
    t.regex(seen('/after-plain').head, /\r\nCookie: any=1; own=1; wide=2/)
  },
)

/** The reader's cookies, and one that a script has made. */
async function cookiesOf(reader: Reader, url: Context['url']): Promise<string> {
  return `${await reader.jar.getCookieString(url('http://www.press.test/'))}; made-by-script=1`
}

test.serial('contentTypes: a body is read as the rule says', async (t) => {
  const { url } = t.context
  const scripts = await both(t.context, '/scripts/a.js')
  t.true(scripts.press.includes(`u = "${url('http://www.press.test/x')}"`), scripts.press)
  t.true(scripts.plain.includes('u = "http://www.plain.test/x"'))
  const raw = await both(t.context, '/raw/a')
  t.true(raw.press.includes('href="http://www.press.test/a"'))
  t.true(raw.plain.includes(`href="${url('http://www.plain.test/a')}"`))
})

test.serial('shim: false leaves it out of the head', async (t) => {
  const pages = await both(t.context, '/')
  t.false(pages.press.includes('/.darbaza/shim/'))
  t.true(pages.plain.includes('<head><script src="/.darbaza/shim/plain.'))
})

test.serial(
  'a rule that is changed makes other validators; one that fails its fixture changes nothing',
  async (t) => {
    const { house, reader, url } = t.context
    const page = url('http://www.press.test/pages/a')
    const { etag = '' } = (await reader.ask(page)).headers
    const [first] = options.replace
    const changed = {
      ...first,
      replace: 'window.home = NOW',
      test: { from: 'window.home = HOME', to: 'window.home = NOW' },
    }
    house.gateway.writeRule(
      'press',
      ruleWith('press', { rewriting: { ...options, replace: [changed] } }),
    )
    house.gateway.signal('SIGHUP')
    const ask = () => reader.ask(page, { headers: { 'If-None-Match': etag } })
    const hasChanged = async () => (await ask()).text.includes('window.home = NOW')
    await until(hasChanged, 'the changed rule is not in force')
    const again = await ask()
    t.is(again.status, 200)
    t.not(again.headers.etag, etag)

    const faulty = { ...changed, test: { from: 'window.home = HOME', to: 'something else' } }
    house.gateway.writeRule(
      'press',
      ruleWith('press', { rewriting: { ...options, replace: [faulty] } }),
    )
    house.gateway.signal('SIGHUP')
    const { said } = house.gateway
    await until(() => (said.errors + said.log).includes('F024'), 'nobody tells of the fixture')
    t.true(await hasChanged())
  },
)
