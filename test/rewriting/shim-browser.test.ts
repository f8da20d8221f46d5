/**
 * The shim in real browsers: each script runs on a publisher's page directly and through the gateway,
 * and has to see the same, and so have the publishers. What a gateway cannot keep alike stands in a
 * table of its own.
 *
 * Runs in every browser that is installed; BROWSERS names some of them.
 * @module
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'

import test from 'ava'
import type { Browser } from 'playwright-core'

import { createHostMap } from '../../src/hosts/map.ts'
import { createTurns } from '../support/turns.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { installedBrowsers, startPressRun } from '../support/press-run.ts'
import type { Answer, Asked, PressRun, Way } from '../support/press-run.ts'
import { alikeCases, unlikeCases, type ShimCase } from './shim-cases.ts'

const zoneOrigin = 'https://proxy.example.edu'
const resources = [
  {
    ...resourceWith([
      ruleOf('www.jstor.org', 'exact'),
      ruleOf('jstor.org', 'domain'),
      ruleOf('pubs.acs.org', 'exact'),
      ruleOf('els-cdn.com', 'subdomains'),
      ruleOf('e.lanbook.com:8443', 'exact'),
    ]),
    rewriting: { neverProxy: [{ host: 'static.els-cdn.com', match: 'domain' }] },
  } as const,
]
const hosts = createHostMap({ resources, zoneOrigin })
const mark = 'report:'
/** Nothing for so long, and nothing more will come. */
const longestMs = 6000
const quietMs = 250

/** What the two ways are compared by. */
interface Seen {
  readonly reports: string[]
  readonly asked: string[]
}

/** Contexts are told apart by the name of their browser, which publishers get on both ways. */
const running = new Map<string, { readonly testCase: ShimCase; readonly seen: Seen }>()
const launched = new Map<string, Promise<Browser>>()
/** Pages at once: as many as two processors serve without making each other late. */
const turns = createTurns(3)
let run: PressRun

test.before(async () => {
  run = await startPressRun({ resources, zoneOrigin, answer })
})
test.after.always(async () => {
  for (const browser of launched.values()) await (await browser).close()
  await run.close()
})

function answer(asked: Asked): Answer {
  const { method, url, headers } = asked
  const found = running.get(headers['user-agent'] ?? '')
  if (url.pathname === '/favicon.ico') return { status: 404 }
  // Shared workers and workers of workers have the browser's own name.
  if (found === undefined) return toldByAny(url.pathname)
  const { testCase, seen } = found
  const cookies = headers['cookie']?.split('; ').toSorted().join('; ') ?? ''
  if (method !== 'OPTIONS')
    seen.asked.push(`${method} ${url.href} ${headers['origin'] ?? ''} [${cookies}]`)
  const { pathname } = url
  if (pathname === '/test') return pageOf(testCase)
  const told = testCase.answers?.[pathname]
  return told ?? { headers: { 'Content-Type': typeOf(headers['sec-fetch-dest'] ?? '') } }
}

function toldByAny(pathname: string): Answer {
  const told = [...running.values()].map(({ testCase }) => testCase.answers?.[pathname])
  return told.find((each) => each !== undefined) ?? {}
}

function typeOf(destination: string): string {
  if (/document|frame/.test(destination)) return 'text/html'
  if (/script|worker/.test(destination)) return 'text/javascript'
  return destination === 'image' ? 'image/png' : 'text/plain'
}

function pageOf({ script, headers, head = '', attributes = '' }: ShimCase): Answer {
  const body = `<!doctype html><html><head>${head}</head><body><script${attributes}>
const report = (value) => console.log(${JSON.stringify(mark)} + value)
const at = (host, path = '') => ['https:', '', host.split(' ').join('.') + path].join('/')
const www = at('www jstor org'), daily = at('daily jstor org'), acs = at('pubs acs org')
const wait = (ms) => new Promise((done) => setTimeout(done, ms))
const event = (target, type) => new Promise((done) => target.addEventListener(type, done, { once: true }))
;(async () => {
${script}
})().catch((error) => report('threw ' + error))
</script></body></html>`
  return { headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body }
}

/** Runs a case in a window of its own until nothing happens any more. */
async function observe(browser: Browser, testCase: ShimCase, way: Way): Promise<Seen> {
  const seen: Seen = { reports: [], asked: [] }
  const userAgent = `test ${randomUUID()}`
  running.set(userAgent, { testCase, seen })
  const context = await run.newContext(browser, way, userAgent)
  context.on('console', (message) => {
    const text = message.text()
    if (text.startsWith(mark)) seen.reports.push(text.slice(mark.length))
  })
  try {
    const page = await context.newPage()
    const url = 'https://www.jstor.org/test'
    await page.goto(way === 'direct' ? url : (hosts.mapUrl(url) ?? url), { waitUntil: 'commit' })
    await settle(testCase, seen)
  } finally {
    await context.close()
    running.delete(userAgent)
  }
  // Browsers are free in the order of what they ask for at once.
  const asked = testCase.compares === 'reports' ? [] : seen.asked.toSorted()
  return { reports: seen.reports.map(unmapped), asked }
}

async function settle({ until }: ShimCase, seen: Seen): Promise<void> {
  const countOf = () => seen.reports.length + seen.asked.length
  let [count, quietAt] = [0, performance.now()]
  for (let now = quietAt; now < quietAt + longestMs; now = performance.now()) {
    if (countOf() !== count) [count, quietAt] = [countOf(), now]
    const isThere = [...seen.reports, ...seen.asked].some((line) => line.includes(until))
    if (isThere && now - quietAt > quietMs) return
    await pause(20)
  }
}

/** Reports of the zone's names are taken for those of the publishers. */
function unmapped(text: string): string {
  return text
    .replaceAll(/https:\/\/[a-z0-9-]+\.proxy\.example\.edu/g, (url) => hosts.unmapUrl(url) ?? url)
    .replaceAll(/[a-z0-9-]+\.proxy\.example\.edu/g, (host) => {
      return hosts.upstreamOf(host)?.authority ?? host
    })
}

const browsers = installedBrowsers()

test('a browser is there to be tested with', (t) => {
  t.true(browsers.length > 0)
})

for (const { name, launch } of browsers) {
  const browserOf = () => {
    const browser = launched.get(name) ?? launch()
    launched.set(name, browser)
    return browser
  }
  for (const testCase of alikeCases) {
    test(`${name}: ${testCase.title}`, async (t) => {
      const browser = await browserOf()
      const [direct, proxied] = await turns.take(() =>
        Promise.all((['direct', 'gateway'] as const).map((way) => observe(browser, testCase, way))),
      )
      const wanted = [...(direct?.reports ?? []), ...(direct?.asked ?? [])].join('\n')
      t.true(wanted.includes(testCase.until), `the case itself does not work: ${wanted}`)
      t.deepEqual(proxied, direct)
      t.deepEqual(run.escaped(), [])
    })
  }
  for (const testCase of unlikeCases) {
    test(`${name}: ${testCase.title}`, async (t) => {
      const browser = await browserOf()
      const { reports, asked } = await turns.take(() => observe(browser, testCase, 'gateway'))
      t.deepEqual(reports, testCase.reports, asked.join('\n'))
    })
  }
}
