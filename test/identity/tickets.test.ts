import test from 'ava'

import { digest } from '../../src/identity/secrets.ts'
import { libraryPlace, startWorld } from './world.ts'
import type { Browser, World } from './world.ts'

let world: World

test.before(async () => {
  world = await startWorld()
})

test.after.always(async () => {
  await world.stop()
})

const portal = 'https://library.example.edu'
const landing = 'https://login.proxy.example.org'
const publisher = 'https://www.journal.test'

/** Signs in and goes as far as the ticket's URL, without opening it. */
async function ticketOf(browser: Browser, own = world): Promise<string> {
  await browser.signIn()
  const sent = await browser.visit(own.proxied(`${publisher}/article?id=1`))
  const hop = await browser.visit(sent.location)
  const entered = await browser.visit(hop.location)
  return entered.location
}

test('a deep link leads through sign-in to the very URL, with one cookie for the zone', async (t) => {
  const browser = world.browser()
  const wanted = world.proxied(`${publisher}/a%2Fb/c;d?q=%E2%9C%93&r=a+b&s=[1]|x`)
  const page = await browser.follow(wanted)
  t.is(page.url, wanted)
  t.is(JSON.parse(page.body).subject, 'aida')
  const other = world.proxied('https://static.journal.test/style.css')
  const asset = await browser.visit(other, {
    headers: { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'style' },
  })
  t.is(JSON.parse(asset.body).subject, 'aida')
})

test('portal and zone cookies differ and lead to the same session', async (t) => {
  const browser = world.browser()
  await browser.follow(world.proxied(`${publisher}/`))
  const atZone = JSON.parse((await browser.visit(world.proxied(`${publisher}/`))).body)
  const atPortal = JSON.parse((await browser.visit(`${portal}/account`)).body)
  t.is(atZone.id, atPortal.id)
  const zoneCookie = (await browser.cookie(world.proxied(publisher), '__Secure-darbaza-zone'))!
  const crossed = await world
    .browser()
    .visit(`${portal}/account`, { headers: { Cookie: `__Host-darbaza=${zoneCookie}` } })
  t.is(JSON.parse(crossed.body).subject, null)
})

test('the hop keeps nothing: 303, no-store, no-referrer, a clean URL, attributes in full', async (t) => {
  const browser = world.browser()
  const ticket = await ticketOf(browser)
  t.regex(ticket, /^https:\/\/login\.proxy\.example\.org\/\.darbaza\/ticket\?t=[\w-]{43}$/)
  const { status, headers, location, cookies } = await browser.visit(ticket)
  t.is(status, 303)
  t.is(headers['cache-control'], 'no-store')
  t.is(headers['referrer-policy'], 'no-referrer')
  t.is(location, world.proxied(`${publisher}/article?id=1`))
  t.regex(
    cookies[0]!,
    /^__Secure-darbaza-zone=[\w-]{43}; Path=\/; Domain=proxy\.example\.org; HttpOnly; SameSite=Lax; Secure$/,
  )
})

test('a ticket is refused the second time', async (t) => {
  const browser = world.browser()
  const ticket = await ticketOf(browser)
  t.is((await browser.visit(ticket)).status, 303)
  const again = await browser.visit(ticket)
  t.is(again.status, 400)
  t.is(again.body, 'failed: ERR_TICKET')
})

test('of many uses at once exactly one succeeds', async (t) => {
  const browser = world.browser()
  const ticket = await ticketOf(browser)
  const answers = await Promise.all(Array.from({ length: 16 }, () => browser.visit(ticket)))
  t.is(answers.filter(({ status }) => status === 303).length, 1)
  t.is(answers.filter(({ status }) => status === 400).length, 15)
})

test('a ticket is refused in another browser, even in one that asked as well', async (t) => {
  for (const hasAsked of [false, true]) {
    const victim = world.browser()
    if (hasAsked) await victim.visit((await victim.visit(world.proxied(publisher))).location)
    const answer = await victim.visit(await ticketOf(world.browser()))
    t.is(answer.body, 'failed: ERR_TICKET')
    t.is(await victim.cookie(world.proxied(publisher), '__Secure-darbaza-zone'), undefined)
  }
})

