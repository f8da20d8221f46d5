/**
 * What can become of a request, and the one event that tells it: of who is signed in, who is let in by an
 * address, who is sent on, and nobody. In a whole gateway.
 */
import anyTest, { type TestFn } from 'ava'

import { openHouse, type House } from '../chaos/house.ts'
import { ruleOf, until, type LogLine, type UsageFact } from '../support/gateway.ts'
import { reply, startPublisher, type Publisher } from '../support/publisher.ts'
import type { Asking, Reader } from '../support/reader.ts'
import { browser } from './events.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
  readonly events: ReadonlyMap<string, readonly LogLine[]>
  readonly stored: readonly UsageFact[]
}

const test = anyTest as TestFn<Context>

const pdf = 'Content-Type: application/pdf'
const woff = 'Content-Type: font/woff2'

function answer(path: string, head: string): string {
  if (/\r\nif-none-match:/i.test(head)) return 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
  if (path.endsWith('.woff2'))
    return reply(path === '/real.woff2' ? 'wOF2 and more' : '<html>', woff)
  if (path.endsWith('.pdf')) return reply('%PDF', pdf)
  if (path === '/gone') return reply('gone', 'Content-Type: text/html').replace('200 OK', '404 No')
  return reply('<p>page', 'Content-Type: text/html')
}

/** Who asks: signed in, at an address of some treatment, or nobody that is known. */
const askers = {
  reader: '203.0.113.9',
  other: '203.0.113.10',
  desk: '192.0.2.1',
  campus: '198.51.100.1',
  stranger: '100.64.0.1',
  nobody: '203.0.113.11',
} as const

const licence = { categories: ['student', 'walk-in'] }

const script = { as: 'script' } as const
const font = {
  headers: {
    'Sec-Fetch-Dest': 'font',
    'Sec-Fetch-Mode': 'cors',
    'Sec-Fetch-Site': 'same-site',
  },
}
const preflight = { method: 'OPTIONS', headers: { 'Access-Control-Request-Method': 'PUT' } }
const socket = { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } }

/** [what, who, URL, asking, events as the log has them, what is stored of them] */
const outcomes: readonly (readonly [
  what: string,
  who: keyof typeof askers,
  url: string,
  asking: Asking,
  told: readonly string[],
  stored: readonly string[],
])[] = [
  [
    'a full text',
    'reader',
    'press.test/a.pdf',
    {},
    ['exchange 200'],
    ['exchange person remote request'],
  ],
  ['a page', 'reader', 'press.test/', {}, ['exchange 200'], ['exchange person remote -']],
  [
    'a full text that the browser has',
    'reader',
    'press.test/a.pdf',
    { headers: { 'If-None-Match': '"1"' } },
    ['exchange 304'],
    ['exchange person remote request'],
  ],
  [
    'a page that is gone',
    'reader',
    'press.test/gone',
    {},
    ['exchange 404'],
    ['exchange person remote -'],
  ],
  [
    'a full text that is mined by agreement',
    'reader',
    'press.test/mine/a.pdf',
    { headers: { 'User-Agent': 'python-requests/2.32' } },
    ['exchange 200'],
    ['exchange person remote request mined'],
  ],
  [
    'a full text at an address that lets in',
    'desk',
    'press.test/b.pdf',
    {},
    ['exchange 200'],
    ['exchange session onsite request'],
  ],
  [
    'a full text at an address that is sent on',
    'campus',
    'press.test/c.pdf',
    {},
    ['direct'],
    ['direct nobody onsite request'],
  ],
  [
    'a full text that the rule leaves open',
    'nobody',
    'press.test/open/d.pdf',
    {},
    ['exchange 200'],
    ['exchange nobody remote request'],
  ],
  [
    'a preflight',
    'nobody',
    'press.test/api',
    preflight,
    ['exchange 200'],
    ['exchange nobody remote -'],
  ],
  [
    'a font',
    'nobody',
    'press.test/real.woff2',
    font,
    ['exchange 200'],
    ['exchange nobody remote -'],
  ],
  ['a font that is none', 'nobody', 'press.test/false.woff2', font, ['denial not_signed_in'], []],
  ['a script of nobody', 'nobody', 'press.test/api', script, ['denial not_signed_in'], []],
  [
    'a WebSocket of nobody',
    'nobody',
    'press.test/live',
    { ...script, ...socket },
    ['denial not_signed_in'],
    [],
  ],
  ['a page of nobody, who signs in first', 'nobody', 'press.test/e.pdf', {}, [], []],
  ['the question of robots', 'nobody', 'press.test/robots.txt', {}, [], []],
  [
    'a service worker',
    'reader',
    'press.test/sw.js',
    { as: 'script', headers: { 'Service-Worker': 'script' } },
    [],
    [],
  ],
  [
    'a rejected address',
    'stranger',
    'press.test/a.pdf',
    {},
    ['denial address_rejected'],
    ['denial nobody remote address_rejected'],
  ],
  [
    'a rejected address at an open path',
    'stranger',
    'press.test/open/d.pdf',
    {},
    ['denial address_rejected'],
    ['denial nobody remote address_rejected'],
  ],
  [
    'a licence that is over',
    'reader',
    'ended.test/a.pdf',
    {},
    ['denial licence_ended'],
    ['denial person remote licence_ended'],
  ],
  [
    'a closed database',
    'reader',
    'closed.test/a.pdf',
    {},
    ['denial resource_closed'],
    ['denial person remote resource_closed'],
  ],
  [
    'a script without a seat',
    'other',
    'seated.test/a.pdf',
    script,
    ['denial seats_full'],
    ['denial person remote seats_full'],
  ],
  [
    'a page without a seat, who waits',
    'other',
    'seated.test/a.pdf',
    {},
    ['wait joined', 'denial seats_full'],
    ['wait person remote joined', 'denial person remote seats_full'],
  ],
  ['a page without a seat, who waits already', 'other', 'seated.test/a.pdf', {}, [], []],
  ['a publisher who is away', 'reader', 'away.test/a.pdf', {}, ['failure ERR_UPSTREAM_AWAY'], []],
  [
    'a method that no publisher gets',
    'reader',
    'press.test/a.pdf',
    { method: 'TRACE' },
    ['failure ERR_METHOD'],
    [],
  ],
]

