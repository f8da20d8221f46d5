/**
 * The gateway's own pages in Chromium: somebody who looks at them, and what axe-core says of them.
 * @module
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { AxeResults, RunOptions } from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'

const axeSource = readFileSync(
  createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
  'utf8',
)
const rules: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
}

/** What somebody would give as a name or title to have a page run it. */
export const payload = `"'><svg onload=alert(1)><script>alert(2)</script><img src=x onerror=alert(3)>`

/** Who looks: the value of the cookie by which the houses of tests know readers. */
export interface Visitor extends BrowserContextOptions {
  readonly reader: string
  readonly portalOrigin: string
}

/** Runs as somebody in a browser of their own, and tells of anything that ran or was stopped. */
export async function visitAs(
  browser: Browser,
  { reader, portalOrigin, ...options }: Visitor,
  run: (page: Page) => Promise<void>,
): Promise<string[]> {
  const context = await browser.newContext(options)
  await context.addCookies([{ name: 'reader', value: reader, url: portalOrigin }])
  const page = await context.newPage()
  const heard: string[] = []
  page.on('console', (message) => heard.push(message.text()))
  page.on('pageerror', (error) => heard.push(error.message))
  page.on('dialog', (dialog) => {
    heard.push(dialog.message())
    void dialog.dismiss()
  })
  try {
    await run(page)
  } finally {
    await context.close()
  }
  return heard
}

/** What axe-core finds on a page, each with its place. */
export async function axeFindings(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axeSource)
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(rules)})`)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target }) => `${id} ${target.join(' ')}`),
  )
}
