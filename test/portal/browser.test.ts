/**
 * The portal in Chromium: accessible in every language and colour scheme, nothing that the content
 * security policy has to stop, targets big enough for a finger, no sideways scrolling on a phone.
 */
import test from 'ava'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

import { languages } from '../../src/core/languages.ts'
import { axeFindings } from '../support/pages.ts'
import { chromiumPath } from '../support/provision.ts'
import { resourceOf } from './collection.ts'
import { startPortal } from './gateway.ts'

type Portal = Awaited<ReturnType<typeof startPortal>>
let browser: Browser
let portal: Portal
let away: Portal

test.before(async () => {
  browser = await chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  portal = await startPortal()
  away = await startPortal({ identityStatus: 'away' })
})

test.after.always(async () => {
  await browser?.close()
  await portal?.close()
  await away?.close()
})

/** Every page of the gateway, by name. */
function pages(): Record<string, string> {
  const refusing = portal.zoneOrigin.replace('://', '://www-jstor-org.')
  return {
    home: `${portal.portalOrigin}/`,
    found: `${portal.portalOrigin}/?q=jstor&subject=%D0%A2%D0%B0%D1%80%D1%8B%D1%85`,
    nothing: `${portal.portalOrigin}/?q=nothing`,
    away: `${away.portalOrigin}/`,
    resource: `${portal.portalOrigin}/db/jstor`,
    shut: `${portal.portalOrigin}/db/rooms`,
    chooser: `${portal.portalOrigin}/sign-in?to=%2Fdb%2Fjstor`,
    account: `${portal.portalOrigin}/account?released`,
    signedOut: `${portal.portalOrigin}/signed-out`,
    help: `${portal.portalOrigin}/help`,
    deadLink: `${portal.portalOrigin}/login?url=https://free.example/a`,
    waiting: `${portal.portalOrigin}/wait?to=https://www.scopus.org/`,
    problem: `${portal.portalOrigin}/problem?resource=jstor&kind=unreachable&about=7K3M-QX2P-9DTF`,
    problemAny: `${portal.portalOrigin}/problem`,
    thanks: `${portal.portalOrigin}/problem/thanks?resource=jstor&reference=7K3M-QX2P-9DTF`,
    missing: `${portal.portalOrigin}/nothing`,
    refusal: `${refusing}/refuse/seats_full`,
    failure: `${refusing}/fail/ERR_UPSTREAM_SLOW`,
  }
}

/** Runs in a fresh visit, signed in, and tells of any violation of the policy. */
async function visit(
  options: BrowserContextOptions,
  run: (page: Page) => Promise<void>,
): Promise<string[]> {
  const context = await browser.newContext(options)
  const origin = portal.portalOrigin
  await context.addCookies([
    { name: 'reader', value: 'student', url: origin },
    { name: 'usual', value: 'alatoo', url: origin },
  ])
  const page = await context.newPage()
  const stopped: string[] = []
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) stopped.push(message.text())
  })
  page.on('dialog', (dialog) => {
    stopped.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', (error) => stopped.push(error.message))
  try {
    await run(page)
  } finally {
    await context.close()
  }
  return stopped
}

for (const language of languages) {
  test.serial(`axe finds nothing on any page, light and dark, ${language}`, async (t) => {
    const stopped = await visit({ locale: language }, async (page) => {
      for (const [name, url] of Object.entries(pages())) {
        await page.goto(url)
        t.is(await page.getAttribute('html', 'lang'), language, name)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          t.deepEqual(await axeFindings(page), [], `${name} ${colorScheme}`)
        }
      }
    })
    t.deepEqual(stopped, [])
  })
}

test.serial('on a phone nothing scrolls sideways and every target has 24 pixels', async (t) => {
  for (const language of languages) {
    await visit({ locale: language, viewport: { width: 320, height: 640 } }, async (page) => {
      for (const [name, url] of Object.entries(pages())) {
        await page.goto(url)
        t.is(await widthOf(page), 320, `${language} ${name}`)
        t.deepEqual(await smallTargets(page), [], `${language} ${name}`)
      }
    })
  }
})

/** Links and controls below 24 by 24 pixels; links within a sentence are exempt (WCAG 2.5.8). */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`
    [...document.querySelectorAll('a, button, input:not([type=hidden]), select')]
      .filter((element) => !element.matches('.skip, p:not(.actions) > a:not(.button), dd a'))
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 24 || box.height < 24)
      .map(({ element, box }) => element.outerHTML + ' ' + box.width + 'x' + box.height)
  `)
}

