/**
 * An application from npm behind the gateway, under a made-up publisher's names: Node-RED's editor on
 * `www`, and on `www`, `static` and `api` what a flow serves that was made in that editor. The same
 * person does the same things directly and through the gateway, and must see the same.
 * @module
 */
import test from 'ava'
import type { Page } from 'playwright-core'

import { openHouse } from '../chaos/house.ts'
import { createBrowser, scenarios, signInAt } from '../support/browser.ts'
import { startNodeRed, type NodeRed } from '../support/node-red.ts'
import { flow } from './node-red-flow.ts'

const publisher = 'http://www.flows.example'
const hosts = ['www', 'static', 'api'].map((name) => `${name}.flows.example`)

const [open, behind] = await Promise.all([startNodeRed(publisher), startNodeRed(publisher)])
const house = await openHouse({
  rules: {
    flows: {
      title: 'Flows',
      provider: 'Node-RED',
      start: `${publisher}/`,
      hosts: hosts.map((host) => `http://${host}`),
      licence: { categories: ['student'] },
    },
  },
  hosts: Object.fromEntries(hosts.map((host) => [host, behind.port])),
})
const direct = createBrowser({ hosts: { '*.flows.example': `127.0.0.1:${open.port}` } })
const proxied = createBrowser()

test.after.always(async () => {
  await Promise.all([direct.close(), proxied.close()])
  await house.close()
  await Promise.all([open.stop(), behind.stop()])
})

let seen: Awaited<ReturnType<typeof work>> | undefined

scenarios(test, direct)('directly, a flow is made, run and read', async (t, { page }) => {
  await page.goto(publisher)
  const sight = await work(page, publisher)
  seen = sight
  t.is(sight.message, '"seen http://api.flows.example/readings"')
  t.deepEqual(sight.news, ['snow 41', 'wind 12'])
  t.is(sight.saved, `200 kept ${publisher}/news`)
  t.is(sight.live, 'salam 5')
})

scenarios(test, proxied)('through the gateway, the same is seen and stored', async (t, reader) => {
  const { page } = reader
  await page.goto(`${house.gateway.portal}/go/flows`)
  await signInAt(house.provider, reader, 'r1')
  const origin = house.gateway.proxied(publisher).replace(/\/$/, '')
  await page.waitForURL(`${origin}/`)
  const sight = await work(page, origin)
  t.deepEqual(sight, seen)
  // What was deployed through the gateway names the publisher's own hosts, and nothing else.
  t.deepEqual(storedBy(behind), storedBy(open))
})

/** Imports the flow, deploys it, runs it, looks into a node, comes back, reads what it serves. */
async function work(page: Page, origin: string) {
  const opened = page.waitForEvent('websocket')
  await page.reload()
  await page.locator('.red-ui-palette-node').first().waitFor()
  const socketPath = new URL((await opened).url()).pathname
  const palette = await page.locator('.red-ui-palette-node').count()

  // What Ctrl+I does, once the editor listens.
  await page.locator('.red-ui-tab-label:has-text("Flow 1")').waitFor()
  await page.evaluate('RED.actions.invoke("core:show-import-dialog")')
  await page.fill('#red-ui-clipboard-dialog-import-text', JSON.stringify(flow))
  // The dialog looks at what it holds when a key is let go.
  await page.press('#red-ui-clipboard-dialog-import-text', 'End')
  await page.click('#red-ui-clipboard-dialog-ok')
  await openTab(page)
  await page.click('#red-ui-header-button-deploy')
  await page.locator('text=Successfully deployed').waitFor()
  await page.click('.red-ui-flow-node-button-button')
  const message = await page.locator('.red-ui-debug-msg-payload').innerText()

  await page.reload()
  await openTab(page)
  const nodes = await page.locator('.red-ui-flow-node-label-text').allTextContents()
  return {
    socketPath,
    palette,
    message,
    nodes,
    code: await codeIn(page),
    ...(await news(page, origin)),
  }
}

async function openTab(page: Page): Promise<void> {
  await page.click('.red-ui-tab-label:has-text("Readings")')
}

/** The code of a node, as the editor's code editor shows it, which works in web workers. */
async function codeIn(page: Page): Promise<string> {
  // Two clicks of a slow machine are not a double one.
  await page.click('.red-ui-flow-node-group:has-text("say")')
  await page.evaluate('RED.actions.invoke("core:edit-selected-node")')
  const code = await page.locator('.monaco-editor .view-lines:visible').first().innerText()
  return code.replaceAll('\u00a0', ' ')
}

/** The page that the flow serves. */
async function news(page: Page, origin: string) {
  await page.goto(`${origin}/news`)
  await page.locator('[data-live]:not(:empty)').waitFor()
  await page.locator('[data-saved]:not(:empty)').waitFor()
  const saved = await page.innerText('[data-saved]')
  return {
    news: await page.locator('li').allInnerTexts(),
    self: await page.getAttribute('ul', 'data-self'),
    dot: await page.evaluate('document.images[0].naturalWidth'),
    saved: saved.replace(origin, publisher),
    live: await page.innerText('[data-live]'),
  }
}

/** What is stored, without the empty flow that every Node-RED begins with, named by chance. */
function storedBy(nodeRed: NodeRed) {
  return nodeRed.flows().filter(({ label }) => label !== 'Flow 1')
}
