/** The link checker against publishers that are wrong in every way there is. */
import type { RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { gzipSync } from 'node:zlib'

import test from 'ava'
import { generate } from 'selfsigned'

import type { LinkState } from '../../src/core/links.ts'
import { textOfPage } from '../../src/links/page-text.ts'
import { isRobot } from '../../src/usage/robots.ts'
import {
  closeShared,
  linkedResource,
  lookOnce,
  startPublisher,
  started,
  startTcpPublisher,
  type Publisher,
} from './publisher.ts'

test.after.always(closeShared)

const secret = 'canary-in-the-query'

const html =
  (body: string, status = 200, headers: Record<string, string | string[]> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers })
    response.end(body)
  }

const titled = (title: string) => html(`<!doctype html><title>${title}</title><p>A word`)

const leading =
  (location: string, status = 302): RequestListener =>
  (request, response) => {
    if (request.url === '/there') {
      titled('Press')(request, response)
      return
    }
    response.writeHead(status, { location })
    response.end()
  }

const endless: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' })
  const chunk = Buffer.alloc(64 * 1024, '<p>word ')
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}

const trickling: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'text/html' })
  const timer = setInterval(() => response.write('.'), 100)
  response.once('close', () => clearInterval(timer))
}

const raw = (text: string) => () => startTcpPublisher((socket) => void socket.end(text))
const http = (handler: RequestListener) => () => startPublisher(handler)

