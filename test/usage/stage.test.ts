/**
 * What exchanges were, from a publisher's answer to the stored event, in a whole gateway: pages read in
 * this thread, in another, as they stream, and not at all.
 */
import anyTest, { type TestFn } from 'ava'

import { openHouse, type House } from '../chaos/house.ts'
import { until, type UsageFact } from '../support/gateway.ts'
import { reply, startPublisher, type Publisher } from '../support/publisher.ts'
import type { Asking, Reader } from '../support/reader.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
  readonly reader: Reader
}

const test = anyTest as TestFn<Context>

const origin = 'http://www.press.test'

function pageOf(path: string, filler = ''): string {
  const tags = {
    citation_title: `Title of ${path}`,
    citation_journal_title: 'Journal',
    citation_issn: '0317-8471',
    citation_doi: `10.1000${path}`,
    citation_fulltext_html_url: `${origin}/full`,
    citation_pdf_url: `${origin}${path}.file`,
  }
  const head = Object.entries(tags).map(([name, text]) => `<meta name="${name}" content="${text}">`)
  return `<!doctype html><html><head>${head.join('')}</head><body><a href="${origin}/">x</a>${filler}</body></html>`
}

const html = 'Content-Type: text/html; charset=utf-8'
const filler = '<p>Snow and ice.</p>'.repeat(20_000)

/** Whatever the publisher says; `tagged` has a validator, `/slow` pauses, `/broken` breaks off. */
function answer(path: string, head: string): readonly string[] {
  if (/\r\nif-none-match:/i.test(head)) return ['HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n']
  if (path.endsWith('.file')) return [reply('%PDF', 'Content-Type: application/pdf')]
  if (path === '/table.pdf') return [reply('%PDF', 'Content-Type: application/pdf')]
  if (path.startsWith('/api/')) return [reply('{}', 'Content-Type: application/json')]
  if (path === '/tagged') return [reply(pageOf(path), `${html}\r\nETag: "1"`)]
  if (path === '/long') return [reply(pageOf(path, filler), html)]
  if (path === '/slow' || path === '/broken') {
    const body = pageOf(path, filler)
    return [reply(body, html).slice(0, 2000), reply(body, html).slice(2000)]
  }
  if (path === '/plain') return [reply('<p>nothing', html)]
  return [reply(pageOf(path), html)]
}

test.before(async (t) => {
  const publisher = await startPublisher((socket, { head }) => {
    const path = /^\S+ ([^ ?]+)/.exec(head)?.[1] ?? ''
    const [first = '', ...rest] = answer(path, head)
    socket.write(first, 'latin1')
    if (rest.length === 0) return
    setTimeout(() => {
      if (path === '/broken') socket.destroy()
      else socket.write(rest.join(''), 'latin1')
    }, 400)
  })
  const rule = {
    title: 'Press',
    provider: 'Press',
    start: `${origin}/`,
    hosts: ['http://www.press.test'],
    licence: {},
    usage: [
      {
        path: '/table.pdf',
        is: 'nothing',
        test: { url: `${origin}/table.pdf`, type: 'application/pdf' },
      },
      { path: '/api/full/{item}', is: 'request', format: 'html', test: `${origin}/api/full/1` },
      { path: '/search', query: { q: '*' }, is: 'search', test: `${origin}/search?q=a` },
      { path: '/all', is: 'search', search: 'automated', test: `${origin}/all` },
      { path: '/sru', is: 'search', search: 'federated', test: `${origin}/sru` },
      { path: '/own', is: 'search', search: 'regular', test: `${origin}/own` },
    ],
  }
  const untouched = {
    ...rule,
    start: 'http://www.bare.test/',
    hosts: ['http://www.bare.test'],
    usage: undefined,
    rewriting: { shim: false },
  }
  const house = await openHouse({
    rules: { press: rule, bare: untouched },
    hosts: { 'www.press.test': publisher.port, 'www.bare.test': publisher.port },
  })
  const reader = house.reader('r1')
  Object.assign(t.context, { house, publisher, reader })
  await reader.visit(house.gateway.proxied(`${origin}/plain`))
  await reader.visit(house.gateway.proxied('http://www.bare.test/plain'))
})

test.after.always(async ({ context: { house, publisher } }) => {
  await house.close()
  await publisher.close()
})

const cited = (path: string) => ({
  item: `doi:10.1000${path}`,
  title: 'issn:0317-8471',
  itemName: `Title of ${path}`,
  titleName: 'Journal',
  dataType: 'Journal',
})