test('a hop that somebody else began gives them nothing, even if its cookie is planted twice', async (t) => {
  const thief = world.browser()
  const sent = await thief.visit(world.proxied(`${publisher}/article?id=1`))
  const begun = await thief.visit(sent.location)
  const victim = world.browser()
  await victim.signIn()
  const ticket = (await victim.visit(begun.location)).location
  const planted = ['A', 'B'].map((letter) => `__Host-darbaza-ask=${letter.repeat(43)}`)
  const spoilt = await victim.visit(ticket, { headers: { Cookie: planted.join('; ') } })
  t.is(spoilt.body, 'failed: ERR_BAD_REQUEST')
  t.is((await thief.visit(ticket)).body, 'failed: ERR_TICKET')
  t.is(await thief.cookie(world.proxied(publisher), '__Secure-darbaza-zone'), undefined)
})

test('no host of a publisher takes a ticket, even with the secret of the landing', async (t) => {
  const browser = world.browser()
  const ticket = new URL(await ticketOf(browser))
  const ask = await browser.cookie(ticket.href, '__Host-darbaza-ask')
  ticket.host = new URL(world.proxied(publisher)).host
  const answer = await browser.visit(ticket.href, {
    headers: { Cookie: `__Host-darbaza-ask=${ask}` },
  })
  t.is(answer.status, 404)
  t.deepEqual(answer.cookies, [])
})

test('a hop is begun by a navigation alone, and its secret stays on the landing', async (t) => {
  const hop = `${landing}/.darbaza/hop?to=${encodeURIComponent(publisher)}`
  const fetched = await world.browser().visit(hop, { headers: { 'Sec-Fetch-Mode': 'cors' } })
  t.is(fetched.status, 403)
  t.deepEqual(fetched.cookies, [])
  const { cookies } = await world.browser().visit(hop)
  t.regex(cookies[0]!, /^__Host-darbaza-ask=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure/)
})

test('a ticket is good for 30 seconds', async (t) => {
  const own = await startWorld()
  for (const [ms, status] of [
    [29_000, 303],
    [31_000, 400],
  ] as const) {
    const browser = own.browser()
    const ticket = await ticketOf(browser, own)
    own.pass(ms)
    t.is((await browser.visit(ticket)).status, status)
  }
  await own.stop()
})

