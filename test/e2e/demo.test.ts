/**
 * The main job, end to end in Chromium, against the demonstration as a newcomer starts it: sign in
 * once, read at two publishers, meet every refusal, sign out.
 *
 * With DARBAZA_PICTURES set, the pictures of the README are taken on the way.
 * @module
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import test from 'ava'
import type { Page } from 'playwright-core'

import { runDemo } from '../../src/demo/main.ts'
import { openReadingRoom } from '../../src/demo/reading-room.ts'
import { ask } from '../demo/support.ts'
import { createBrowser, scenarios } from '../support/browser.ts'

const dataFolder = mkdtempSync(join(tmpdir(), 'darbaza-e2e-'))
const ports = { gateway: 0, management: 0, provider: 0, publishers: 0 }
const demo = await runDemo({ ports, dataFolder, quiet: true })
const portal = demo.portalOrigin
const gatewayPort = Number(new URL(portal).port)

const blockedAddress = '127.0.0.66'
const blockedDoor = await openReadingRoom(blockedAddress, {
  address: '127.0.0.1',
  port: gatewayPort,
})
const home = createBrowser()
const library = createBrowser({ address: demo.readingRoom ?? 'none' })
const blocked = createBrowser({ address: blockedAddress })

test.after.always(async () => {
  await Promise.all([home.close(), library.close(), blocked.close()])
  await blockedDoor.stop()
  await demo.stop()
  rmSync(dataFolder, { recursive: true })
})

const atHome = scenarios(test, home)
const inLibrary = scenarios(test, library)
const fromBlocked = scenarios(test, blocked)

const doi = '10.5555/iamr.2026.0102'
const steppe = zone('www.steppe-journals.example')
const alatoo = zone('www.alatoo-books.example')
const article = `${steppe}/article/${doi}`
const chapter = `${alatoo}/book/gory-i-voda/chapter/1`

atHome('whatever a page asks of a host that is not here is told and fails', async (t, reader) => {
  reader.expects(/a request to another host: http:\/\/elsewhere\.example\/dot/)
  reader.expects(/failed: .* net::ERR_NAME_NOT_RESOLVED/)
  reader.expects(/console: .*ERR_NAME_NOT_RESOLVED/)
  await enter(reader.page, `${alatoo}/`, 'student')
  t.false(
    await reader.page.evaluate(`fetch('http://elsewhere.example/dot', { mode: 'no-cors' })
      .then(() => true, () => false)`),
  )
})

atHome('one sign-in leads from the portal into a database', async (t, { page, context }) => {
  await page.goto(portal)
  t.is(await page.locator('.entry').count(), 2)
  await signIn(page, 'student')
  t.true(page.url().startsWith(portal))
  await picture(page, 'portal')
  await open(page, 'steppe-journals')
  t.is(new URL(page.url()).origin, steppe)
  t.is(await page.innerText('h1'), 'Research from the heart of Asia')

  const names = (await context.cookies([portal, steppe])).map(({ name }) => name)
  t.true(names.includes('darbaza') && names.includes('darbaza-zone'))
})

atHome('the librarian comes by bookmark to the staff page that explains', async (t, { page }) => {
  await page.goto(`${portal}/staff/explain?target=steppe-journals&address=203.0.113.5`)
  await choose(page, 'librarian')
  await page.waitForURL(`${portal}/staff/explain?**`)
  t.is(await text(page, '#verdict'), 'They may not read')
  t.is(await text(page, 'nav.menu [aria-current]'), 'Staff')
  await page.goto(
    `${portal}/staff/explain?target=steppe-journals&category=alum&address=203.0.113.5`,
  )
  await picture(page, 'staff', 1900)
})

atHome('for a student there is no staff page', async (t, reader) => {
  const { page } = reader
  await page.goto(`${portal}/staff`)
  reader.expects(/status of 404/)
  await choose(page, 'student')
  await page.waitForURL(`${portal}/staff`)
  t.is(await text(page, 'h1'), 'Page not found')
  t.is(await page.locator('nav.menu a[href$="/staff"]').count(), 0)
})

atHome('a link to an article comes back to that very article after sign-in', async (t, reader) => {
  const { page } = reader
  await page.goto(`${article}/full?from=moodle#refs`)
  await choose(page, 'teacher')
  await page.waitForURL(/\/full\?from=moodle/)
  t.is(await text(page, 'article h2'), 'Abstract')
})

atHome('a search asks the API on a sister host and leads to an article', async (t, { page }) => {
  await enter(page, `${steppe}/`, 'student')
  await page.fill('.quick-search input', 'snowmelt')
  const answered = page.waitForResponse(/\/v1\/search\?/)
  await page.click('.quick-search button')
  const answer = await answered
  t.is(new URL(answer.url()).origin, zone('api.steppe-journals.example'))
  const { total, self, reader } = await answer.json()
  t.true(total > 0)
  // What the API writes about itself is an address of the zone, and it knows the domain's cookie.
  t.is(new URL(self).origin, zone('api.steppe-journals.example'))
  t.is(reader.institution, 'Ala-Too State University Library')

  await page.click('text=Quick read')
  t.regex(await text(page, 'dialog h2'), /^Introduction/)
  await page.click('dialog .close')
  await page.click('[data-results] h3 a')
  await page.waitForURL(`${steppe}/article/**`)
})

atHome('an article has its full text, figures, styles and scripts', async (t, { page }) => {
  await enter(page, `${article}/full`, 'student')
  await t.notThrowsAsync(page.locator('[data-institution]:visible').waitFor())
  t.is(
    await text(page, '[data-institution]'),
    'Access provided by Ala-Too State University Library',
  )
  t.true((await page.locator('article section h2').count()) > 4)
  t.is(await page.locator('.paywall').count(), 0)

  const figures = page.locator('article figure img')
  t.true((await figures.count()) > 0)
  await figures.first().scrollIntoViewIfNeeded()
  await page.waitForFunction('document.querySelector("article figure img").naturalWidth > 0')
  const source = await page.evaluate<string>('document.querySelector("figure img").currentSrc')
  t.is(new URL(source).origin, zone('static.steppe-journals.example'))

  const sheet = await page.getAttribute('link[rel=stylesheet]', 'href')
  t.is(sheet, `//${new URL(zone('static.steppe-journals.example')).host}/css/site.css`)
  t.is(
    await page.evaluate('getComputedStyle(document.querySelector(".skip")).position'),
    'absolute',
  )
  t.is(
    await page.getAttribute('link[rel=canonical]', 'href'),
    `http://www.steppe-journals.example/article/${doi}/full`,
  )
  await page.evaluate('scrollTo(0, 0)')
  await picture(page, 'article')
})

atHome('the PDF is the publisher’s own, byte for byte', async (t, { page }) => {
  const path = `/article/${doi}/pdf`
  const original = await direct(`http://www.steppe-journals.example${path}`)
  t.is(original.subarray(0, 5).toString(), '%PDF-')
  await enter(page, `${article}/full`, 'student')
  t.is(await page.getAttribute('.actions a', 'href'), `//${new URL(steppe).host}${path}`)
  t.deepEqual(await fetchIn(page, path), { status: 200, body: original })
  // As a viewer reads a long document: a part at a time.
  const part = await fetchIn(page, path, 'bytes=100-299')
  t.deepEqual(part, { status: 206, body: original.subarray(100, 300) })

  const answered = page.waitForResponse(`${steppe}${path}`)
  await page.click('.actions a', { noWaitAfter: true })
  t.is((await answered).headers()['content-type'], 'application/pdf')
})

atHome('a book that the publisher sends as a file is saved unchanged', async (t, { page }) => {
  await enter(page, `${alatoo}/book/counting-readers`, 'student')
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('a.button')])
  t.is(download.suggestedFilename(), 'counting-readers.pdf')
  const original = await direct('http://www.alatoo-books.example/book/counting-readers/pdf')
  t.true(readFileSync(await download.path()).equals(original))
})

atHome('a WebSocket of a sister host echoes and counts readers', async (t, reader) => {
  const { page } = reader
  await enter(page, article, 'student')
  await page.locator('html[data-echo=salam]').waitFor()
  await page.locator('text=You are the only reader now').waitFor()
  const second = await reader.newPage()
  await second.goto(article)
  await second.locator('text=2 readers now').waitFor()
  await page.locator('text=2 readers now').waitFor()
  await second.close()
  await page.locator('text=You are the only reader now').waitFor()
  t.pass()
})

atHome('a bookmark passes a preflight with credentials', async (t, { page }) => {
  await enter(page, article, 'student')
  await page.click('[data-save]')
  await page.locator('[data-saved]:not(:empty)').waitFor()
  t.regex(await text(page, '[data-saved]'), /^Saved \(\d+\)$/)
})

atHome('a page in windows-1251 keeps its letters', async (t, { page }) => {
  await enter(page, chapter, 'student')
  t.is(await page.evaluate('document.characterSet'), 'windows-1251')
  t.is(await text(page, 'h1'), 'Река начинается ночью')
  t.regex(await page.innerText('article'), /старые чабаны говорят/)
  t.is(
    await page.evaluate('document.title'),
    'Река начинается ночью. Горы и вода — Ала-Тоо китептери',
  )
})

atHome('a cookie that a script sets for the domain stays with the page', async (t, { page }) => {
  await enter(page, chapter, 'student')
  await page.click('[data-theme-choice=night]')
  t.regex(await page.evaluate<string>('document.cookie'), /(?:^|; )alatoo_theme=night(?:;|$)/)
  await page.reload()
  t.is(await page.getAttribute('html', 'data-theme'), 'night')

  await page.click('[data-note]')
  await page.locator('[data-noted]:not(:empty)').waitFor()
  t.is(await text(page, '[data-noted]'), '✓')

  await page.fill('form[role=search] input', 'Горы')
  await page.click('form[role=search] button')
  await page.locator('[data-found] .card').first().waitFor()
})

atHome(
  'the one seat goes to one person; the next waits and is let in to the very page',
  async (t, first, more) => {
    const second = await more()
    const wanted = `${chapter}?from=moodle#end`
    await enter(first.page, chapter, 'student')
    await second.page.goto(wanted)
    await choose(second.page, 'teacher')
    await second.page.waitForURL(`${portal}/wait?to=*`)
    t.is(await text(second.page, 'h1'), 'You are in the queue')
    t.is(await text(second.page, '[data-place]'), 'Your place in the queue: 1')
    t.notRegex(await second.page.innerText('body'), /чабаны/)
    await picture(second.page, 'waiting-room')

    // A second window of the same person is no second place; a third person comes behind.
    const again = await second.newPage()
    await again.goto(chapter)
    t.is(await text(again, '[data-place]'), 'Your place in the queue: 1')
    await again.close()
    const third = await more()
    await third.page.goto(chapter)
    await choose(third.page, 'librarian')
    await third.page.waitForURL(`${portal}/wait?to=*`)
    t.is(await text(third.page, '[data-ahead]'), '1 reader is before you.')

    await signOut(first.page)
    await second.page.waitForURL((url) => url.href.startsWith(chapter))
    t.is(second.page.url(), wanted.replace('#end', ''))
    t.is(await text(second.page, 'h1'), 'Река начинается ночью')
    await third.page.locator('[data-place]:has-text("in the queue: 1")').waitFor()
    await third.page.click('text=Leave the queue')
    await third.page.waitForURL(`${portal}/db/alatoo-books`)
    await signOut(second.page)
    await signOut(third.page)
  },
)

atHome(
  'a refused reader reports it; staff look, mend and end it, and nobody is named',
  async (t, reader, more) => {
    reader.expects(/status of 403/)
    const { page } = reader
    await enter(page, `${steppe}/`, 'alumna')
    const about = await text(page, '.reference')
    await page.click('text=Report a problem')
    await page.waitForURL(`${portal}/problem?**`)
    t.is(await text(page, 'form .reference'), about)
    t.true(await page.isChecked('[value=refused]'))
    await page.fill('textarea', 'The page takes me for <alumni>, but I have taught here since June')
    await page.click('button.strong')
    await page.waitForURL(`${portal}/problem/thanks?**`)
    const reference = await text(page, '.reference')

    const librarian = await more()
    await librarian.page.goto(`${portal}/staff/links`)
    await choose(librarian.page, 'librarian')
    await librarian.page.waitForURL(`${portal}/staff/links`)
    const row = librarian.page.locator('li', { hasText: reference })
    t.is(
      await row.locator('blockquote').innerText(),
      'The page takes me for <alumni>, but I have taught here since June',
    )
    t.notRegex(await row.innerText(), /alumna/i)

    await librarian.page.click('button:has-text("Check now – Steppe Journals")')
    await librarian.page.waitForURL(/links\?checked&resource=steppe-journals/)
    t.is(await text(librarian.page, '.links .badge'), 'Works')
    await librarian.page.click('text=All links')
    await picture(librarian.page, 'links', 1640)
    await row.locator('a.button').click()
    await librarian.page.click('label:has-text("works again")')
    await librarian.page.fill('#why', 'The licence covers alumni from today')
    await librarian.page.click('.ask button.strong')
    t.is(await text(librarian.page, '[role=status]'), 'The report is ended.')
    t.is(await librarian.page.locator('li', { hasText: reference }).count(), 0)
  },
)

atHome('a refusal is told in the language that the reader chooses', async (t, reader) => {
  const { page } = reader
  reader.expects(/status of 403/)
  await enter(page, `${steppe}/`, 'alumna')
  t.is(await text(page, 'h1'), 'Not licensed for your group')
  await page.click('.languages [lang=ru]')
  t.is(await page.getAttribute('html', 'lang'), 'ru')
  const russian = await text(page, 'h1')
  await page.click('.languages [lang=ky]')
  t.is(await page.getAttribute('html', 'lang'), 'ky')
  t.is(new Set(['Not licensed for your group', russian, await text(page, 'h1')]).size, 3)
  t.is(page.url(), `${steppe}/`)
})

atHome('a guest of whom the university says nothing is told so', async (t, reader) => {
  reader.expects(/status of 403/)
  await enter(reader.page, `${article}/full`, 'guest')
  t.is(await text(reader.page, 'h1'), 'We could not learn who you are here')
  t.notRegex(await reader.page.innerText('body'), /Snowmelt/i)
})

atHome('after sign-out the Back button shows nothing that was read', async (t, reader) => {
  const { page, context } = reader
  await enter(page, `${article}/full`, 'student')
  await page.evaluate('localStorage.setItem("read", "much")')
  t.is((await context.storageState()).origins.length, 1)
  // A login at the publisher, in the way that is hardest to take back.
  const login = { name: 'login', value: 'me', httpOnly: true, sameSite: 'Strict' } as const
  await context.addCookies([{ ...login, domain: new URL(steppe).hostname, path: '/account' }])
  t.true((await context.cookies(`${steppe}/account`)).some(({ name }) => name === 'login'))
  await page.goto(`${portal}/account`)
  t.regex(await page.innerText('main'), /Айгерим Асанова/)
  const cleared = page.waitForResponse(`${steppe}/.darbaza/sign-out?*`)
  await page.click('form[action$="/sign-out"] button')
  await page.waitForURL(`${portal}/signed-out`)
  t.is(await text(page, 'h1'), 'You are signed out')
  await cleared
  await page.waitForURL(`${portal}/signed-out`)
  await page.waitForLoadState('networkidle')

  const { origins, cookies } = await context.storageState()
  t.deepEqual(origins, [])
  const zoneHost = new URL(demo.zoneOrigin).hostname
  t.deepEqual(
    cookies.filter(({ name, domain }) => domain.endsWith(zoneHost) || name === 'darbaza'),
    [],
  )
  // The provider's own pages of a sign-in that is over.
  reader.expects(/status of 400 .*\/interaction\//)
  const shown: string[] = []
  while (page.url() !== 'about:blank' && shown.length < 12) {
    await page.goBack({ waitUntil: 'commit' }).catch(() => undefined)
    await page.waitForLoadState()
    shown.push(page.url() === 'about:blank' ? 'nothing' : await text(page, 'h1'))
    t.false(page.url().startsWith(steppe), page.url())
  }
  t.deepEqual(
    [...new Set(shown)].toSorted(),
    ['Sign in', 'Sign-in failed', 'nothing'],
    shown.join(),
  )
  await page.goto(article)
  t.true(page.url().startsWith(demo.issuer), page.url())
})

inLibrary('a library computer reads without sign-in what visitors may', async (t, reader) => {
  const { page } = reader
  await page.goto(portal)
  await open(page, 'steppe-journals')
  t.is(await text(page, 'h1'), 'Research from the heart of Asia')
  await page.goto(`${article}/full`)
  t.true((await page.locator('article section h2').count()) > 4)

  reader.expects(/status of 403/)
  await page.goto(chapter)
  t.is(await text(page, 'h1'), 'Not licensed for your group')
})

fromBlocked('a blocked address is refused on portal and proxied hosts', async (t, reader) => {
  reader.expects(/status of 403/)
  for (const url of [portal, `${article}/full`]) {
    await reader.page.goto(url)
    t.is(await text(reader.page, 'h1'), 'Your network is blocked')
    t.regex(await text(reader.page, '.reference'), /^[\dA-Z-]{14}$/)
  }
})

/** Origin that stands for a publisher's host: dots become hyphens. */
function zone(host: string): string {
  const { protocol, host: suffix } = new URL(demo.zoneOrigin)
  return `${protocol}//${host.replaceAll('-', '--').replaceAll('.', '-')}.${suffix}`
}

