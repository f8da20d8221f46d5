/**
 * Seats as pages keep them: a reader who closes the last page of a resource frees the seat soon, and
 * whoever goes on, comes back or has another page open keeps it. The publisher's pages come under a
 * strict content security policy and ask for nothing, so that only what pages tell of themselves
 * makes a difference.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

import test from 'ava'
import { request } from 'undici'

import { systemClock } from '../../src/core/clock.ts'
import { patronKey } from '../../src/core/types.ts'
import { createSessions } from '../../src/identity/sessions.ts'
import type { Store } from '../../src/store/contract.ts'
import { createBrowser, type Reader } from '../support/browser.ts'
import { ruleOf, startGateway, until, type TestGateway } from '../support/gateway.ts'
import { portOf } from '../support/publisher.ts'

/** Long where a seat is to be kept, so that a busy machine loses none; short where it is to be free. */
const graceMs = { kept: 60_000, free: 5000 } as const
type End = keyof typeof graceMs
const policy = "default-src 'none'; script-src 'nonce-r4nd0m'; img-src 'self'"
const browser = createBrowser()
const asked: string[] = []
let gateway: TestGateway
let store: Store

const publisher = createServer((incoming, outgoing) => {
  const { url = '', headers } = incoming
  asked.push(`${url} ${headers.referer}`)
  const isText = url.endsWith('.txt')
  outgoing.setHeader('Content-Type', isText ? 'text/plain' : 'text/html')
  outgoing.setHeader('Content-Security-Policy', policy)
  // The picture is asked for once: it would keep the seat in place of what is tested.
  outgoing.setHeader('Cache-Control', url === '/favicon.ico' ? 'max-age=3600' : 'no-cache')
  const script = `<script nonce="r4nd0m">document.title = 'ran'</script>`
  outgoing.end(isText ? 'a text' : `<!doctype html><head>${script}</head><a href="/next">next</a>`)
})

const licenceOf = (end: End) => ({
  seats: 9,
  seatIdleMinutes: 10,
  seatGraceSeconds: graceMs[end] / 1000,
})

test.before(async () => {
  publisher.listen(0, '127.0.0.1')
  await once(publisher, 'listening')
  gateway = await startGateway({
    issuer: 'http://127.0.0.1:9',
    rules: {
      kept: ruleOf('www.kept.test', licenceOf('kept')),
      free: ruleOf('www.free.test', licenceOf('free')),
    },
    hosts: { 'www.kept.test': portOf(publisher), 'www.free.test': portOf(publisher) },
  })
  store = gateway.store()
})

test.after.always(async () => {
  await browser.close()
  await store?.close()
  await gateway?.stop()
  publisher.closeAllConnections()
  publisher.close()
})

/** Somebody who is signed in: their key, and the cookie that says so. */
async function signedIn(subject: string) {
  const sessions = createSessions({
    config: { providers: [], units: {}, sessionIdleSeconds: 3600, sessionMaxSeconds: 3600 },
    records: store.records,
    clock: systemClock,
  })
  const patron = { issuer: 'https://id.example', subject, groups: [] }
  const { session } = await sessions.begin({ patron: { ...patron, categories: ['student'] } })
  const value = await sessions.issue(session, 'zone')
  return { holder: patronKey(patron), cookie: { name: 'darbaza-zone', value } }
}

/** How long the reader's seat lasts from now on; 0 without one. */
async function leftMs(pool: End, holder: string): Promise<number> {
  const lease = (await store.seats.leases(pool)).find((each) => each.holder === holder)
  return lease === undefined ? 0 : lease.endsAt - Date.now()
}

const isKept = async (pool: End, holder: string) => (await leftMs(pool, holder)) > 9 * 60_000

const url = (pool: End, path: string) => gateway.proxied(`http://www.${pool}.test${path}`)

/** `hasGone` waits until a page has said that it goes, however soon the seat is kept again. */
type Course = (reader: Reader, hasGone: () => Promise<void>) => Promise<void>

/** Looks at a seat all the time: the least that it was to last. */
function watchSeat(pool: End, holder: string) {
  let least = Infinity
  const over = new AbortController()
  const looking = (async () => {
    while (!over.signal.aborted) {
      const left = await leftMs(pool, holder)
      least = Math.min(least, left)
      await delay(20)
    }
  })()
  return {
    hasGone: () => until(() => least <= graceMs[pool], 'a page says that it goes'),
    async stop() {
      over.abort()
      await looking
    },
  }
}

