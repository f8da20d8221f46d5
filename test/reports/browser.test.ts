/**
 * The reports in Chromium: accessible in every language and colour scheme, nothing that the content
 * security policy has to stop, no sideways scrolling on a telephone, and a print view on A4.
 */
import test from 'ava'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

import { languages } from '../../src/core/languages.ts'
import { reportNames } from '../../src/reports/catalogue.ts'
import { startConsole } from '../console/house.ts'
import { axeFindings, payload, visitAs } from '../support/pages.ts'
import { chromiumPath } from '../support/provision.ts'
import { documentOf, figuresOf } from './builders.ts'
import { universityMonths } from './university.ts'

let browser: Browser
let house: Awaited<ReturnType<typeof startConsole>>

test.before(async () => {
  house = await startConsole({
    rules: {
      atlas: `title: ${JSON.stringify(payload)}\nprovider: P\nstart: https://atlas.example/\nhosts: [atlas.example]\nlicence: { seats: 2, contract: { cost: { amount: 90, currency: USD, period: year } } }\n`,
    },
  })
  const [last, ...months] = universityMonths().toReversed()
  if (last === undefined) throw new Error('no months')
  const { cells, items } = last
  const hostile = figuresOf(last.period, {
    ...last,
    cells: [
      ...cells,
      ...cells.slice(0, 40).map((cell) => ({ ...cell, resourceId: 'atlas', unit: payload })),
    ],
    items: [
      ...items,
      { resourceId: 'atlas', item: payload, itemName: payload, requests: 99, investigations: 99 },
    ],
  })
  await house.store.figures.write([hostile, ...months].map((figures) => documentOf(figures)))
  browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'],
  })
})

test.after.always(async () => {
  await browser?.close()
  await house?.close()
})

/** Runs as a viewer. */
function visit(
  { width = 1280, ...options }: BrowserContextOptions & { readonly width?: number },
  run: (page: Page) => Promise<void>,
) {
  const viewport = { width, height: 900 }
  return visitAs(
    browser,
    { ...options, viewport, reader: 'viewer', portalOrigin: house.portalOrigin },
    run,
  )
}

const pages = [
  '/staff/reports',
  ...reportNames.map((name) => `/staff/reports/${name}?from=2026-06&to=2026-11`),
  '/staff/reports/use?by=unit&to=2026-11',
  '/staff/reports/use?by=hour&to=2026-11&resource=jstor',
  `/staff/reports/use?from=${encodeURIComponent(payload)}`,
]

for (const [locale, colorScheme] of [
  ['ky', 'light'],
  ['ru', 'dark'],
  ['en', 'light'],
] as const) {
  test.serial(
    `${locale}, ${colorScheme}: every report is accessible and runs nothing`,
    async (t) => {
      const heard = await visit({ locale, colorScheme }, async (page) => {
        for (const path of pages) {
          const answer = await page.goto(house.portalOrigin + path)
          t.is(answer?.status(), 200, path)
          t.deepEqual(await axeFindings(page), [], path)
          t.is(await page.locator('svg [style], svg style').count(), 0, path)
          t.is(await page.locator('main script, main img').count(), 0, path)
        }
      })
      t.deepEqual(heard, [])
    },
  )
}

test.serial('a telephone shows a chart of its own and never scrolls sideways', async (t) => {
  for (const locale of languages) {
    await visit({ locale, width: 320 }, async (page) => {
      for (const path of ['/staff/reports', '/staff/reports/summary?to=2026-11']) {
        await page.goto(house.portalOrigin + path)
        t.is(await page.evaluate('document.documentElement.scrollWidth'), 320, `${locale} ${path}`)
      }
      t.true(await page.locator('.narrow-chart').first().isVisible())
      t.false(await page.locator('.wide-chart').first().isVisible())
    })
  }
})

test.serial('printed, a report is A4 across, with its charts and without its form', async (t) => {
  await visit({ locale: 'ru', colorScheme: 'dark', width: 320 }, async (page) => {
    await page.goto(`${house.portalOrigin}/staff/reports/summary?to=2026-11`)
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1')
    t.true(
      [...pdf.matchAll(/\/MediaBox \[0 0 (\d+)[\d.]* (\d+)/g)].some(
        ([, x, y]) => Number(x) > Number(y),
      ),
    )
    await page.emulateMedia({ media: 'print' })
    t.true(await page.locator('.wide-chart').first().isVisible())
    t.false(await page.locator('form').first().isVisible())
    t.is(await page.evaluate('getComputedStyle(document.body).color'), 'rgb(21, 37, 44)')
  })
})

test.serial('files are sent as what they are, to those who may look', async (t) => {
  const path = '/staff/reports/use/csv?by=unit&from=2026-10&to=2026-11'
  const file = await house.ask(path, { as: 'viewer' })
  t.is(file.status, 200)
  t.is(file.headers['content-type'], 'text/csv; charset=utf-8')
  const name = 'attachment; filename="use-unit-2026-10-2026-11.csv"'
  t.is(file.headers['content-disposition'], name)
  const html = await house.ask(path.replace('/csv', '/html'), { as: 'editor' })
  t.regex(html.text, /^<!doctype html>/)
  t.notRegex(html.text, /<script|https?:\/\/(?!www\.w3\.org)/)
  t.is((await house.ask(path, { as: 'student' })).status, 404)
  t.is((await house.ask(path.replace('/csv', '/docx'), { as: 'viewer' })).status, 404)
  t.is((await house.ask('/staff/reports/__proto__', { as: 'viewer' })).status, 404)
})
