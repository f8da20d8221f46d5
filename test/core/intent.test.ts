import type { IncomingHttpHeaders } from 'node:http'

import test from 'ava'

import { intentOf, isPrefetch, splitTarget } from '../../src/core/intent.ts'

const requests: readonly (readonly [IncomingHttpHeaders, boolean])[] = [
  [{ 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' }, true],
  [{ 'sec-fetch-dest': 'iframe', 'sec-fetch-mode': 'navigate' }, false],
  [{ 'sec-fetch-dest': 'empty', accept: 'text/html' }, false],
  [{ 'sec-fetch-mode': 'navigate' }, true],
  [{ 'sec-fetch-mode': 'cors', accept: 'text/html' }, false],
  [{ accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }, true],
  [{ accept: 'text/html', 'x-requested-with': 'XMLHttpRequest' }, false],
  [{ accept: '*/*' }, false],
  [{}, false],
]

test('a page in a window is told from its parts, by old browsers too', (t) => {
  for (const [headers, expected] of requests) t.is(intentOf({ headers }).isPage, expected)
})

const purposes: readonly (readonly [IncomingHttpHeaders, boolean])[] = [
  [{ 'sec-purpose': 'prefetch' }, true],
  [{ 'sec-purpose': 'prefetch;prerender' }, true],
  [{ 'sec-purpose': 'prefetch;anonymous-client-ip' }, true],
  [{ purpose: 'prefetch' }, true],
  [{ purpose: 'preview' }, true],
  [{ 'x-moz': 'prefetch' }, true],
  [{ purpose: 'research about prefetch' }, false],
  [{ 'sec-purpose': '' }, false],
  [{}, false],
]

test('what a browser asks for ahead of its reader is noted, in old words too', (t) => {
  for (const [headers, expected] of purposes) t.is(isPrefetch({ headers }), expected)
})

test('what the answer is for is empty where the browser does not say', (t) => {
  t.is(intentOf({ headers: { 'sec-fetch-dest': 'image' } }).destination, 'image')
  t.is(intentOf({ headers: {} }).destination, '')
})

test('a target is its path and its query', (t) => {
  t.deepEqual(splitTarget('/a?b?c'), ['/a', 'b?c'])
  t.deepEqual(splitTarget('/a'), ['/a', ''])
  t.deepEqual(splitTarget(), ['/', ''])
})