/** What each reader does after the first page; the seat has to be kept, or to be free in the end. */
const courses: Record<End, Record<string, Course>> = {
  kept: {
    async 'goes to another page'({ page }, hasGone) {
      await page.click('a')
      await page.waitForURL(url('kept', '/next'))
      await hasGone()
    },
    async 'goes to a text that has no script'({ page }, hasGone) {
      await page.goto(url('kept', '/notes.txt'))
      await hasGone()
    },
    async 'goes somewhere else and comes back'({ page }, hasGone) {
      await page.goto('about:blank')
      await hasGone()
      await page.goBack({ waitUntil: 'commit' })
    },
    async 'closes one of two pages'({ page, newPage }, hasGone) {
      const second = await newPage()
      await second.goto(url('kept', '/second'))
      await page.close()
      await hasGone()
    },
  },
  free: {
    async 'closes the page'({ page }) {
      await page.close()
    },
    async 'closes the window with two pages'({ context, newPage }) {
      await (await newPage()).goto(url('free', '/second'))
      await Promise.all(context.pages().map((page) => page.close()))
    },
  },
}

test('a seat is free soon after the last page was closed, and kept by whoever goes on', async (t) => {
  async function follow(end: End, title: string, course: Course): Promise<void> {
    const { holder, cookie } = await signedIn(title)
    const reader = await browser.newReader()
    await reader.context.addCookies([{ ...cookie, domain: '.proxy.localhost', path: '/' }])
    const mark = `?${holder}`
    await reader.page.goto(url(end, `/${mark}`))
    t.is(await reader.page.title(), 'ran', title)
    await reader.page.waitForLoadState()
    const hasPicture = () =>
      asked.some((line) => line.startsWith('/favicon.ico ') && line.endsWith(mark))
    await until(hasPicture, 'the picture of the page')
    const names = await reader.page.evaluate<string[]>('Object.getOwnPropertyNames(globalThis)')
    t.deepEqual(
      names.filter((name) => /^(?:seat|shim)$|darbaza/i.test(name)),
      [],
    )
    t.true(await isKept(end, holder), title)
    const watch = watchSeat(end, holder)
    await course(reader, watch.hasGone)
    await watch.hasGone()
    const isDone = async () =>
      end === 'kept' ? isKept(end, holder) : (await leftMs(end, holder)) <= 0
    await until(isDone, `${title}: ${end}`)
    await watch.stop()
    t.deepEqual(reader.faults(), [], title)
    await reader.context.close()
  }
  await Promise.all(
    (['kept', 'free'] as const).flatMap((end) =>
      Object.entries(courses[end]).map(([title, course]) => follow(end, title, course)),
    ),
  )
  t.false(asked.some((path) => path.startsWith('/.darbaza/')))
})

async function tell(
  word: string,
  headers: Record<string, string>,
  method: 'GET' | 'POST' = 'POST',
): Promise<number> {
  const { host } = new URL(url('free', '/'))
  const { statusCode, body } = await request(
    `http://127.0.0.1:${gateway.ports.public}/.darbaza/seat/${word}`,
    { method, headers: { host, ...headers } },
  )
  await body.dump()
  return statusCode
}

test('only a page of the host itself is believed, and neither takes a seat', async (t) => {
  const { holder, cookie } = await signedIn('teller')
  const own = { cookie: `${cookie.name}=${cookie.value}`, 'sec-fetch-site': 'same-origin' }
  t.is(await tell('here', own), 204)
  t.is(await leftMs('free', holder), 0)
  await store.seats.acquire({ pool: 'free', holder, seats: 9, idleMs: 600_000 })
  for (const [status, headers, method] of [
    [403, { ...own, 'sec-fetch-site': 'same-site' }],
    [403, { cookie: own.cookie }],
    [401, { 'sec-fetch-site': 'same-origin' }],
    [405, own, 'GET'],
  ] as const) {
    t.is(await tell('gone', headers, method), status, JSON.stringify([headers, method]))
  }
  t.is(await tell('nothing', own), 404)
  t.true(await isKept('free', holder))
  t.is(await tell('gone', own), 204)
  t.true((await leftMs('free', holder)) <= graceMs.free)
  t.is(await tell('here', own), 204)
  t.true(await isKept('free', holder))
  t.false(asked.some((path) => path.startsWith('/.darbaza/')))
})
