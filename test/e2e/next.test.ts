/**
 * A server-rendered React application: rows of server components in the page and in answers of their
 * own, links that the client follows, server actions, parts from a sister host, cookies of the domain.
 * @module
 */
import test from 'ava'

import { openStage, scriptCookies, type Visit } from './differential.ts'
import { startNext } from './next-server.ts'

const www = 'https://www.paper.test'
const stage = await openStage(test, {
  domain: 'paper.test',
  names: ['www', 'static', 'api'],
  start: `${www}/`,
  answering: await startNext(),
})

/** What is fetched ahead, when, and after which of the other things, is a matter of moments. */
const steady = (line: string) =>
  line
    .replaceAll(/_rsc=[\w-]+/g, '_rsc')
    .replace(/^(heard: GET [^ ]+) .*next-router-prefetch: 1.*/, '$1 ahead of time')

/** React writes the canonical link of the first page once more when it cannot find it. */
const known = (['direct', 'gateway'] as const).map((only) => ({
  only,
  line: /^seen \w+ canonical: /,
  reason:
    'in markup a canonical address stays the publisher’s, in rows it is one of many: the first page’s link stands beside those of later ones',
}))

stage.scenario('pages come from the server and are followed in the browser', {
  steady,
  known,
  async visit(visit) {
    const { page, open } = visit
    await open(`${www}/`)
    const home = await sightOf(visit, '/')
    await page.reload()
    const again = await sightOf(visit, '/')
    await page.evaluate('window.isSameDocument = true')

    await page.click('main a >> text=Snow')
    const snow = { ...(await sightOf(visit, '/articles/1')), ...(await articleOf(visit)) }
    await page.click('footer button >> text=Two')
    const two = { ...(await sightOf(visit, '/articles/2')), ...(await articleOf(visit)) }
    await page.click('footer button >> text=By hand')
    const byHand = page.url()
    await page.goBack()
    await page.goBack()
    const back = await sightOf(visit, '/articles/1')
    await page.click('nav a >> text=Three')
    const three = await sightOf(visit, '/articles/3')
    const isSame = await page.evaluate('window.isSameDocument')

    await page.click('nav a >> text=Latest')
    await page.locator('#from >> text=latest').waitFor()
    const latest = { ...(await sightOf(visit, '/articles/2')), ...(await articleOf(visit)) }
    return { home, again, snow, two, byHand, back, three, isSame, latest }
  },
  check(t, { home, again, snow, two, isSame, latest }) {
    t.is(home.told, '/ in ky')
    t.regex(again.text, /Edition: ky\n+Snow\nWind\nWater/)
    t.is(snow.heading, 'Snow')
    t.regex(two.url, /\/articles\/2\?by=router$/)
    t.true(isSame)
    t.regex(latest.url, /\/articles\/2\?from=latest$/)
    t.is(latest.width, 8)
    t.true(latest.cookies.includes('extra=1') && latest.cookies.includes('edition=ky'))
  },
})

stage.scenario('a server action answers, sets cookies and redirects', {
  steady,
  known,
  async visit(visit) {
    const { page, open } = visit
    await open(`${www}/save`)
    await page.locator('output:not(:empty)').waitFor()
    await page.fill('[name=note]', 'salam')
    await page.click('text=Keep')
    await page.locator('#saved:not(:empty)').waitFor()
    const saved = await page.innerText('#saved')
    const cookies = await scriptCookies(page)
    await page.fill('[name=note]', 'rahmat')
    await page.click('text=Keep and go')
    const moved = await sightOf(visit, '/articles/3')
    return { saved, cookies, moved }
  },
  check(t, { saved, cookies, moved }) {
    t.is(saved, `salam for ${www}/articles/1 from ${www}`)
    t.true(cookies.includes('note=salam'))
    t.is(moved.heading, 'Water')
    t.true(moved.cookies.includes('note=rahmat'))
  },
})

/** The page when all of it has come. */
async function sightOf({ page, quiet }: Visit, path: string) {
  await page.waitForURL((url) => url.pathname === path)
  await page.getByText(`${path} in ky`, { exact: true }).waitFor()
  await page.locator('html[data-extra]').waitFor()
  await quiet()
  return {
    url: page.url(),
    title: await page.title(),
    heading: await page.innerText('h1'),
    told: await page.innerText('output'),
    text: await page.innerText('main'),
    links: await page.evaluate<string[]>('[...document.links].map(({ href }) => href)'),
    canonical: await page.getAttribute('link[rel=canonical]', 'href'),
    style: await page.evaluate('getComputedStyle(document.querySelector("h1")).backgroundImage'),
    cookies: await scriptCookies(page),
  }
}

async function articleOf({ page }: Visit) {
  return {
    // What is left of the text when addresses are taken out of it.
    letters: await page.innerText('aside b'),
    value: await page.inputValue('aside input'),
    picture: await page.evaluate('document.querySelector("main > img").currentSrc'),
    width: await page.evaluate('document.querySelector("article img").naturalWidth'),
  }
}
