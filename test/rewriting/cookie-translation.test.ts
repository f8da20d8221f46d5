import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { ownNameTest } from '../../src/rewriting/cookies.ts'
import {
  cookiesForBrowser,
  cookiesForPublisher,
  mirrorsForPage,
} from '../../src/rewriting/cookie-translation.ts'
import type { CookieExchange } from '../../src/rewriting/cookie-translation.ts'
import { Jar } from '../../src/rewriting/jar.ts'
import { secureHosts, upstreamOf } from './hosts.ts'

const start = Date.UTC(2026, 0, 1)

/** An exchange with a publisher's host, by a browser that has this jar. */
function exchangeWith(url: string, jar: Jar | undefined, more: Partial<CookieExchange> = {}) {
  const exchange: CookieExchange = {
    upstream: upstreamOf(secureHosts, url),
    target: new URL(url).pathname,
    zoneOrigin: secureHosts.zoneOrigin,
    isOwnName: ownNameTest(['__Host-gw']),
    contexts: { jar: 'strict', browser: 'strict' },
    now: start,
    ...(jar && { jar }),
    ...more,
  }
  return exchange
}

const www = 'https://www.jstor.org/a/b'
const daily = 'https://daily.jstor.org/'
const acs = 'https://pubs.acs.org/'

test('a domain cookie goes to sister hosts of its domain and to nobody else', (t) => {
  const jar = new Jar()
  const lines = ['sid=1; Domain=.jstor.org; Path=/; HttpOnly']
  t.deepEqual(cookiesForBrowser(lines, exchangeWith(www, jar)), [])
  t.is(cookiesForPublisher(undefined, exchangeWith(daily, jar)), 'sid=1')
  t.is(cookiesForPublisher('a=1', exchangeWith(www, jar)), 'a=1; sid=1')
  t.is(cookiesForPublisher(undefined, exchangeWith(acs, jar)), undefined)
})

test('path, Secure and expiry of a domain cookie hold', (t) => {
  const jar = new Jar()
  const lines = [
    'p=1; Domain=jstor.org; Path=/a; HttpOnly',
    'd=1; Domain=jstor.org; HttpOnly',
    'e=1; Domain=jstor.org; Path=/; Max-Age=60; HttpOnly',
  ]
  cookiesForBrowser(lines, exchangeWith(www, jar))
  t.is(cookiesForPublisher(undefined, exchangeWith(www, jar)), 'p=1; d=1; e=1')
  t.is(cookiesForPublisher(undefined, exchangeWith(daily, jar)), 'e=1')
  t.is(cookiesForPublisher(undefined, exchangeWith(daily, jar, { now: start + 61_000 })), undefined)
  cookiesForBrowser(['p=; Domain=jstor.org; Path=/a; Max-Age=0'], exchangeWith(www, jar))
  t.is(cookiesForPublisher(undefined, exchangeWith(www, jar)), 'd=1; e=1')
})

test('a cookie for a domain that is not its own is refused, as browsers do', (t) => {
  const jar = new Jar()
  const lines = ['pubs.acs.org', 'org', 'evil.example', 'a.www.jstor.org'].map(
    (domain) => `x=1; Domain=${domain}`,
  )
  t.deepEqual(
    cookiesForBrowser([...lines, '__Host-x=1; Domain=jstor.org'], exchangeWith(www, jar)),
    [],
  )
  t.is(cookiesForPublisher(undefined, exchangeWith(www, jar)), undefined)
})

test("the gateway's names pass in neither direction", (t) => {
  const exchange = exchangeWith(www, new Jar())
  const header = 'a=1; __Host-gw=S; %5f_Host-gw=S; b=2'
  t.is(cookiesForPublisher(header, exchange), 'a=1; b=2')
  const lines = ['__Host-gw=x; Path=/', '__HOST-GW=x; Domain=jstor.org', 'c=1']
  t.deepEqual(cookiesForBrowser(lines, exchange), ['c=1; Secure'])
})

test('a value that a script wrote wins over the jar, an old mirror does not', (t) => {
  const jar = new Jar()
  const set = (value: string) =>
    cookiesForBrowser([`v=${value}; Domain=jstor.org; Path=/`], exchangeWith(www, jar))
  t.deepEqual(set('one'), ['v=one; Path=/; Secure'])
  set('two')
  t.is(cookiesForPublisher('v=one', exchangeWith(daily, jar)), 'v=two')
  t.is(cookiesForPublisher('v=two', exchangeWith(daily, jar)), 'v=two')
  t.is(cookiesForPublisher('v=mine', exchangeWith(daily, jar)), 'v=mine')
})