/** Sign-ins and the like are told of at their own places. */
const isOutcome = ({ kind }: LogLine) =>
  ['exchange', 'denial', 'direct', 'wait', 'failure'].includes(String(kind))

/** No outcome of the table is one. */
const isMark = (line: LogLine) => line['kind'] === 'exchange' && line['method'] === 'HEAD'

const wordsOf = ({ kind, status, reason, outcome, code }: LogLine): string =>
  [kind, code ?? status ?? reason ?? outcome]
    .filter((word) => typeof word === 'string' || typeof word === 'number')
    .join(' ')

function storedWords(event: UsageFact): string {
  const { kind, person, session, channel, reason, outcome, use, isMining } = event
  const who = person !== undefined ? 'person' : session !== undefined ? 'session' : 'nobody'
  const what = (use as { readonly kind: string } | undefined)?.kind ?? '-'
  const mined = isMining === true ? ' mined' : ''
  return `${[kind, who, channel, reason ?? outcome ?? what].join(' ')}${mined}`
}

test.before(async (t) => {
  const publisher = await startPublisher((connection, { head }) => {
    const path = /^\S+ ([^ ?]+)/.exec(head)?.[1] ?? ''
    connection.write(answer(path, head), 'latin1')
  })
  const house = await openHouse({
    rules: {
      press: {
        ...ruleOf('www.press.test', licence),
        rewriting: { anonymousPaths: ['/open/**'] },
        counter: { mining: { paths: ['/mine/**'] } },
      },
      seated: ruleOf('www.seated.test', { seats: 1 }),
      ended: ruleOf('www.ended.test', { until: '2020-12-31' }),
      closed: { ...ruleOf('www.closed.test'), open: false },
      away: ruleOf('www.away.test'),
    },
    hosts: {
      'www.press.test': publisher.port,
      'www.seated.test': publisher.port,
      'www.ended.test': publisher.port,
      'www.closed.test': publisher.port,
      // Nothing listens on the port of discarded bytes.
      'www.away.test': 9,
    },
    config: {
      networks: [
        { name: 'desk', ranges: [askers.desk], channel: 'onsite', treatment: 'auto-login' },
        { name: 'campus', ranges: [askers.campus], channel: 'onsite', treatment: 'direct' },
        { name: 'bad', ranges: [askers.stranger], channel: 'remote', treatment: 'reject' },
      ],
    },
  })
  const { gateway } = house
  const readers = Object.fromEntries(
    Object.keys(askers).map((who, number) => [who, house.reader(`r${number}`)]),
  ) as Record<keyof typeof askers, Reader>
  const urlOf = (url: string) => gateway.proxied(`http://www.${url}`)
  const from = (who: keyof typeof askers) => ({
    'X-Forwarded-For': askers[who],
    'User-Agent': browser,
  })

  async function enter(who: keyof typeof askers, url: string): Promise<void> {
    const { ask } = readers[who]
    let next = urlOf(url)
    for (let step = 0; step < 8; step += 1) {
      const { location } = await ask(next, { headers: from(who) })
      if (location === '') return
      next = new URL(location, next).href
    }
  }

  await readers.reader.visit(urlOf('press.test/'))
  await readers.other.visit(urlOf('press.test/'))
  await readers.reader.ask(urlOf('seated.test/'))
  await enter('desk', 'press.test/')

  /** What the log has from a line on, as soon as it has everything: it is written in order. */
  async function logFrom(line: number): Promise<LogLine[]> {
    await readers.reader.ask(urlOf('press.test/mark'), { method: 'HEAD' })
    const since = () => gateway.log().slice(line)
    await until(() => since().some(isMark), 'the log has no mark')
    return since()
  }

  const events = new Map<string, LogLine[]>()
  const { origin } = new URL(urlOf('press.test/'))
  let line = (await logFrom(0)).length
  for (const [what, who, url, asking] of outcomes) {
    const headers = { ...from(who), Origin: origin, ...asking.headers }
    await readers[who].ask(urlOf(url), { ...asking, headers })
    const lines = await logFrom(line)
    line += lines.length
    events.set(
      what,
      lines.filter((each) => isOutcome(each) && !isMark(each)),
    )
  }
  let stored: UsageFact[] = []
  await until(async () => {
    stored = await gateway.usage()
    return stored.filter(({ path }) => path === '/mark').length > outcomes.length
  }, 'the last event is not stored')
  Object.assign(t.context, { house, publisher, events, stored })
})

test.after.always(async ({ context: { house, publisher } }) => {
  await house?.close()
  await publisher?.close()
})

for (const [what, who, , , told, kept] of outcomes) {
  test(`${what} (${who}): ${told.length === 0 ? 'nothing' : told.join(', ')}`, (t) => {
    const lines = t.context.events.get(what) ?? []
    t.deepEqual(lines.map(wordsOf), told)
    const references = new Set(lines.map(({ reference }) => reference))
    const found = t.context.stored.filter(({ reference }) => references.has(reference))
    t.deepEqual(found.map(storedWords).toSorted(), [...kept].toSorted())
  })
}