/** What each publisher does, what is found of it, and, where the answer says it, in which hours again. */
const publishers: readonly (readonly [
  what: string,
  start: () => Promise<Publisher>,
  state: LinkState,
  more?: { readonly detail?: RegExp; readonly leadsTo?: string | false; readonly hours?: number },
])[] = [
  ['a page', http(titled('Press')), 'works', { hours: 24 }],
  ['a page of a thousand megabytes', http(endless), 'works'],
  ['a page about what was not found', http(titled('Why the ark was not found')), 'works'],
  [
    'a page that unpacks to a thousand times its length',
    http((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
      response.end(bomb)
    }),
    'works',
  ],
  ['a front page that leads on', http(leading('/there', 301)), 'works', { leadsTo: '/there' }],
  [
    'a front page that asks for cookies first',
    http((request, response) => {
      if (request.headers.cookie === 'seen=1') {
        titled('Press')(request, response)
        return
      }
      response.writeHead(302, { location: request.url ?? '/', 'set-cookie': 'seen=1; Path=/' })
      response.end()
    }),
    'works',
  ],
  [
    'a front page that leads to itself with another query',
    http((request, response) => {
      if (request.url?.includes('ready')) titled('Press')(request, response)
      else response.writeHead(302, { location: '/?ready=1' }).end()
    }),
    'works',
    { leadsTo: false },
  ],
  ['404', http(html('none', 404)), 'gone', { hours: 6 }],
  ['410', http(html('none', 410)), 'gone'],
  ['500', http(html('none', 500)), 'failing'],
  ['a gateway that waits for a server', http(html('none', 504)), 'failing'],
  ['503', http(html('none', 503)), 'busy', { hours: 6 }],
  ['503 until a time', http(html('none', 503, { 'retry-after': '36000' })), 'busy', { hours: 10 }],
  ['429', http(html('none', 429, { 'retry-after': '172800' })), 'busy', { hours: 48 }],
  [
    '429 until a day',
    http(html('none', 429, { 'retry-after': 'Wed, 02 Dec 2026 12:00:00 GMT' })),
    'busy',
    { hours: 48 },
  ],
  [
    '429 for a century',
    http(html('none', 429, { 'retry-after': '999999999' })),
    'busy',
    { hours: 168 },
  ],
  ['429 until sometime', http(html('none', 429, { 'retry-after': 'soon' })), 'busy', { hours: 6 }],
  ['401', http(html('none', 401)), 'blocked', { hours: 24 }],
  ['403', http(html('<title>Press</title>', 403)), 'blocked'],
  ['412 of a wall', http(html('<script>$_ts</script>', 412)), 'blocked'],
  ['999', raw('HTTP/1.1 999 Request denied\r\ncontent-length: 0\r\n\r\n'), 'blocked'],
  ['a wall with a good status', http(titled('Just a moment...')), 'blocked'],
  ['a wall with a status of failure', http(html('<title>Access Denied</title>', 500)), 'blocked'],
  ['a wall of scripts', http(html('<script src="/_Incapsula_Resource?x=1"></script>')), 'blocked'],
  ['a wall that says so', http(html('x', 404, { 'cf-mitigated': 'challenge' })), 'blocked'],
  [
    'a page that is not there',
    http(titled('Press | Page not found')),
    'says-gone',
    { detail: /Page not found/ },
  ],
  ['one in Russian', http(titled('Ошибка 404')), 'says-gone'],
  ['one in Kyrgyz', http(titled('Барак табылган жок — Басма')), 'says-gone'],
  ['a domain for sale', http(titled('press.test is for sale')), 'parked'],
  ['a subscription that is over', http(titled('Subscription expired')), 'not-entitled'],
  ['nothing', http(html('')), 'empty'],
  ['204', http(html('', 204)), 'empty'],
  ['302 to itself', http(leading('/', 302)), 'loops'],
  [
    '302 to ever new pages',
    http((request, response) => {
      response.writeHead(302, { location: `/${Number(request.url?.slice(1) || 0) + 1}` })
      response.end()
    }),
    'loops',
    { detail: /more than 12 redirects/ },
  ],
  ['302 to nowhere', http(html('', 302)), 'misleads'],
  ['302 to what is no address', http(leading('http://[')), 'misleads', { detail: /no address/ }],
  ['302 to a file', http(leading('file:///etc/passwd')), 'misleads', { detail: /file:/ }],
  ['302 to a script', http(leading('javascript:alert(1)')), 'misleads'],
  [
    '302 to another owner',
    http(leading('https://login.other.test/?r=1')),
    'leaves',
    { leadsTo: 'https://login.other.test/' },
  ],
  ['302 to this machine', http(leading('http://127.0.0.1:9464/metrics')), 'leaves'],
  ['302 to the cloud’s keys', http(leading('http://169.254.169.254/latest/')), 'leaves'],
  ['a port that nobody has', http(leading('http://www.press.test:22/')), 'leaves'],
  ['silence', () => startTcpPublisher(() => undefined), 'slow'],
  ['a page that trickles', http(trickling), 'slow'],
  [
    'redirects that each take half of the time',
    http((request, response) => {
      const location = `/${Number(request.url?.slice(1) || 0) + 1}`
      setTimeout(() => response.writeHead(302, { location }).end(), 250)
    }),
    'slow',
  ],
  [
    'headers without end',
    () =>
      startTcpPublisher((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n')
        const timer = setInterval(() => socket.write(`x-a: ${'a'.repeat(20_000)}\r\n`), 5)
        socket.once('close', () => clearInterval(timer))
      }),
    'garbled',
  ],
  [
    'interim answers without end',
    () =>
      startTcpPublisher((socket) => {
        const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 5)
        socket.once('close', () => clearInterval(timer))
      }),
    'slow',
  ],
  ['what is not HTTP', raw('SSH-2.0-OpenSSH_9.6\r\n'), 'garbled'],
  [
    'two lengths',
    raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\nokokokoko'),
    'garbled',
  ],
  ['a page that breaks off', raw('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<p>'), 'garbled'],
  [
    'a page that is not packed as it says',
    http(html('plain', 200, { 'content-encoding': 'gzip' })),
    'garbled',
  ],
  ['a hang-up', () => startTcpPublisher((socket) => socket.destroy()), 'garbled'],
]

const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024))

for (const [what, start, state, more = {}] of publishers) {
  test(`${what}: ${state}`, async (t) => {
    const publisher = await start()
    t.teardown(() => publisher.stop())
    const { link, text, nextHours } = await lookOnce(publisher, undefined, {
      ...(state === 'slow' && { answerMs: 500 }),
    })
    t.is(link.last?.state, state, link.last?.detail)
    if (more.detail) t.regex(link.last?.detail ?? '', more.detail)
    if (more.leadsTo === false) t.is(link.last?.leadsTo, undefined)
    if (more.leadsTo) t.true(link.last?.leadsTo?.endsWith(more.leadsTo), link.last?.leadsTo)
    if (more.hours) t.true(Math.abs(nextHours / more.hours - 1) <= 0.1, String(nextHours))
    t.notRegex(text, /canary/)
  })
}

test('plain text in place of TLS: garbled', async (t) => {
  const publisher = await startPublisher(titled('Press'))
  t.teardown(() => publisher.stop())
  const resource = linkedResource('press', [{ host: 'www.press.test', scheme: 'https' }])
  t.is((await lookOnce(publisher, resource)).link.last?.state, 'garbled')
})

