/**
 * The same journey as a library runs it: the gateway speaks TLS and HTTP/2 itself, portal and zone are
 * two domains, cookies have their prefixes, and the publisher is on https with a certificate of an
 * authority of its own.
 * @module
 */
import test from 'ava'

import { scenarios } from '../support/browser.ts'
import { openCampus } from './campus.ts'
import { pressHosts, startPress } from './press.ts'

let publisher: Awaited<ReturnType<typeof startPress>> | undefined
const campus = await openCampus({
  id: 'press',
  hosts: pressHosts,
  start: 'https://www.press.test/article',
  serve: async (files) => (publisher = await startPress(files)),
})
const portal = campus.portal
const press = `https://www-press-test.${campus.zone}`
const browser = campus.browser()

test.after.always(async () => {
  await browser.close()
  await campus.close()
})

scenarios(test, browser)('sign-in and an article over TLS and HTTP/2', async (t, reader) => {
  const { page, context } = reader
  await page.goto(`${portal}/go/press`)
  await campus.signIn(reader)
  await page.waitForURL(`${press}/article`)
  t.is(await page.innerText('h1'), 'On gates')
  await page.locator('[data-api="3 for library"]').waitFor()
  await page.locator('[data-socket="echo salam"]').waitFor()
  await page.locator('[data-events="first"]').waitFor()
  t.is(await page.evaluate('document.images[0].naturalWidth'), 8)
  t.is(await page.evaluate('performance.getEntriesByType("navigation")[0].nextHopProtocol'), 'h2')
  t.true(await page.evaluate('isSecureContext'))

  const cookies = await context.cookies([portal, press])
  const own = cookies.filter(({ name }) => name.includes('darbaza'))
  t.true(own.every(({ secure, httpOnly, sameSite }) => secure && httpOnly && sameSite === 'Lax'))
  const names = new Set(own.map(({ name }) => name))
  t.true(names.has('__Host-darbaza') && names.has('__Secure-darbaza-zone'))
  t.is(await page.evaluate('document.cookie'), 'press_reader=library')
  t.true(cookies.some(({ name, httpOnly }) => name === '__Host-press' && httpOnly))

  // Fonts of a sister host are asked for without any cookie. This one is not worth decoding.
  reader.expects(/font|OTS/i)
  const answered = page.waitForResponse(/serif\.woff2$/)
  await page.evaluate(`
    document.fonts.add(new FontFace('Press', 'url(https://static.press.test/serif.woff2)'))
    document.fonts.load('12px Press').catch(() => undefined)`)
  const font = await answered
  t.is(new URL(font.url()).hostname, 'static-press-test.reading.test')
  t.is((await font.request().allHeaders())['cookie'], undefined)
  t.is(font.status(), 200)
})

test.serial('the publisher hears of its own names only', (t) => {
  const heard = publisher?.heard() ?? ''
  t.regex(heard, /GET \/papers\n[^]*?https:\/\/www\.press\.test/)
  t.notRegex(heard, /darbaza|reading\.test|campus\.test/i)
})
