/**
 * The staff console in Chromium: accessible in every language and colour scheme, nothing that the
 * content security policy has to stop, no sideways scrolling on a phone, and usable by keyboard alone.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

import { overrideKinds } from '../../src/console/override-form.ts'
import { beginOverride } from '../../src/control/overrides.ts'
import { systemClock } from '../../src/core/clock.ts'
import { languages } from '../../src/core/languages.ts'
import { axeFindings, payload, visitAs } from '../support/pages.ts'
import { chromiumPath } from '../support/provision.ts'
import { harvested } from './harvested.ts'
import { linked } from './linked.ts'
import { startConsole } from './house.ts'

const atlas = `title: ${JSON.stringify(payload)}\nprovider: P\nstart: https://atlas.example/\nhosts: [atlas.example]\nlicence: { until: 2025-06-30, seats: 2 }\nsushi: { url: 'https://counter.example', customerId: '1' }\n`

let browser: Browser
let house: Awaited<ReturnType<typeof startConsole>>
/** Ids of readers' reports. */
let reports: readonly string[]

test.before(async () => {
  house = await startConsole({ rules: { atlas } })
  await harvested(house.store, 'atlas')
  reports = await linked(house, 'atlas', payload)
  for (const holder of ['one', 'two']) await house.hold('atlas', holder)
  await house.seen(payload, '/students/2025', 'x'.repeat(200))
  await house.publish(payload)
  writeFileSync(join(house.folder, 'rules/atlas.yaml'), `${atlas}open: false\n`)
  await house.publish('closed for a day')
  const doer = { by: payload, why: payload }
  for (const what of [
    { kind: 'closure', resource: 'atlas', message: { en: payload } },
    { kind: 'seats', pool: 'atlas', seats: 3 },
    {
      kind: 'block',
      range: '2001:db8:1234:5678:9abc:def0:1234:0-2001:db8:1234:5678:9abc:def0:1234:ff',
    },
    { kind: 'suspension', patron: 'x'.repeat(43) },
  ] as const) {
    await beginOverride(house.control, { what, endsAt: systemClock.now() + 3_600_000 }, doer)
  }
  browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync'],
  })
})

test.after.always(async () => {
  await browser?.close()
  await house?.close()
})

const paths = () => [
  '/staff',
  '/staff/seats',
  '/staff/seats/atlas?released',
  '/staff/counter?resource=atlas',
  '/staff/explain?target=https://e.lanbook.com/book/1&address=203.0.113.5&category=student',
  `/staff/explain?target=${encodeURIComponent(payload)}&address=::1`,
  '/staff/rules',
  '/staff/rules?end=3&begun',
  ...overrideKinds.map((kind) => `/staff/rules/override?kind=${kind}`),
  '/staff/rules/rollback?version=1',
  '/staff/claims',
  '/staff/links?checked',
  '/staff/links?standing=unchecked',
  '/staff/links?resource=atlas',
  `/staff/links?end=${reports[0]}`,
]

/** Runs as an editor. */
function visit(options: BrowserContextOptions, run: (page: Page) => Promise<void>) {
  return visitAs(browser, { ...options, reader: 'editor', portalOrigin: house.portalOrigin }, run)
}

for (const language of languages) {
  test.serial(
    `axe finds nothing, light and dark, and a phone is wide enough: ${language}`,
    async (t) => {
      const viewport = { width: 320, height: 640 }
      const heard = await visit({ locale: language, viewport }, async (page) => {
        for (const path of paths()) {
          await page.goto(house.portalOrigin + path)
          t.is(await page.getAttribute('html', 'lang'), language, path)
          t.is(await page.evaluate('document.documentElement.scrollWidth'), 320, path)
          t.is(await page.locator('script, img, [onload], [onerror]').count(), 0, path)
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme })
            t.deepEqual(await axeFindings(page), [], `${path} ${colorScheme}`)
          }
        }
      })
      t.deepEqual(heard, [])
    },
  )
}

test.serial('by keyboard alone: from the menu to an answer', async (t) => {
  await visit({ locale: 'en' }, async (page) => {
    await page.goto(`${house.portalOrigin}/staff`)
    await page.getByRole('link', { name: 'Why may they not?' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/explain/)
    await page.getByLabel('Database or address of a page').focus()
    await page.keyboard.type('lanbook')
    await page.getByLabel('Students').focus()
    await page.keyboard.press('Space')
    await page.keyboard.press('Enter')
    await page.waitForURL(/category=student/)
    t.is(await page.getByRole('heading', { level: 2 }).first().textContent(), 'They may not read')
    t.is(await page.getByLabel('Network address of the reader').inputValue(), '203.0.113.5')
  })
})

test.serial('a seat is released in two steps, and the page says so', async (t) => {
  await visit({ locale: 'en' }, async (page) => {
    await page.goto(`${house.portalOrigin}/staff/seats/atlas`)
    await page
      .getByRole('link', { name: /^Release seat/ })
      .first()
      .click()
    await page.getByLabel('Why', { exact: true }).fill('asked for by the reader')
    await page.getByRole('button', { name: 'Release seat' }).click()
    t.is(await page.getByRole('status').textContent(), 'The seat is free again.')
    t.is(await page.getByRole('link', { name: /^Release seat/ }).count(), 1)
  })
})

test.serial('an override is begun and ended by keyboard, without any script', async (t) => {
  await visit({ locale: 'en' }, async (page) => {
    await page.goto(`${house.portalOrigin}/staff/rules`)
    await page.getByRole('link', { name: 'Close a database' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Database', { exact: true }).fill('jstor')
    // Two hours on, by the library's clock, as the browser's own field writes it.
    const until = new Date(systemClock.now() + 8 * 3_600_000).toISOString().slice(0, 16)
    await page.getByLabel('Until when').fill(until)
    await page.getByLabel('For readers, in English').fill('Back in the evening')
    await page.getByLabel('Why', { exact: true }).fill('the publisher is moving')
    await page.keyboard.press('Enter')
    t.is(await page.getByRole('status').textContent(), 'The override holds.')
    t.is(await page.getByText('Back in the evening').count(), 1)
    await page
      .getByRole('link', { name: /^End – Database closed/ })
      .first()
      .click()
    await page.getByLabel('Why it ends').fill('it is back')
    await page.keyboard.press('Enter')
    t.is(await page.getByRole('status').textContent(), 'The override is ended.')
    t.is(await page.getByText('Back in the evening').count(), 0)
  })
})

test.serial('an earlier set is brought back after its differences were shown', async (t) => {
  await visit({ locale: 'en' }, async (page) => {
    await page.goto(`${house.portalOrigin}/staff/rules`)
    await page.getByRole('link', { name: 'Bring back – Version 1' }).click()
    t.is(await page.getByText('opens atlas, which was closed').count(), 1)
    await page.getByLabel('Why', { exact: true }).fill('a mistake')
    await page.getByRole('button', { name: 'Put into force' }).click()
    t.is(
      await page.getByRole('status').first().textContent(),
      'The earlier rules are in force again.',
    )
    t.is(await page.getByRole('heading', { name: 'Version 3 · version 1 again' }).count(), 1)
  })
})