/** Width of everything, seen and scrolled to. */
function widthOf(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth')
}

test.serial('text doubled in size still fits a phone', async (t) => {
  await visit({ viewport: { width: 640, height: 900 } }, async (page) => {
    for (const [name, url] of Object.entries(pages())) {
      await page.goto(url)
      await page.evaluate("document.documentElement.style.fontSize = '32px'")
      t.is(await widthOf(page), 640, name)
    }
  })
})

test.serial('the keyboard reaches the content first, and focus is seen', async (t) => {
  await visit({ locale: 'en' }, async (page) => {
    await page.goto(pages()['home'] ?? '')
    await page.keyboard.press('Tab')
    t.is(await page.locator(':focus').textContent(), 'Skip to main content')
    const box = await page.locator('.skip').boundingBox()
    t.true((box?.height ?? 0) >= 24)
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    t.is(await page.locator(':focus').getAttribute('id'), 'q')
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    t.is(outline, 'solid')
  })
})

test.serial('the switch changes the language of a refusal where it stands', async (t) => {
  await visit({ locale: 'ky' }, async (page) => {
    await page.goto(pages()['refusal'] ?? '')
    t.is(await page.textContent('h1'), 'Бардык орундар ээленген')
    await page.getByRole('link', { name: 'English' }).click()
    t.is(page.url(), String(pages()['refusal']))
    t.is(await page.textContent('h1'), 'All seats are in use')
  })
})

test.serial('search, subject and letters work without script', async (t) => {
  await visit({ locale: 'en', javaScriptEnabled: false }, async (page) => {
    await page.goto(pages()['home'] ?? '')
    await page.getByRole('link', { name: 'J', exact: true }).click()
    t.true(page.url().endsWith('#letter-4a'))
    await page.getByLabel('Search databases').fill('онор')
    await page.getByRole('button', { name: 'Search' }).click()
    t.deepEqual(await page.locator('h3').allTextContents(), ['Өнөр жана маданият архиви'])
    await page.getByRole('link', { name: 'Clear filters' }).click()
    await page.getByLabel('Subject').selectOption('Тарых')
    await page.getByRole('button', { name: 'Search' }).click()
    t.is(await page.locator('h3').count(), 2)
  })
})

test.serial('a seat is released by its button, and the page says so', async (t) => {
  const own = await startPortal()
  t.teardown(() => own.close())
  await visit({ locale: 'en' }, async (page) => {
    await page.context().addCookies([{ name: 'reader', value: 'student', url: own.portalOrigin }])
    await page.goto(`${own.portalOrigin}/account`)
    await page.getByRole('button', { name: /Release seat.*JSTOR/ }).click()
    t.is(await page.getByRole('status').textContent(), 'The seat is free again. Thank you.')
    t.deepEqual(own.released, ['jstor'])
    t.is(await page.getByRole('button', { name: 'Release seat' }).count(), 1)
  })
})

test.serial('hostile names, searches and links run nothing', async (t) => {
  const payload = `"'><svg onload=alert(1)><script>alert(2)</script><img src=x onerror=alert(3)>`
  const title = { en: payload }
  const own = await startPortal({
    resources: [
      resourceOf('jstor', { title, description: title, provider: payload, subjects: [payload] }),
    ],
    displayName: payload,
    contact: payload,
  })
  t.teardown(() => own.close())
  const query = encodeURIComponent(payload)
  const stopped = await visit({ locale: 'en' }, async (page) => {
    await page.context().addCookies([{ name: 'reader', value: 'student', url: own.portalOrigin }])
    for (const path of [
      `/?q=${query}`,
      `/?subject=${query}`,
      '/db/jstor',
      '/account',
      `/login?url=https://x.example/${payload}`,
      `/login?qurl=${query}`,
      `/problem?resource=jstor&kind=${query}&text=${query}&about=${query}`,
      `/problem?resource=${query}`,
      `/problem/thanks?resource=jstor&reference=${query}`,
      `/nothing/${query}?${query}`,
    ]) {
      await page.goto(own.portalOrigin + path)
      t.is(await page.locator('script, img, [onload], [onerror]').count(), 0, path)
    }
    await page.goto(`${own.portalOrigin}/db/jstor`)
    t.is(await page.textContent('h1'), payload)
  })
  t.deepEqual(stopped, [])
})