test('nobody listens: unreachable', async (t) => {
  const publisher = await startPublisher(() => undefined)
  await publisher.stop()
  t.is((await lookOnce(publisher)).link.last?.state, 'unreachable')
})

const names: readonly (readonly [code: string, state: LinkState])[] = [
  ['ENOTFOUND', 'nameless'],
  ['ENODATA', 'nameless'],
  // The resolver that the gateway itself asks is away.
  ['EAI_AGAIN', 'untold'],
]
for (const [code, state] of names) {
  test(`a name that ends in ${code}: ${state}`, async (t) => {
    const resource = linkedResource('press', [{ host: 'gone.press.test' }])
    const { link } = await lookOnce({ port: 1 }, resource, {
      resolver: () => Promise.reject(Object.assign(new Error('no'), { code })),
      upstream: upstreamWithoutNames,
    })
    t.is(link.last?.state, state, link.last?.detail)
  })
}

const upstreamWithoutNames = {
  allow: [],
  resolve: {},
  connectSeconds: 20,
  headersSeconds: 20,
  bodySeconds: 20,
  connectionsPerHost: 4,
}

for (const address of ['127.0.0.1', '169.254.169.254', '10.0.0.7', '::1', '::ffff:127.0.0.1']) {
  test(`a name that leads to ${address} is not asked: forbidden`, async (t) => {
    const { link } = await lookOnce({ port: 1 }, undefined, {
      resolver: () => Promise.resolve(['192.0.43.8', address]),
      upstream: upstreamWithoutNames,
    })
    t.is(link.last?.state, 'forbidden', link.last?.detail)
  })
}

test('a redirect to a host of the rule that leads to this machine: forbidden', async (t) => {
  const publisher = await startPublisher(leading('http://inner.press.test/there'))
  t.teardown(() => publisher.stop())
  const hosts = [{ host: 'www.press.test' }, { host: 'inner.press.test' }]
  const upstream = {
    ...upstreamWithoutNames,
    allow: ['127.0.0.1/32'],
    resolve: { 'www.press.test': `127.0.0.1:${publisher.port}` },
  }
  const more = { upstream, resolver: () => Promise.resolve(['127.0.0.9']) }
  const { link } = await lookOnce(publisher, linkedResource('press', hosts), more)
  t.is(link.last?.state, 'forbidden', link.last?.detail)
  t.is(link.last?.leadsTo, 'http://inner.press.test/there')
})

const day = 86_400_000
const certificates: readonly (readonly [what: string, name: string, endsInDays: number])[] = [
  ['that has expired', 'www.press.test', -1],
  ['of another name', 'www.other.test', 1],
  ['that nobody vouches for', 'www.press.test', 1],
]
for (const [what, name, endsInDays] of certificates) {
  test(`a certificate ${what}: certificate`, async (t) => {
    const now = Date.now()
    const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
      notBeforeDate: new Date(now - 3 * day),
      notAfterDate: new Date(now + endsInDays * day),
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    })
    const publisher = await started(createTlsServer({ cert, key }, titled('Press')))
    t.teardown(() => publisher.stop())
    const resource = linkedResource('press', [{ host: 'www.press.test', scheme: 'https' }])
    t.is((await lookOnce(publisher, resource)).link.last?.state, 'certificate')
  })
}

const moves: readonly (readonly [
  what: string,
  path: string,
  status: number,
  location: string,
  state: LinkState,
])[] = [
  ['for good, to another page', '/old', 301, '/new', 'moved'],
  ['for good, with the same method', '/old', 308, '/new', 'moved'],
  ['for now', '/old', 302, '/new', 'works'],
  ['for good, to the same page with a stroke', '/old', 301, '/old/', 'works'],
  ['for good, to another host of the rule', '/', 301, 'http://new.press.test/', 'moved'],
]
for (const [what, path, status, location, state] of moves) {
  test(`a link that leads on ${what}: ${state}`, async (t) => {
    const to = new URL(location, 'http://www.press.test')
    const publisher = await startPublisher((request, response) => {
      const { pathname } = new URL(request.url ?? '', to)
      if (request.headers.host === to.host && pathname === to.pathname) {
        titled('Press')(request, response)
        return
      }
      response.writeHead(status, { location: `${location}?key=${secret}` })
      response.end()
    })
    t.teardown(() => publisher.stop())
    const hosts = [{ host: 'www.press.test' }, { host: 'new.press.test' }]
    const { link, text } = await lookOnce(publisher, linkedResource('press', hosts, { path }))
    t.is(link.last?.state, state, link.last?.detail)
    t.is(link.last?.leadsTo, to.href)
    t.notRegex(text, /canary/)
  })
}

