import test from 'ava'

import { startingPoint } from '../../src/hosts/starting-point.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'

const zoneOrigin = 'https://proxy.example.edu'
const portalOrigin = 'https://library.example.edu'
const resources = [resourceWith([ruleOf('www.jstor.org', 'exact'), ruleOf('my-site.com', 'exact')])]
const hosts = createHostMap({ resources, zoneOrigin })
const enter = (query: string) => startingPoint(query, hosts, portalOrigin)

const jstor = 'https://www.jstor.org/'
const wrapped = (url: string) => `${portalOrigin}/login?url=${url}`

const entered: readonly [rule: string, query: string, url: string][] = [
  [
    'url= is the rest of the query',
    'url=https://www.jstor.org/a?b=1&c=2',
    'https://www.jstor.org/a?b=1&c=2',
  ],
  ['a question mark before is dropped', '?url=https://www.jstor.org/', jstor],
  [
    'url= stays undecoded',
    'url=https://www.jstor.org/a%2Fb?q=%26+x',
    'https://www.jstor.org/a%2Fb?q=%26+x',
  ],
  [
    'url= that is encoded whole is decoded',
    'url=https%3A%2F%2Fwww.jstor.org%2Fa%3Fb',
    'https://www.jstor.org/a?b',
  ],
  [
    'other parameters may stand before',
    'tag=x&url=https://www.jstor.org/a&url=b',
    'https://www.jstor.org/a&url=b',
  ],
  [
    'qurl= is decoded once',
    'qurl=https%3A%2F%2Fwww.jstor.org%2Fa%2520b%3Fc%3Dd%2Be',
    'https://www.jstor.org/a%20b?c=d+e',
  ],
  ['qurl= ends at the ampersand', 'qurl=https%3A%2F%2Fwww.jstor.org%2F&x=1', jstor],
  [
    'Cyrillic is encoded',
    'qurl=https://www.jstor.org/журнал',
    'https://www.jstor.org/%D0%B6%D1%83%D1%80%D0%BD%D0%B0%D0%BB',
  ],
  [
    'http is kept for the publisher to redirect',
    'url=http://www.jstor.org/',
    'http://www.jstor.org/',
  ],
  [
    'a proxied link is unwrapped',
    'url=https://www-jstor-org.proxy.example.edu/a?b',
    'https://www.jstor.org/a?b',
  ],
  [
    'a proxied link of old spelling too',
    'url=https://my-site-com.proxy.example.edu/a',
    'https://my-site.com/a',
  ],
  ['a link through the portal is unwrapped', `url=${wrapped(`${jstor}?a&b`)}`, `${jstor}?a&b`],
  ['twice', `url=${wrapped(`${zoneOrigin}/login?url=${jstor}a`)}`, `${jstor}a`],
]
for (const [rule, query, url] of entered) {
  test(`starting point: ${rule}`, (t) => {
    t.like(enter(query), { url, resource: { id: 'conformance' } })
  })
}

const refused: readonly [query: string, problem: string][] = [
  ['', 'missing'],
  ['surl=https://www.jstor.org/', 'missing'],
  ['url=', 'malformed'],
  ['url=www.jstor.org', 'malformed'],
  ['url=//www.jstor.org/', 'malformed'],
  ['url=//evil.example/', 'malformed'],
  ['url=/\\evil.example/', 'malformed'],
  ['url=https:evil.example', 'malformed'],
  ['url=https:///evil.example', 'malformed'],
  ['url=https:\\\\evil.example', 'malformed'],
  ['url=javascript:alert(1)//https://www.jstor.org/', 'malformed'],
  ['url=data:text/html,x', 'malformed'],
  ['qurl=%09//evil.example', 'malformed'],
  ['qurl=https%3A%2F%2Fwww.jstor.org%2F%0d%0aSet-Cookie:%20a', 'malformed'],
  ['qurl=https%3A%2F%2Fwww.jst%09or.org%2F', 'malformed'],
  ['qurl=%68ttps%253A%252F%252Fwww.jstor.org', 'malformed'],
  ['qurl=%', 'malformed'],
  ['url=https://[', 'malformed'],
  [`url=https://www.jstor.org/${'a'.repeat(9000)}`, 'malformed'],
  ['url=https://www.jstor.org@evil.example/', 'forbidden'],
  ['url=https://user:secret@www.jstor.org/', 'forbidden'],
  [`url=${wrapped(wrapped(wrapped(jstor)))}`, 'forbidden'],
  ['url=https://evil.example/', 'unknown-host'],
  ['url=https://evil.example/.jstor.org', 'unknown-host'],
  ['url=https://evil.example/#@www.jstor.org/', 'unknown-host'],
  ['url=https://www.jstor.org.evil.example/', 'unknown-host'],
  ['url=https://www.jstor.org:9999/', 'unknown-host'],
  ['url=https://127.0.0.1/', 'unknown-host'],
  ['url=https://library.example.edu/account', 'unknown-host'],
  ['url=https://www-google-com.proxy.example.edu/', 'unknown-host'],
  [`url=${portalOrigin}/login`, 'malformed'],
]
for (const [query, problem] of refused) {
  test(`"${query.slice(0, 70)}" is refused as ${problem}`, (t) => {
    const result = enter(query)
    t.like(result, { problem })
    t.false(JSON.stringify(result).includes('secret'))
  })
}
