/**
 * Hard things in plain script, visited twice: `vault.ts` says what they are.
 * @module
 */
import test from 'ava'

import { openStage, scriptCookies, type KnownDifference } from './differential.ts'
import { openVault } from './vault.ts'

const www = 'https://www.vault.test'

const stage = await openStage(test, {
  domain: 'vault.test',
  names: ['www', 'id', 'static', 'api'],
  start: `${www}/deep/`,
  answering: openVault(),
})

/** What no host map can mend, and what is refused on purpose. */
const known: readonly KnownDifference[] = [
  {
    only: 'direct',
    line: /^(?:asked|heard): GET .*https:\/\/www\.vault\.test\/sw\.js/,
    reason: 'service workers are refused before anything is asked: one would outlive the session',
  },
  {
    only: 'direct',
    line: /^fault: console: An SSL certificate error occurred when fetching the script/,
    reason: 'the same attempt, which Chromium refuses for the sake of the test’s certificate',
  },
  {
    only: 'direct',
    line: /^(?:asked|heard): GET .*https:\/\/api\.vault\.test\/early\.json/,
    reason: 'what is fetched ahead of time without credentials is not: it could not be told apart',
  },
  ...sidesOf(
    /addresses computedHost: /,
    'a link’s hostname is compared with a name that stands bare in the script',
  ),
  ...sidesOf(
    /^seen results imported|^(?:asked|heard|fault): .*static\.vault\.test\/(?:module|part)\.mjs/,
    'a classic script of a sister host imports a module: it is asked for without any session',
  ),
  ...sidesOf(
    /^heard: GET https:\/\/static\.vault\.test\/lib\.js .*\| sec-fetch-site: (?:same|cross)-site$/,
    'a worker made of a blob does not say which page it belongs to: the wider relation is told',
  ),
]

function sidesOf(line: RegExp, reason: string): KnownDifference[] {
  return (['direct', 'gateway'] as const).map((only) => ({ only, line, reason }))
}

type Results = Readonly<Record<string, Readonly<Record<string, unknown>> | string>>

stage.scenario('scripts meet the same at every sink', {
  known,
  async visit({ page, open, reader }) {
    // Only visits that take some seconds hear of it.
    reader.expects(/early\.json was preloaded using link preload but not used/)
    await open(`${www}/deep/`)
    return {
      results: await page.evaluate<Results>('finished'),
      cookies: await scriptCookies(page),
      url: page.url(),
      colour: await page.evaluate('getComputedStyle(document.querySelector("h1")).color'),
    }
  },
  check(t, { results, cookies }) {
    t.deepEqual(
      Object.entries(results).filter(([, result]) =>
        /^"(?:late|\w*Error: )/.test(JSON.stringify(result)),
      ),
      [],
    )
    t.like(results['credentials'], { isMember: true })
    t.like(results['anonymous'], { isMember: false })
    t.is(results['unallowed'], 'TypeError')
    t.is(results['policy'], 'did not run')
    t.deepEqual(cookies, ['here=1', 'hint=member', 'own=1'])
  },
})

stage.scenario('sign-in in a pop-up tells the page that opened it', {
  async visit({ page, open }) {
    await open(`${www}/open`)
    const opened = page.waitForEvent('popup')
    await page.click('button')
    const popup = await opened
    const closed = popup.waitForEvent('close')
    const address = popup.url()
    await popup.click('button')
    await closed
    await page.locator('p:not(:empty)').waitFor()
    const told = await page.innerText('p')
    await page.evaluate('away()')
    await page.waitForURL(/by=location/)
    return { address, told, landed: await page.innerText('p'), url: page.url() }
  },
  check(t, { told, landed }) {
    t.is(told, `session ${www}/account`)
    t.is(landed, '/landed?by=location')
  },
})

stage.scenario('a form brings the reader back to the page that it names', {
  async visit({ page, open }) {
    await open(`${www}/forms`)
    await page.click('#back button')
    await page.waitForURL(/by=form/)
    const form = page.url()
    await open(`${www}/forms`)
    await page.click('#file button')
    await page.waitForURL(/by=parts/)
    return { form, parts: page.url() }
  },
  check(t, { form, parts }) {
    t.deepEqual([form, parts], [`${www}/landed?by=form`, `${www}/landed?by=parts`])
  },
})

stage.scenario('modules are found by map and by address', {
  async visit({ page, open, quiet }) {
    await open(`${www}/modules`)
    await quiet()
    return { told: await page.evaluate<object>('({ ...document.documentElement.dataset })') }
  },
  check(t, { told }) {
    t.deepEqual(Object.keys(told).toSorted(), ['deep', 'own', 'scoped', 'written'])
  },
})

// Nothing stands between a script and import(): this escapes, and the trap must tell.
stage.failing('a module is imported from an address put together at run time', {
  async visit({ page, open }) {
    await open(`${www}/computed`)
    await page.locator('[data-told]').waitFor({ state: 'attached' })
    return { told: await page.getAttribute('html', 'data-told') }
  },
  check(t, { told }) {
    t.regex(told ?? '', /part/)
  },
})
