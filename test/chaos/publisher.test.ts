import anyTest, { type TestFn } from 'ava'

import { ruleOf, until, type UsageFact } from '../support/gateway.ts'
import { startPublisher, type Publisher } from '../support/publisher.ts'
import { referenceOf, type Answer, type Reader } from '../support/reader.ts'
import { openHouse, type House } from './house.ts'
import {
  beforeTheAnswer,
  byPath,
  goodBody,
  withinTheBody,
  withinTheCoding,
  type Mishap,
} from './mishaps.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
  readonly reader: Reader
  readonly pid: number
  url(path: string): string
}

const test = anyTest as TestFn<Context>

/** Every mishap by its path; a body that is not rewritten may break in another way than a page. */
const broken = {
  ...byPathOf('', { ...withinTheBody('text/html'), ...withinTheCoding }),
  ...byPathOf('.pdf', withinTheBody('application/pdf')),
}
const mishaps = { ...byPathOf('', beforeTheAnswer), ...broken }

function byPathOf(ending: string, named: Readonly<Record<string, Mishap>>): Record<string, Mishap> {
  return Object.fromEntries(
    Object.entries(named).map(([name, mishap]) => [
      `/${name.replaceAll(' ', '-')}${ending}`,
      mishap,
    ]),
  )
}

const surplus = 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<p>poison'