test('a ticket of a session that has ended is refused', async (t) => {
  const own = await startWorld()
  const browser = own.browser()
  const ticket = await ticketOf(browser, own)
  const { body } = await browser.visit(`${portal}/form`)
  await browser.visit(`${portal}/sign-out`, {
    method: 'POST',
    headers: {
      'Sec-Fetch-Site': 'same-origin',
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: `form_token=${body}`,
  })
  t.is((await browser.visit(ticket)).body, 'failed: ERR_TICKET')
  await own.stop()
})

for (const t0 of ['', '?t=', '?t=x', `?t=${'A'.repeat(43)}`, `?t=${'A'.repeat(43)}&t=b`]) {
  test(`what is no ticket is refused: "${t0.slice(0, 12)}" of ${t0.length}`, async (t) => {
    const url = `${landing}/.darbaza/ticket${t0}`
    t.is((await world.browser().visit(url)).body, 'failed: ERR_TICKET')
  })
}

test('tickets are redeemed by GET alone', async (t) => {
  const browser = world.browser()
  const ticket = await ticketOf(browser)
  t.is((await browser.visit(ticket, { method: 'POST' })).status, 405)
  t.is((await browser.visit(ticket)).status, 303)
})

test('tabs that hop at the same time all arrive', async (t) => {
  const browser = world.browser()
  await browser.signIn()
  const urls = [1, 2, 3].map((id) => world.proxied(`${publisher}/${id}`))
  // Each step of all tabs before the next step of any.
  let steps = urls
  for (let hop = 0; hop < 4; hop += 1) {
    const next: string[] = []
    for (const url of steps) next.push((await browser.visit(url)).location)
    steps = next
  }
  t.deepEqual(steps, urls)
})

test('an entry from the catalogue leads to the proxied host and by a hop back to it', async (t) => {
  const browser = world.browser()
  const page = await browser.follow(`${portal}/enter?to=${encodeURIComponent(`${publisher}/x#y`)}`)
  t.is(page.url.split('#')[0], world.proxied(`${publisher}/x`))
  t.is(JSON.parse(page.body).subject, 'aida')
})

test('an entry may name the proxied URL', async (t) => {
  const wanted = world.proxied(`${publisher}/x?y`)
  const { location } = await world
    .browser()
    .visit(`${portal}/enter?to=${encodeURIComponent(wanted)}`)
  t.is(location, wanted)
})

for (const to of ['https://other.test/', 'https://journal.test/', '', 'x', '/account']) {
  test(`an entry to a host of no rule is refused: "${to}"`, async (t) => {
    const answer = await world.browser().visit(`${portal}/enter?to=${encodeURIComponent(to)}`)
    t.is(answer.status, 421)
    t.is(answer.location, '')
  })
}

test('a page script cannot fetch a ticket', async (t) => {
  const browser = world.browser()
  await browser.signIn()
  const url = `${portal}/enter?to=${encodeURIComponent(publisher)}&ask=${digest('x')}`
  const answer = await browser.visit(url, {
    headers: { 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
  })
  t.is(answer.status, 403)
})

test('a library computer enters without sign-in, and only from there', async (t) => {
  const own = await startWorld()
  own.setPlace(libraryPlace)
  const browser = own.browser()
  const wanted = own.proxied(`${publisher}/`)
  const page = await browser.follow(wanted)
  t.is(page.url, wanted)
  t.deepEqual(JSON.parse(page.body).categories, ['walk-in'])
  t.true(own.events.some((event) => event.kind === 'sign-in' && event.outcome === 'address'))

  const neighbour = own.browser()
  const other = JSON.parse((await neighbour.follow(wanted)).body)
  t.not(other.subject, JSON.parse(page.body).subject)

  own.setPlace({ ...libraryPlace, treatment: 'authenticate' })
  const elsewhere = await browser.visit(wanted)
  t.true(elsewhere.location.startsWith(`${landing}/.darbaza/hop?`))
  t.is(JSON.parse((await browser.visit(`${portal}/account`)).body).subject, null)
  await own.stop()
})

test('a library computer signs in where the resource does not take its address', async (t) => {
  const own = await startWorld()
  own.setPlace(libraryPlace)
  const browser = own.browser()
  const wanted = own.proxied(`${publisher}/`)
  await browser.follow(wanted)
  own.setPlaceThere({ ...libraryPlace, treatment: 'authenticate' })
  // The session by address is still good elsewhere, and neither lets in here nor goes in circles.
  const hop = await browser.visit((await browser.visit(wanted)).location)
  const entered = await browser.visit(hop.location)
  t.true(entered.location.startsWith(own.provider.issuer), entered.location)
  await own.stop()
})

test('an address that one resource alone takes enters it without sign-in', async (t) => {
  const own = await startWorld()
  own.setPlaceThere({ ...libraryPlace, category: 'member' })
  const browser = own.browser()
  const page = await browser.follow(own.proxied(`${publisher}/`))
  t.is(page.url, own.proxied(`${publisher}/`))
  t.deepEqual(JSON.parse(page.body).categories, ['member'])
  t.is(JSON.parse((await browser.visit(`${portal}/account`)).body).subject, null)
  await own.stop()
})

test('a reader at a library computer may still sign in by name', async (t) => {
  const own = await startWorld()
  own.setPlace(libraryPlace)
  const browser = own.browser()
  await browser.follow(own.proxied(`${publisher}/`))
  await browser.signIn()
  t.is(JSON.parse((await browser.visit(`${portal}/account`)).body).subject, 'aida')
  t.is(own.ended.length, 1)
  t.is(own.ended[0]!.patron.issuer, 'urn:darbaza:address')
  await own.stop()
})