/** [what, URL, asking, use, more of the event] */
const exchanges: readonly (readonly [string, string, Asking, unknown, Partial<UsageFact>?])[] = [
  ['an article', '/short', {}, { kind: 'investigation', format: 'html', ...cited('/short') }],
  [
    'its PDF',
    '/short.file',
    { as: 'script' },
    { kind: 'request', format: 'pdf', ...cited('/short') },
  ],
  ['a PDF that no page led to', '/other.file', {}, { kind: 'request', format: 'pdf' }],
  ['the full text', '/full', {}, { kind: 'request', format: 'html', ...cited('/full') }],
  ['a long page', '/long', {}, { kind: 'investigation', format: 'html', ...cited('/long') }],
  [
    'a page that streams',
    '/slow',
    {},
    { kind: 'investigation', format: 'html', ...cited('/slow') },
  ],
  [
    'a page that breaks off',
    '/broken',
    {},
    { kind: 'investigation', format: 'html', ...cited('/broken') },
    { isComplete: false },
  ],
  ['a page', '/plain', {}, undefined],
  ['an article for a script', '/script', { as: 'script' }, undefined],
  ['an article in a frame', '/frame', { headers: { 'Sec-Fetch-Dest': 'iframe' } }, undefined],
  ['a silenced PDF', '/table.pdf', {}, undefined],
  [
    'a call of an API',
    '/api/full/7?x=1',
    { as: 'script' },
    { kind: 'request', format: 'html', item: 'id:7' },
  ],
  ['a search', '/search?q=snow', {}, { kind: 'search', format: 'html' }],
  [
    'a search of all databases',
    '/all?q=snow',
    {},
    { kind: 'search', format: 'html', search: 'automated' },
  ],
  [
    'a search of a program elsewhere',
    '/sru',
    {},
    { kind: 'search', format: 'html', search: 'federated' },
  ],
  ['a search that is said to be a regular one', '/own', {}, { kind: 'search', format: 'html' }],
  [
    'a page that was asked for ahead',
    '/ahead',
    { headers: { 'Sec-Purpose': 'prefetch;prerender' } },
    { kind: 'investigation', format: 'html', ...cited('/ahead') },
    { isPrefetch: true },
  ],
]

async function eventsOf(
  { house }: Context,
  address: string,
  count: number,
): Promise<readonly UsageFact[]> {
  let found: UsageFact[] = []
  await until(async () => {
    const events = await house.gateway.usage()
    found = events.filter(({ host, path }) => `http://${String(host)}${String(path)}` === address)
    return found.length >= count
  }, `no event of ${address}`)
  return found
}

for (const [what, target, asking, use, more = {}] of exchanges) {
  test.serial(`${what} is told as ${use === undefined ? 'nothing' : 'what it was'}`, async (t) => {
    const { house, reader } = t.context
    await reader.ask(house.gateway.proxied(origin + target), asking).catch(() => undefined)
    const [path = ''] = target.split('?')
    const event = (await eventsOf(t.context, origin + path, 1)).at(-1)
    t.deepEqual(event?.['use'], use)
    t.like(event, { isPrefetch: undefined, ...more })
    t.false(JSON.stringify(event).includes('q=snow'))
  })
}

test('an article that the browser has already is told as the one it had', async (t) => {
  const { house, reader } = t.context
  const url = house.gateway.proxied(`${origin}/tagged`)
  const first = await reader.ask(url)
  const second = await reader.ask(url, { headers: { 'If-None-Match': first.headers.etag ?? '' } })
  t.deepEqual([first.status, second.status], [200, 304])
  const [whole, known] = await eventsOf(t.context, `${origin}/tagged`, 2)
  t.is(known?.['status'], 304)
  t.deepEqual(known?.['use'], { kind: 'investigation', format: 'html', ...cited('/tagged') })
  t.deepEqual(whole?.['use'], known?.['use'])
})

test('a page in which nothing has to change is told alike every time', async (t) => {
  const { house, reader } = t.context
  const url = house.gateway.proxied('http://www.bare.test/tagged')
  await reader.ask(url)
  await reader.ask(url)
  const events = await eventsOf(t.context, 'http://www.bare.test/tagged', 2)
  const told = events.map(({ use }) => use)
  t.deepEqual(told[0], told[1])
  t.like(told[0], { kind: 'investigation', item: 'doi:10.1000/tagged' })
})