test('a page gets the mirrors that its host has not got or has in an old value', (t) => {
  const jar = new Jar()
  const lines = ['v=1; Domain=jstor.org; Path=/; SameSite=Lax', 'h=1; Domain=jstor.org; HttpOnly']
  cookiesForBrowser(lines, exchangeWith(www, jar))
  const page = exchangeWith(daily, jar)
  const mirror = 'v=1; Path=/; SameSite=lax; Secure'
  t.deepEqual(mirrorsForPage(undefined, [], page), [mirror])
  t.deepEqual(mirrorsForPage('v=1', [], page), [])
  t.deepEqual(mirrorsForPage('v=script', [], page), [])
  t.deepEqual(mirrorsForPage(undefined, ['v=2; Domain=jstor.org'], page), [])
  t.deepEqual(mirrorsForPage(undefined, [], exchangeWith(acs, jar)), [])

  cookiesForBrowser(['v=; Domain=jstor.org; Path=/; Max-Age=0'], exchangeWith(www, jar))
  t.is(cookiesForPublisher('v=1', page), undefined)
  const ended = 'v=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure'
  t.deepEqual(mirrorsForPage('v=1', [], page), [ended])
  t.deepEqual(mirrorsForPage('v=script', [], page), [])
})

test("another publisher's page sends no Lax cookie, on top level it sends no Strict one", (t) => {
  const jar = new Jar()
  const lines = [
    'none=1; SameSite=None; Secure',
    'strict=1; SameSite=Strict',
    'lax=1; SameSite=Lax',
    'plain=1',
    'jarNone=1; Domain=jstor.org; SameSite=None; Secure; HttpOnly',
    'jarPlain=1; Domain=jstor.org; HttpOnly',
  ]
  cookiesForBrowser(lines, exchangeWith(www, jar))
  const header = 'none=1; strict=1; lax=1; plain=1'
  const sent = (context: 'strict' | 'lax' | 'none') => {
    const contexts = { jar: context, browser: context }
    const value = cookiesForPublisher(header, exchangeWith(www, jar, { contexts })) ?? ''
    return value.split('; ').map((pair) => pair.replace('=1', ''))
  }
  t.deepEqual(sent('strict'), ['none', 'strict', 'lax', 'plain', 'jarNone', 'jarPlain'])
  t.deepEqual(sent('lax'), ['none', 'lax', 'plain', 'jarNone', 'jarPlain'])
  t.deepEqual(sent('none'), ['none', 'jarNone'])
})

test('without a session there is no jar: a domain cookie becomes one of its host', (t) => {
  const exchange = exchangeWith(www, undefined)
  const lines = cookiesForBrowser(['a=1; Domain=jstor.org; HttpOnly'], exchange)
  t.deepEqual(lines, ['a=1; HttpOnly; Secure'])
})

test('a jar stays within its bounds and forgets the oldest', (t) => {
  const jar = new Jar()
  const { jarCookiesPerDomain, jarBytes } = limits.rewriting
  for (let count = 0; count < jarCookiesPerDomain + 5; count++) {
    const exchange = exchangeWith(www, jar, { now: start + count })
    cookiesForBrowser([`c${count}=1; Domain=jstor.org; HttpOnly`], exchange)
  }
  const header = cookiesForPublisher(undefined, exchangeWith(www, jar)) ?? ''
  t.is(header.split('; ').length, jarCookiesPerDomain)
  t.false(header.includes('c4=1'))
  t.true(header.includes('c5=1'))
  for (let count = 0; count < jarCookiesPerDomain; count++) {
    const exchange = exchangeWith(www, jar, { now: start + 1000 + count })
    cookiesForBrowser([`b${count}=${'x'.repeat(4000)}; Domain=jstor.org; HttpOnly`], exchange)
  }
  const changes = [...jar.takeChanges().values()].map((text) => text?.length ?? 0)
  t.true(changes.reduce((sum, length) => sum + length, 0) <= jarBytes)
})

