/**
 * Every expression of every dashboard and alert, run by a real Prometheus that scrapes a gateway at
 * work: sign-ins good and bad, pages, a refusal, a seat in use, somebody who waits, a publisher's error.
 */
import assert from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import anyTest, { type TestFn } from 'ava'

import { openHouse, type House } from '../chaos/house.ts'
import { ruleOf, until } from '../support/gateway.ts'
import { startPrometheus, type Series, type TestPrometheus } from '../support/prometheus.ts'
import { reply, startPublisher, type Publisher } from '../support/publisher.ts'
import type { Reader } from '../support/reader.ts'
import { alerts, dashboardFiles, recordings } from './panels.ts'

interface Context {
  readonly house: House
  readonly publisher: Publisher
  readonly prometheus: TestPrometheus
}

const test = anyTest as TestFn<Context>

const bodies: Readonly<Record<string, readonly [body: string, type: string]>> = {
  '/': ['<a href="http://www.seated.test/x">x</a>', 'text/html'],
  '/style.css': ['a { background: url(http://www.seated.test/a.png) }', 'text/css'],
  '/paper.pdf': ['%PDF-1.7', 'application/pdf'],
}

test.before(async (t) => {
  const publisher = await startPublisher((socket, { head }) => {
    const [body, type] = bodies[head.split(' ')[1] ?? ''] ?? ['', '']
    if (type !== '') socket.write(reply(body, `Content-Type: ${type}`), 'latin1')
    else socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n')
  })
  const lastDay = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10)
  const fairUse = { items: 1, per: 'hour', mode: 'watch' }
  const house = await openHouse({
    config: { accessLog: {}, links: { check: true } },
    hosts: { 'www.seated.test': publisher.port, 'www.free.test': publisher.port },
    rules: {
      seated: ruleOf('www.seated.test', { seats: 1, until: lastDay }),
      free: ruleOf('www.free.test', { until: lastDay, fairUse }),
    },
  })
  // Told to metrics for half a minute: before the first scrape.
  await reportProblem(house)
  const prometheus = await startPrometheus(`127.0.0.1:${house.gateway.ports.management}`)
  Object.assign(t.context, { house, publisher, prometheus })
  // Growth is seen from the second scrape on, and the last one has to see it all.
  await until(async () => (await scrapes(prometheus)) >= 2, 'Prometheus does not scrape')
  await work(t.context)
  const seen = await scrapes(prometheus)
  await until(async () => (await scrapes(prometheus)) >= seen + 3, 'Prometheus does not scrape')
})

async function scrapes(prometheus: TestPrometheus): Promise<number> {
  const [series] = await prometheus.query('count_over_time(darbaza_build_info[5m])')
  return series?.value ?? 0
}

test.after.always(async ({ context }) => {
  await context.prometheus.stop()
  await context.house.close()
  await context.publisher.close()
})

/** For some scrapes: whatever is counted at all is counted again and again. */
async function work({ house }: Context): Promise<void> {
  const { gateway } = house
  const holder = house.reader('r0')
  const waiter = house.reader('r1')
  await readAll(holder, house)
  await waiter.visit(gateway.proxied('http://www.seated.test/'))
  await pause(1000)
  const store = gateway.store()
  const [lease] = await store.seats.leases('seated')
  await store.seats.release(['seated'], lease?.holder ?? '')
  await store.close()
  for (let wave = 0; wave < 3; wave += 1) {
    // The seat goes to the one who has waited; then it is the others who wait.
    await waiter.visit(gateway.proxied('http://www.seated.test/'))
    await house.reader(`r${wave + 2}`).visit(gateway.proxied('http://www.seated.test/'))
    await readAll(holder, house)
    await waiter.ask(`${gateway.portal}/callback/university?state=none&code=none`)
    await waiter.ask(`${gateway.portal}/staff`)
    await waiter.ask(gateway.zone.replace('://', '://www-nowhere-test.'))
    await pause(500)
  }
}

/** A reader tells the library that a database does not work. */
async function reportProblem({ gateway, reader }: House): Promise<void> {
  const sender = reader('r9')
  const page = await sender.visit(`${gateway.portal}/problem?resource=free`)
  const [, token = ''] = /name="form_token" value="([^"]+)"/.exec(page.text) ?? []
  const fields = { form_token: token, resource: 'free', kind: 'page', text: '' }
  const answer = await sender.ask(`${gateway.portal}/problem`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Origin: gateway.portal },
    body: new URLSearchParams(fields).toString(),
  })
  assert.equal(answer.status, 303)
}

