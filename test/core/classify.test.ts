import test from 'ava'
import fc from 'fast-check'

import { classify, type UseQuestion } from '../../src/core/classify.ts'
import { useFormats } from '../../src/core/use.ts'

const asked: UseQuestion = {
  patterns: [],
  method: 'GET',
  host: 'www.example.com',
  path: '/x',
  query: '',
  status: 200,
  contentType: 'application/pdf',
  disposition: '',
  destination: 'document',
  isPage: true,
}

function wordOf(more: Partial<UseQuestion>): string {
  const use = classify({ ...asked, ...more })
  return use === undefined ? 'nothing' : `${use.kind} ${use.format}`
}

const file = 'attachment; filename='

const defaults: readonly (readonly [string, Partial<UseQuestion>, string])[] = [
  ['a PDF', {}, 'request pdf'],
  ['a PDF with parameters', { contentType: 'Application/PDF;qs=0.1' }, 'request pdf'],
  ['a PDF in a frame', { destination: 'iframe', isPage: false }, 'request pdf'],
  ['a PDF that a viewer fetches', { destination: 'empty', isPage: false }, 'request pdf'],
  ['a part of a PDF', { status: 206 }, 'request pdf'],
  ['several parts', { status: 206, contentType: 'multipart/byteranges; boundary=x' }, 'nothing'],
  [
    'several parts of what ends in .pdf',
    { status: 206, contentType: 'multipart/byteranges; boundary=x', path: '/a.pdf' },
    'request pdf',
  ],
  ['a PDF that the browser has', { status: 304, contentType: '', path: '/a.PDF' }, 'request pdf'],
  ['a PDF that was asked about', { method: 'HEAD' }, 'nothing'],
  ['a PDF that a form made', { method: 'POST' }, 'nothing'],
  ['a PDF that is refused', { status: 403 }, 'nothing'],
  ['a book', { contentType: 'application/epub+zip' }, 'request epub'],
  [
    'a text document',
    { contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document' },
    'request document',
  ],
  ['a table', { contentType: 'text/csv' }, 'request data'],
  ['a table for a script', { contentType: 'text/csv', isPage: false }, 'nothing'],
  ['a film', { contentType: 'video/mp4', destination: 'video', isPage: false }, 'request video'],
  ['a piece of a film', { contentType: 'video/mp4', destination: 'empty' }, 'nothing'],
  ['a piece of a stream', { contentType: 'video/mp2t' }, 'nothing'],
  ['a recording', { contentType: 'audio/mpeg', destination: 'audio' }, 'request audio'],
  [
    'a download that its name tells',
    { contentType: 'application/octet-stream', disposition: `${file}"a b.epub"` },
    'request epub',
  ],
  [
    'a download that its encoded name tells',
    { contentType: 'binary/octet-stream', disposition: `${file}x; filename*=UTF-8''%D0%B0.PDF` },
    'request pdf',
  ],
  ['a download of nobody knows what', { contentType: 'application/octet-stream' }, 'nothing'],
  ['a page', { contentType: 'text/html; charset=utf-8' }, 'nothing'],
  ['a picture', { contentType: 'image/png', destination: 'image' }, 'nothing'],
  ['a script', { contentType: 'text/javascript', destination: 'script' }, 'nothing'],
  ['data', { contentType: 'application/json', destination: 'empty' }, 'nothing'],
  ['a citation', { contentType: 'application/x-research-info-systems' }, 'nothing'],
]

for (const [what, more, expected] of defaults) {
  test(`without a pattern, ${what} is ${expected}`, (t) => {
    t.is(wordOf(more), expected)
  })
}

const article = { itemName: 'A', doi: '10.1000/a', issn: '0317-8471', titleName: 'J' }
const page = { contentType: 'text/html', path: '/a/1', query: 'from=x' }
const fullAt = (fullTextUrl: string) => ({ ...page, citation: { ...article, fullTextUrl } })

const cited: readonly (readonly [string, Partial<UseQuestion>, string])[] = [
  ['a page that cites a work', { ...page, citation: article }, 'investigation html'],
  ['one in a frame', { ...page, citation: article, isPage: false }, 'nothing'],
  ['one that is the full text', fullAt('https://www.example.com/a/1'), 'request html'],
  ['one over http that is', fullAt('http://www.example.com/a/1#x'), 'request html'],
  ['one that says so by its path', fullAt('/a/1'), 'request html'],
  [
    'one whose full text is elsewhere',
    fullAt('https://www.example.com/a/1/full'),
    'investigation html',
  ],
  [
    'one whose full text is on another host',
    fullAt('https://example.com/a/1'),
    'investigation html',
  ],
  ['one with another query', fullAt('/a/1?id=2'), 'investigation html'],
  ['one with its own query', fullAt('/a/1?from=x'), 'request html'],
  ['one that says nonsense', fullAt('http://['), 'investigation html'],
]

for (const [what, more, expected] of cited) {
  test(`without a pattern, ${what} is ${expected}`, (t) => {
    t.is(wordOf(more), expected)
  })
}

function worksOf(citation: NonNullable<UseQuestion['citation']>) {
  const { item, title } = classify({ ...asked, ...page, citation }) ?? {}
  return [item, title]
}

test('the item of a page is its DOI, of a book its ISBN, and not of a chapter', (t) => {
  t.deepEqual(worksOf(article), ['doi:10.1000/a', 'issn:0317-8471'])
  const isbn = '9783161484100'
  t.deepEqual(worksOf({ itemName: 'B', isbn }), [`isbn:${isbn}`, `isbn:${isbn}`])
  t.deepEqual(worksOf({ itemName: 'C', isbn, titleName: 'B' }), [undefined, `isbn:${isbn}`])
  t.deepEqual(worksOf({ itemName: 'D' }), [undefined, undefined])
})

test('whatever is asked and comes, it is one of the known forms or nothing', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('text/html', 'video/x', '/a.pdf'),
  )
  fc.assert(
    fc.property(
      text,
      text,
      text,
      text,
      fc.boolean(),
      (contentType, disposition, path, destination, isPage) => {
        const use = classify({ ...asked, contentType, disposition, path, destination, isPage })
        return use === undefined || useFormats.includes(use.format)
      },
    ),
  )
  t.pass()
})

test('a file name of any length costs no time', (t) => {
  const disposition = 'filename=.'.repeat(10_000)
  const startedMs = performance.now()
  t.is(wordOf({ contentType: 'application/octet-stream', disposition }), 'nothing')
  t.true(performance.now() - startedMs < 100)
})
