/**
 * Two universities with a sign-in service each, one library: in a browser readers choose theirs by
 * the keyboard, come back to the very article, and are what their own university says they are.
 * @module
 */
import { once } from 'node:events'
import { createServer } from 'node:http'

import test from 'ava'

import { createBrowser, scenarios, signInAt } from '../support/browser.ts'
import { clientOf, gatewayPorts, prepareGateway, until } from '../support/gateway.ts'
import type { TestGateway } from '../support/gateway.ts'
import { startProvider } from '../support/provider.ts'
import type { TestProvider } from '../support/provider.ts'

const press = createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
  response.end(`<title>Press</title><link rel="icon" href="data:,"><h1>${request.url}</h1>`)
})
const browser = createBrowser()
let gateway: TestGateway
let uni: TestProvider
let academy: TestProvider

test.before(async () => {
  press.listen(0, '127.0.0.1')
  await once(press, 'listening')
  const address = press.address()
  const ports = await gatewayPorts()
  const portal = `http://library.localhost:${ports.public}`
  const providerOf = (id: string, affiliation: string) =>
    startProvider({
      accounts: { aida: { affiliation, name: `Aida of ${id}` } },
      clients: [{ ...clientOf(portal), redirect_uris: [`${portal}/callback/${id}`] }],
      keys: 'own',
    })
  uni = await providerOf('uni', 'student@uni.kg')
  academy = await providerOf('academy', 'alum@academy.kg')
  gateway = await prepareGateway({
    issuer: '',
    ports,
    hosts: { 'www.press.test': typeof address === 'object' ? (address?.port ?? 0) : 0 },
    rules: {
      press: {
        title: 'Press',
        provider: 'Press',
        start: 'http://www.press.test/',
        hosts: ['http://www.press.test'],
        licence: { categories: ['student'] },
      },
    },
    config: {
      identity: {
        providers: [
          settings('uni', uni, { ky: 'Биринчи университет', en: 'First University' }),
          settings('academy', academy, { ky: 'Академия', en: 'Academy' }),
        ],
      },
    },
  })
  await gateway.start()
  for (const id of ['uni', 'academy']) {
    const series = `darbaza_provider_up{provider="${id}"}`
    await until(async () => (await gateway.metric(series)) === 1, `no ${id}`)
  }
})

test.after.always(async () => {
  await browser.close()
  await gateway?.stop()
  await uni?.stop()
  await academy?.stop()
  press.close()
})

function settings(id: string, { issuer }: TestProvider, name: object): object {
  return {
    id,
    name,
    issuer,
    client: { id: 'darbaza', secret: { env: 'TEST_CLIENT_SECRET' } },
    claims: { displayName: ['name'], allowedScopes: [`${id}.kg`], unscoped: false },
  }
}

const scenario = scenarios(test, browser)

scenario('a reader chooses by the keyboard and comes back to the article', async (t, reader) => {
  const { page } = reader
  const article = gateway.proxied('http://www.press.test/article?id=1')
  await page.goto(article)
  t.is(await page.locator('h1').innerText(), 'Where do you sign in?')
  const links = page.locator('main a')
  t.deepEqual(await links.allInnerTexts(), ['First University', 'Academy'])
  await links.first().focus()
  await page.keyboard.press('Enter')
  await signInAt(uni, reader, 'aida')
  await page.waitForURL(article)
  t.is(await page.locator('h1').innerText(), '/article?id=1')
})

scenario(
  'the other university’s reader of the same name has the rights of that one',
  async (t, reader) => {
    const { page } = reader
    await page.goto(`${gateway.portal}/sign-in?to=/account`)
    await page.getByRole('link', { name: 'Academy' }).click()
    await signInAt(academy, reader, 'aida')
    await page.waitForURL(`${gateway.portal}/account`)
    t.regex(await page.locator('main').innerText(), /Aida of academy/)

    reader.expects(/status of 403/)
    const refused = await page.goto(gateway.proxied('http://www.press.test/'))
    t.is(refused?.status(), 403)
    t.is(await page.locator('h1').innerText(), 'Not licensed for your group')

    // Signed out, the reader finds the same university first.
    await page.goto(`${gateway.portal}/account`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(`${academy.issuer}/session/end**`)
    await page.goto(`${gateway.portal}/sign-in`)
    const [first = ''] = await page.locator('main a').allInnerTexts()
    t.is(first, 'Academy\nchosen last time')
    const cookies = await reader.context.cookies(gateway.portal)
    t.is(cookies.find(({ name }) => name === 'darbaza-provider')?.value, 'academy')
  },
)