test.before(async (t) => {
  const publisher = await startPublisher(
    byPath({
      ...Object.fromEntries(Object.entries(mishaps).map(([path, { script }]) => [path, script])),
      '/more-than-promised': (socket) =>
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 7\r\n\r\n<p>good${surplus}`,
        ),
      '/head-with-body': (socket) =>
        socket.write(
          `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n${surplus}`,
        ),
      '/not-modified-with-body': (socket) =>
        socket.write(`HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n${surplus}`),
      '/no-content-with-body': (socket) =>
        socket.write(`HTTP/1.1 204 No Content\r\n\r\n${surplus}`),
      '/not-gzip': (socket) =>
        socket.write(
          'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: 7\r\n\r\n<p>good',
        ),
      '/early': (socket) =>
        socket.write(
          'HTTP/1.1 413 Content Too Large\r\nContent-Type: text/html\r\nContent-Length: 11\r\nConnection: close\r\n\r\n<p>too much',
        ),
      '/early-and-gone': (socket) =>
        socket.end(
          'HTTP/1.1 413 Content Too Large\r\nContent-Type: text/html\r\nContent-Length: 11\r\nConnection: close\r\n\r\n<p>too much',
        ),
    }),
  )
  const house = await openHouse({
    rules: { press: ruleOf('www.press.test'), gone: ruleOf('www.gone.test') },
    hosts: { 'www.press.test': publisher.port, 'www.gone.test': 9 },
  })
  const reader = house.reader('r1')
  const url = (path: string) => house.gateway.proxied(`http://www.press.test${path}`)
  const first = await reader.visit(url('/'))
  t.is(first.status, 200)
  t.true(first.text.includes(goodBody))
  const { pid } = house.gateway
  Object.assign(t.context, { house, publisher, reader, pid, url })
})

test.afterEach.always('others are served, by the same process', async (t) => {
  const { reader, url, house, pid } = t.context
  const good = await reader.ask(url('/good'))
  t.is(good.status, 200)
  t.true(good.text.includes(goodBody) && good.isWhole)
  t.is(house.gateway.pid, pid)
  t.is(house.gateway.said.errors.split('\n').filter((line) => line !== '').length, 1)
  t.is((await house.gateway.manage('/healthz')).status, 200)
})

test.after.always(async (t) => {
  await t.context.house?.close()
  await t.context.publisher?.close()
})

function isProblemPage({ headers, text }: Answer): boolean {
  return headers['content-type'] === 'text/html; charset=utf-8' && text.includes('</html>')
}

for (const [path, { status, code }] of Object.entries(byPathOf('', beforeTheAnswer))) {
  test(`before the answer, ${path}: ${status} ${code}, page and log with one reference`, async (t) => {
    const { reader, url, house } = t.context
    const [page, problem] = await Promise.all([
      reader.ask(url(path)),
      reader.ask(url(path), { as: 'script' }),
    ])
    t.is(page.status, status, page.text.slice(0, 200))
    t.true(isProblemPage(page))
    t.like(await house.gateway.failure(referenceOf(page)), { code, status, resourceId: 'press' })

    t.is(problem.status, status)
    t.is(problem.headers['content-type'], 'application/problem+json')
    const body: unknown = JSON.parse(problem.text)
    t.deepEqual(body, {
      type: 'about:blank',
      title: code,
      status,
      reference: referenceOf(problem),
    })
    t.like(await house.gateway.failure(referenceOf(problem)), { code })
  })
}

for (const [path, { code }] of Object.entries(broken)) {
  test(`within the body, ${path}: it ends visibly broken, the log says ${code}`, async (t) => {
    const { reader, url, house } = t.context
    const answer = await reader.ask(url(path))
    t.is(answer.status, 200)
    t.false(answer.isWhole)
    let event: UsageFact | undefined
    await until(async () => {
      event = (await house.gateway.usage()).find((found) => found['path'] === path)
      return event !== undefined
    }, 'the event is not stored')
    t.like(event, { kind: 'exchange', status: 200, isComplete: false })
    t.like(await house.gateway.failure(String(event?.['reference'])), { code })
  })
}

test('a publisher that nobody answers for: 502 ERR_UPSTREAM_AWAY', async (t) => {
  const { reader, house } = t.context
  const page = await reader.visit(house.gateway.proxied('http://www.gone.test/'))
  t.is(page.status, 502)
  t.true(isProblemPage(page))
  t.like(await house.gateway.failure(referenceOf(page)), {
    code: 'ERR_UPSTREAM_AWAY',
    resourceId: 'gone',
  })
})

const smuggled: readonly [path: string, method: string, status: number, body: string][] = [
  ['/more-than-promised', 'GET', 200, goodBody],
  ['/head-with-body', 'HEAD', 200, ''],
  ['/not-modified-with-body', 'GET', 304, ''],
  ['/no-content-with-body', 'GET', 204, ''],
]
for (const [path, method, status, body] of smuggled) {
  test(`what follows an answer is nobody else's answer: ${method} ${path}`, async (t) => {
    const { reader, url } = t.context
    const answer = await reader.ask(url(path), { method })
    t.is(answer.status, status)
    t.false(answer.text.includes('poison'))
    if (body !== '') t.true(answer.text.includes(body))
    for (let asking = 0; asking < 5; asking++) {
      const next = await reader.ask(url(`/after${path}?${asking}`))
      t.is(next.status, 200)
      t.false(next.text.includes('poison'))
    }
  })
}

test('a body that is not coded as its header says is taken as it is', async (t) => {
  const { reader, url } = t.context
  const answer = await reader.ask(url('/not-gzip'))
  t.is(answer.status, 200)
  t.true(answer.text.includes(goodBody) && answer.isWhole)
})

for (const path of ['/early', '/early-and-gone']) {
  test(`an answer that comes before the request is read reaches the reader: ${path}`, async (t) => {
    const { reader, url } = t.context
    const body = Buffer.alloc(3_000_000, 'a')
    const headers = { 'Content-Type': 'application/octet-stream' }
    const answer = await reader.ask(url(path), { method: 'POST', body, headers })
    t.is(answer.status, 413)
    t.true(answer.text.includes('<p>too much') && answer.isWhole)
  })
}

test.serial('readers of good pages feel nothing of a hundred bad ones', async (t) => {
  const { reader, url, house } = t.context
  const paths = Object.keys(mishaps).filter((path) => !path.includes('bomb'))
  const bad = Array.from({ length: 100 }, (_, index) =>
    reader.ask(url(paths[index % paths.length] ?? '')),
  )
  const other = house.reader('r2')
  t.is((await other.visit(url('/'))).status, 200)
  for (let asking = 0; asking < 50; asking++) {
    const good = await other.ask(url(`/good/${asking}`))
    t.true(good.status === 200 && good.isWhole)
  }
  const statuses = (await Promise.all(bad)).map(({ status }) => status)
  t.deepEqual(
    [...new Set(statuses)].toSorted((a, b) => a - b),
    [200, 502, 504],
  )
})
