/**
 * The same journey as a library runs it: the gateway speaks TLS and HTTP/2 itself, portal and zone are
 * two domains, cookies have their prefixes, and the publisher is on https with a certificate of an
 * authority of its own.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { createBrowser, scenarios, signInAt } from '../support/browser.ts'
import { writeCertificate } from '../support/certificates.ts'
import { clientSecret, gatewayPorts, prepareGateway } from '../support/gateway.ts'
import { startProvider } from '../support/provider.ts'
import { pressHosts, startPress } from './press.ts'

const folder = mkdtempSync(join(tmpdir(), 'darbaza-tls-'))
const pressFiles = await writeCertificate(folder, 'press', pressHosts)
const publisher = await startPress(pressFiles)
const ports = await gatewayPorts()
const portal = `https://library.campus.test:${ports.public}`
const press = `https://www-press-test.reading.test:${ports.public}`

const provider = await startProvider({
  accounts: { aida: { affiliation: 'student', name: 'Aida' } },
  clients: [
    {
      client_id: 'darbaza',
      client_secret: clientSecret,
      application_type: 'web',
      redirect_uris: [`${portal}/callback`],
      post_logout_redirect_uris: [`${portal}/signed-out`],
    },
  ],
})
const gateway = await prepareGateway({
  issuer: provider.issuer,
  ports,
  hosts: {},
  rules: {
    press: {
      title: 'Press',
      provider: 'Press',
      start: 'https://www.press.test/article',
      hosts: pressHosts,
      licence: { categories: ['student'], seats: 2 },
    },
  },
  config: {
    portal: { url: portal },
    zone: { url: `https://reading.test:${ports.public}` },
    listen: {
      port: ports.public,
      tls: {
        portal: await writeCertificate(folder, 'portal', ['library.campus.test']),
        zone: await writeCertificate(folder, 'zone', ['*.reading.test']),
      },
    },
    upstream: {
      allow: ['127.0.0.1/32'],
      ca: pressFiles.cert,
      resolve: Object.fromEntries(pressHosts.map((host) => [host, `127.0.0.1:${publisher.port}`])),
    },
  },
})
await gateway.start()
const browser = createBrowser({
  hosts: { '*.campus.test': '127.0.0.1', '*.reading.test': '127.0.0.1' },
  certificates: 'unchecked',
})

test.after.always(async () => {
  await browser.close()
  await gateway.stop()
  await provider.stop()
  await publisher.stop()
  rmSync(folder, { recursive: true })
})

scenarios(test, browser)('sign-in and an article over TLS and HTTP/2', async (t, reader) => {
  const { page, context } = reader
  await page.goto(`${portal}/go/press`)
  await signInAt(provider, reader, 'aida')
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
  const heard = publisher.heard()
  t.regex(heard, /GET \/papers\n[^]*?https:\/\/www\.press\.test/)
  t.notRegex(heard, /darbaza|reading\.test|campus\.test/i)
})
