import test from 'ava'
import fc from 'fast-check'

import { limits } from '../../src/core/limits.ts'
import type { UseFacts } from '../../src/core/use.ts'
import { createKnownWorks, type Place } from '../../src/usage/known-works.ts'

const page: Place = { resourceId: 'press', host: 'www.press.test', path: '/article/1', query: '' }
const use: UseFacts = { kind: 'investigation', format: 'html', item: 'doi:10.1/x' }

/** Where a browser goes that follows a link on the page. */
function placeOf(link: string): Place | undefined {
  const url = URL.parse(link, `https://${page.host}${page.path}`)
  if (url === null) return undefined
  return { ...page, host: url.hostname, path: url.pathname, query: url.search.slice(1) }
}

const starts = ['http://', 'https://', 'HTTP://', '//', '', 'https:', 'ftp://']
const hosts = 'a.test A.Test a.test:80 a.test. 127.1 0x7f.1 a_b.test'.split(' ')
const parts =
  '/ /10.1000 . .. /.. /. /a b.pdf (x) %2e %2E%2e ü ;v=1 @ \' " \\ | ^ { #end ?a=b &c=%20 ? ! *'

/** Links of every kind: words and marks that a parser of URLs keeps, changes or refuses. */
const links = fc
  .record({
    start: fc.constantFrom(...starts),
    host: fc.constantFrom(...hosts, ''),
    rest: fc.array(fc.constantFrom(...parts.split(' '), ' ', '\t'), { maxLength: 8 }),
  })
  .map(({ start, host, rest }) => start + host + rest.join(''))

test('the PDF that a page leads to is known at the address that a browser asks for', (t) => {
  fc.assert(
    fc.property(links, (pdfUrl) => {
      const there = placeOf(pdfUrl)
      const isPage = there?.host === page.host && there.path === page.path && there.query === ''
      if (there === undefined || isPage) return
      const works = createKnownWorks()
      works.note(page, use, { itemName: 'x', pdfUrl })
      t.deepEqual(works.of(there), { ...use, kind: 'request', format: 'pdf' }, pdfUrl)
      t.deepEqual(works.of(page), use)
    }),
    { numRuns: 3000 },
  )
})

test('what was met last is known, and what is too long is not', (t) => {
  const works = createKnownWorks()
  const { entries, chars } = limits.usage.works
  const at = (number: number) => ({ ...page, path: `/${number}` })
  for (let number = 0; number < 2 * entries; number++) works.note(at(number), use, undefined)
  t.is(works.of(at(0)), undefined)
  for (let number = 1.5 * entries; number < 2 * entries; number++) t.is(works.of(at(number)), use)
  const long = { ...page, path: `/${'x'.repeat(chars)}` }
  works.note(long, use, undefined)
  t.is(works.of(long), undefined)
})