async function readAll(reader: Reader, { gateway }: House): Promise<void> {
  for (const host of ['www.seated.test', 'www.free.test']) {
    for (const path of ['/', '/style.css', '/paper.pdf', '/broken']) {
      await reader.visit(gateway.proxied(`http://${host}${path}`))
    }
  }
}

/** What Grafana puts in the place of its variables. */
function filled(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '60s')
    .replaceAll('$__range', '60s')
    .replaceAll('$job', 'darbaza')
    .replaceAll(/\$(?:instance|pool|resource)\b/g, '.+')
}

/** What is wrong with an answer; a quantile of what nobody did is no number, beside others. */
function faults(series: readonly Series[], labels: readonly string[]): string[] {
  if (series.length === 0) return ['nothing']
  const values = series.map(({ value }) => value)
  const missing = labels.filter((label) => series.some(({ metric }) => metric[label] === undefined))
  return [
    ...(values.some((value) => Math.abs(value) === Infinity) ? ['infinite'] : []),
    ...(values.every((value) => Number.isNaN(value)) ? ['no number'] : []),
    ...missing.map((label) => `no label ${label}`),
  ]
}

for (const [name, { panels, templating }] of Object.entries(dashboardFiles)) {
  test(`${name}: each panel shows finite numbers with the labels that it names`, async (t) => {
    const wrong: string[] = []
    for (const { title, targets = [] } of panels) {
      for (const { expr, legendFormat } of targets) {
        const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
        const found = faults(await t.context.prometheus.query(filled(expr)), labels)
        wrong.push(...found.map((fault) => `${title}: ${fault}: ${filled(expr)}`))
      }
    }
    t.deepEqual(wrong, [])
  })

  test(`${name}: each choice on top has something to choose from`, async (t) => {
    for (const { name: choice, type, definition = '' } of templating.list) {
      if (type !== 'query') continue
      const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? []
      const series = await t.context.prometheus.query(filled(`group by (${label}) (${selector})`))
      t.true(
        series.some(({ metric }) => metric[label] !== undefined),
        choice,
      )
    }
  })
}

/** A name with its matchers; `up` is Prometheus's own. */
const selectors = /(?<![\w:"])(?:up|(?:\w+:)?darbaza_\w+(?::\w+)?)(?:\{[^}]*\})?(?![\w(])/g

test('each alert looks at what is there, and can be reckoned', async (t) => {
  const { prometheus } = t.context
  for (const { alert, expr } of alerts) {
    await t.notThrowsAsync(prometheus.query(expr), alert)
    const looked = expr.match(selectors) ?? []
    t.true(looked.length > 0, alert)
    for (const selector of looked) {
      t.true((await prometheus.query(selector)).length > 0, `${alert}: ${selector}`)
    }
  }
})

test('the access log has a line for each exchange', async (t) => {
  const { gateway } = t.context.house
  const folder = join(gateway.folder, 'data/access')
  const [part = ''] = readdirSync(folder).filter((name) => name.endsWith('.part'))
  const lines = readFileSync(join(folder, part), 'utf8').trim().split('\n')
  const line =
    /"GET http:\/\/www\.(?:seated|free)\.test:80\/\S* HTTP\/1\.1" \d{3} \d+ "-" "student"/
  t.deepEqual(
    lines.filter((each) => !line.test(each)),
    [],
  )
  const exchanges = (await gateway.usage()).filter(({ kind }) => kind === 'exchange')
  t.is(lines.length, exchanges.length)
})

test('each recording is made', async (t) => {
  for (const { record } of recordings) {
    t.deepEqual(faults(await t.context.prometheus.query(record), []), [], record)
  }
})

test('of a gateway at work no alert is pending but those about its licences and the seat', async (t) => {
  // A job may have become due a moment ago.
  const firing = await t.context.prometheus.query('ALERTS{alertname!="JobLate"}')
  const names = new Set(firing.map(({ metric }) => metric['alertname']))
  for (const expected of ['SeatsExhausted', 'LicenceExpiring']) t.true(names.delete(expected))
  t.deepEqual([...names], [])
})