test('a publisher sees a GET of a program that names itself and whom it looks for', async (t) => {
  const asked: { method?: string | undefined; headers: Record<string, unknown> }[] = []
  const publisher = await startPublisher((request, response) => {
    asked.push({ method: request.method, headers: request.headers })
    titled('Press')(request, response)
  })
  t.teardown(() => publisher.stop())
  await lookOnce(publisher)
  t.is(asked.length, 1)
  t.is(asked[0]?.method, 'GET')
  const userAgent = String(asked[0]?.headers['user-agent'])
  t.regex(
    userAgent,
    /^Mozilla\/5\.0 \(compatible; DarbazaLinkCheck\/[\d.]+; \+https:\/\/library\.example\.edu\/\)$/,
  )
  t.true(isRobot(userAgent))
  // The pattern of COUNTER's list of robots.
  t.regex(userAgent, /link.?check/i)
})

test('a publisher sees the headers and cookies that the rule adds for readers', async (t) => {
  const asked: Record<string, unknown>[] = []
  const publisher = await startPublisher((request, response) => {
    asked.push(request.headers)
    titled('Press')(request, response)
  })
  t.teardown(() => publisher.stop())
  const rewriting = {
    requestHeaders: [{ name: 'X-Licence', value: () => 'key-1', isSecret: true }],
    setCookies: [{ name: 'consent', value: 'yes', domain: 'press.test' }],
  }
  const resource = linkedResource('press', [{ host: 'www.press.test' }], { rewriting })
  const { text } = await lookOnce(publisher, resource)
  t.like(asked[0], { 'x-licence': 'key-1', cookie: 'consent=yes' })
  t.notRegex(text, /key-1/)
})

const pages: readonly (readonly [
  what: string,
  page: string | Buffer,
  type: string,
  state: LinkState,
])[] = [
  ['shows the library', '<p>Access   provided by\n<b>Ala-Too</b> University', 'text/html', 'works'],
  [
    'shows it with references',
    '<p>Access provided by Ala&#45;Too&nbsp;University',
    'text/html',
    'works',
  ],
  [
    'shows another library',
    '<p>Access provided by Another University',
    'text/html',
    'not-entitled',
  ],
  [
    'has it in a script alone',
    '<script>"Access provided by Ala-Too University"</script>x',
    'text/html',
    'not-entitled',
  ],
  [
    'has it in a remark alone',
    '<!-- Access provided by Ala-Too University -->x',
    'text/html',
    'not-entitled',
  ],
  ['is a picture', 'Access provided by Ala-Too University', 'image/png', 'not-entitled'],
]
for (const [what, page, type, state] of pages) {
  test(`a page for subscribers that ${what}: ${state}`, async (t) => {
    const publisher = await startPublisher((_request, response) => {
      response.writeHead(200, { 'content-type': type })
      response.end(page)
    })
    t.teardown(() => publisher.stop())
    const wanted = 'access provided by ala-too university'
    const check = {
      isOn: true,
      everyHours: 24,
      entries: [],
      probe: {
        url: 'http://www.press.test/',
        written: wanted,
        isIn: (text: string) => text.toLowerCase().includes(wanted),
      },
    }
    const resource = linkedResource('press', [{ host: 'www.press.test' }], { check })
    t.is((await lookOnce(publisher, resource)).link.last?.state, state)
  })
}

const hostile: Readonly<Record<string, string>> = {
  'beginnings of scripts': '<script>'.repeat(100_000),
  signs: '<'.repeat(800_000),
  'beginnings of titles': '<title '.repeat(100_000),
  'beginnings of remarks': '<!--'.repeat(200_000),
  'references that are none': '&'.repeat(800_000),
}
for (const [what, page] of Object.entries(hostile)) {
  test(`a page that is made of ${what} is read in no time`, (t) => {
    const begun = process.cpuUsage()
    textOfPage(Buffer.from(page), 'text/html')
    const { user } = process.cpuUsage(begun)
    t.true(user < 2_000_000, `${user} µs of the processor`)
  })
}