/** Signs in at the portal by its own link. */
async function signIn(page: Page, account: string): Promise<void> {
  await page.click('a.sign-in')
  await choose(page, account)
  await page.waitForURL(`${portal}/**`)
}

/** Chooses a person at the provider. */
async function choose(page: Page, account: string): Promise<void> {
  await page.waitForURL(`${demo.issuer}/interaction/**`)
  await page.click(`button[value=${account}]`)
}

/** Opens an address of the zone as somebody who has not signed in yet. */
async function enter(page: Page, url: string, account: string): Promise<void> {
  await page.goto(url)
  await choose(page, account)
  // The publisher may send a first visit through its login host.
  await page.waitForURL((here) => here.origin === new URL(url).origin)
  await page.waitForLoadState()
}

/** Opens a database from the list. */
async function open(page: Page, id: string): Promise<void> {
  await page.click(`a[href="${portal}/go/${id}"]`)
  await page.waitForURL(`${demo.zoneOrigin.replace('://', '://*.')}/**`)
  await page.waitForLoadState()
}

async function signOut(page: Page): Promise<void> {
  await page.goto(`${portal}/account`)
  await page.click('form[action$="/sign-out"] button')
  await page.waitForURL(`${portal}/signed-out`)
}

async function text(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().innerText()).trim()
}

/** What the publisher gives its subscriber, past the gateway. */
async function direct(url: string): Promise<Buffer> {
  const place = demo.publishers[new URL(url).host] ?? ''
  return (await ask(Number(place.split(':')[1]), url)).body
}

/** Fetches a path of the page's own host, as its scripts would. */
async function fetchIn(
  page: Page,
  path: string,
  range?: string,
): Promise<{ status: number; body: Buffer }> {
  const { status, body } = await page.evaluate<{ status: number; body: string }>(`(async () => {
    const headers = ${JSON.stringify(range === undefined ? {} : { range })}
    const answer = await fetch(${JSON.stringify(path)}, { headers })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    return { status: answer.status, body: bytes.toBase64() }
  })()`)
  return { status, body: Buffer.from(body, 'base64') }
}

/** Takes a picture for the README, when pictures are wanted. */
async function picture(page: Page, name: string, height?: number): Promise<void> {
  if (!process.env['DARBAZA_PICTURES']) return
  if (height !== undefined) await page.setViewportSize({ width: 1100, height })
  const folder = fileURLToPath(new URL('../../docs/pictures/', import.meta.url))
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
}