test('a publisher that fills the jar pushes out nothing of another', (t) => {
  const jar = new Jar()
  const old = `old=${'x'.repeat(4000)}`
  cookiesForBrowser([`${old}; Domain=acs.org; HttpOnly`], exchangeWith(acs, jar))
  for (let count = 0; count < limits.rewriting.jarCookiesPerDomain; count++) {
    const exchange = exchangeWith(www, jar, { now: start + 1000 + count })
    cookiesForBrowser([`b${count}=${'x'.repeat(4000)}; Domain=jstor.org; HttpOnly`], exchange)
  }
  t.is(cookiesForPublisher(undefined, exchangeWith(acs, jar)), old)
})

/** As many cookies as a header block holds. */
function manyLines(value: number): string[] {
  return Array.from({ length: 1500 }, (_, at) => `c${at}=${value}; Domain=jstor.org; HttpOnly`)
}

function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

test('an answer with many cookies costs one look at the bounds, not one for each', (t) => {
  const exchange = exchangeWith(www, new Jar())
  cookiesForBrowser(manyLines(0), exchange)
  const atOnce = cpuMs(() => cookiesForBrowser(manyLines(1), exchange))
  const oneByOne = cpuMs(() => {
    for (const line of manyLines(2)) {
      cookiesForBrowser([line], exchange)
      exchange.jar?.takeChanges()
    }
  })
  t.log(`${atOnce} ms at once, ${oneByOne} ms one by one`)
  t.true(atOnce * 1.5 < oneByOne)
  const header = cookiesForPublisher(undefined, exchange) ?? ''
  t.is(header.split('; ').length, limits.rewriting.jarCookiesPerDomain)
})

test('clearing forgets a registrable domain and no other', (t) => {
  const jar = new Jar()
  cookiesForBrowser(['a=1; Domain=jstor.org; HttpOnly'], exchangeWith(www, jar))
  cookiesForBrowser(['b=1; Domain=acs.org; HttpOnly'], exchangeWith(acs, jar))
  jar.clear('jstor.org')
  t.is(cookiesForPublisher(undefined, exchangeWith(www, jar)), undefined)
  t.is(cookiesForPublisher(undefined, exchangeWith(acs, jar)), 'b=1')
})

test('where the rule keeps all cookies, none reaches the browser or comes from it, and a host keeps its own', (t) => {
  const jar = new Jar()
  const onServer = (url: string): CookieExchange => {
    const exchange = exchangeWith(url, jar)
    const { upstream } = exchange
    const resource = { ...upstream.resource, rewriting: { cookies: 'server' as const } }
    return { ...exchange, upstream: { ...upstream, resource } }
  }
  const lines = ['own=1; Path=/', 'wide=2; Domain=jstor.org', 'http=3; HttpOnly', '__Host-gw=x']
  t.deepEqual(cookiesForBrowser(lines, onServer('https://jstor.org/')), [])
  t.is(cookiesForPublisher('old=1; own=9', onServer('https://jstor.org/')), 'own=1; wide=2; http=3')
  t.is(cookiesForPublisher('old=1', onServer(daily)), 'wide=2')
  t.deepEqual(mirrorsForPage('old=1', [], onServer('https://jstor.org/')), [])
  cookiesForBrowser(['own=; Max-Age=0; Path=/'], onServer('https://jstor.org/'))
  t.is(cookiesForPublisher(undefined, onServer('https://jstor.org/')), 'wide=2; http=3')
})

test('a cookie of the rule is sent below its domain until the publisher sets one of its name', (t) => {
  const jar = new Jar()
  const preset = (url: string): CookieExchange => {
    const exchange = exchangeWith(url, jar)
    const { upstream } = exchange
    const setCookies = [{ name: 'supports', value: '1', domain: 'jstor.org' }]
    return {
      ...exchange,
      upstream: { ...upstream, resource: { ...upstream.resource, rewriting: { setCookies } } },
    }
  }
  t.is(cookiesForPublisher('a=1', preset(daily)), 'a=1; supports=1')
  t.is(cookiesForPublisher('supports=2', preset(daily)), 'supports=2')
  t.is(cookiesForPublisher(undefined, preset(acs)), undefined)
  cookiesForBrowser(['supports=3; Domain=jstor.org; Path=/; HttpOnly'], preset(www))
  t.is(cookiesForPublisher(undefined, preset(daily)), 'supports=3')
})
