import test from 'ava'
import fc from 'fast-check'

import type { PageCitation } from '../../src/core/citation.ts'
import { limits } from '../../src/core/limits.ts'
import { CitationReader } from '../../src/rewriting/citation.ts'
import { createBodyTransform, rewriteText } from '../../src/rewriting/text-body.ts'
import type { PageFacts } from '../../src/rewriting/transform.ts'
import { secureHosts, upstreamOf } from './hosts.ts'

const url = 'https://www.jstor.org/stable/1'
const upstream = upstreamOf(secureHosts, url)
const page: PageFacts = { hosts: secureHosts, upstream, url, headMarkup: '<i>' }
const facts = { kind: 'html', page, contentType: 'text/html; charset=utf-8' } as const

/** As a whole body is read. */
function read(body: string | Buffer, contentType: string = facts.contentType) {
  const citation = new CitationReader()
  rewriteText(Buffer.from(body), { ...facts, contentType, citation })
  return citation.citation()
}

/** As a stream is read that comes in these pieces. */
function readPieces(pieces: readonly Uint8Array[]) {
  const citation = new CitationReader()
  const transform = createBodyTransform({ ...facts, citation })
  for (const piece of pieces) transform.write(piece)
  transform.end()
  return citation.citation()
}

function tags(...pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, content]) => `<meta name="${name}" content="${content}">`).join('\n')
}

const ld = (data: unknown) =>
  `<script type="application/ld+json">${typeof data === 'string' ? data : JSON.stringify(data)}</script>`

const highwire = tags(
  ['citation_title', 'Snow &amp; ice in the &laquo;Tien-Shan&raquo;'],
  ['citation_author', 'A'],
  ['citation_journal_title', 'Mountain Studies'],
  ['citation_issn', '0317-8472'],
  ['citation_issn', '0317-8471'],
  ['citation_doi', 'doi:10.1000/ABC'],
  ['citation_fulltext_html_url', 'https://www.jstor.org/stable/1'],
  ['citation_pdf_url', 'https://www.jstor.org/stable/pdf/1.pdf'],
)

/** [what, page, citation] */
const pages: readonly (readonly [string, string, PageCitation | undefined])[] = [
  [
    'Highwire tags, with references, a wrong ISSN and a DOI with a prefix',
    highwire,
    {
      itemName: 'Snow & ice in the «Tien-Shan»',
      titleName: 'Mountain Studies',
      doi: '10.1000/abc',
      issn: '0317-8471',
      dataType: 'Journal',
      fullTextUrl: 'https://www.jstor.org/stable/1',
      pdfUrl: 'https://www.jstor.org/stable/pdf/1.pdf',
    },
  ],
  [
    'a chapter of a book',
    tags(
      ['citation_title', 'A chapter'],
      ['citation_inbook_title', 'A book'],
      ['citation_isbn', '3-16-148410-X'],
    ),
    { itemName: 'A chapter', titleName: 'A book', isbn: '9783161484100', dataType: 'Book' },
  ],
  [
    'a paper of a conference, whose proceedings have an ISBN',
    tags(
      ['citation_title', 'A paper'],
      ['citation_isbn', '3-16-148410-X'],
      ['citation_conference_title', 'Talks'],
    ),
    { itemName: 'A paper', titleName: 'Talks', isbn: '9783161484100', dataType: 'Conference' },
  ],
  [
    'a thesis',
    tags(['citation_title', 'T'], ['citation_dissertation_institution', 'KNU']),
    { itemName: 'T', titleName: 'KNU', dataType: 'Thesis_or_Dissertation' },
  ],
  [
    'Dublin Core with a DOI, in other cases and quotes',
    `<META CONTENT='A work' NAME='dc.Title'><meta property=DC.Identifier content=10.1000/x><meta name="DCTERMS.isPartOf" content="urn:ISSN:0317-8471">`,
    { itemName: 'A work', doi: '10.1000/x', issn: '0317-8471' },
  ],
  ['Dublin Core without a number', tags(['DC.title', 'Our library']), undefined],
  [
    'PRISM beside Dublin Core',
    tags(
      ['dc.title', 'A'],
      ['prism.doi', '10.1000/y'],
      ['prism.publicationName', 'J'],
      ['prism.eIssn', '0317-8471'],
    ),
    { itemName: 'A', titleName: 'J', doi: '10.1000/y', issn: '0317-8471' },
  ],
  [
    'Highwire before Dublin Core, whatever comes first',
    tags(['dc.title', 'Site: A'], ['citation_title', 'A'], ['dc.title', 'B']),
    { itemName: 'A' },
  ],
  [
    'linked data of an article',
    ld({
      '@context': 'https://schema.org',
      '@type': 'ScholarlyArticle',
      headline: 'A &amp; B',
      sameAs: ['https://example.org/', 'https://doi.org/10.1000/Z'],
      isPartOf: {
        '@type': 'PublicationIssue',
        issueNumber: 1,
        isPartOf: { '@type': 'Periodical', name: 'J', issn: ['x', '0317-8471'] },
      },
    }),
    { itemName: 'A & B', titleName: 'J', doi: '10.1000/z', issn: '0317-8471', dataType: 'Journal' },
  ],
  [
    'linked data in a graph, of several types',
    ld({
      '@graph': [
        { '@type': 'WebSite', name: 'S' },
        { '@type': ['CreativeWork', 'Book'], name: 'B', isbn: '978-3-16-148410-0' },
      ],
    }),
    { itemName: 'B', isbn: '9783161484100', dataType: 'Book' },
  ],
  [
    'linked data of a data set with a numbered identifier',
    ld({
      '@type': 'https://schema.org/Dataset',
      name: 'D',
      identifier: { propertyID: 'doi', value: '10.1000/d' },
    }),
    { itemName: 'D', doi: '10.1000/d', dataType: 'Other' },
  ],
  [
    'linked data of a list',
    ld([
      { '@type': 'Book', name: 'A' },
      { '@type': 'Book', name: 'B' },
    ]),
    undefined,
  ],
  ['linked data of a shop', ld({ '@type': 'Product', name: 'A' }), undefined],
  ['linked data that is none', ld('{ "@type": "Book", '), undefined],
  ['linked data of a deep kind', ld('['.repeat(30_000)), undefined],
  [
    'data of another type',
    ld({ '@type': 'Book', name: 'A' }).replace('ld+json', 'json'),
    undefined,
  ],
  [
    'an ordinary page',
    '<title>A</title><meta name="description" content="citation_title">',
    undefined,
  ],
  ['tags in a comment', `<!-- ${highwire} -->`, undefined],
  ['tags in a script', `<script>'${highwire}'</script>`, undefined],
  ['tags in a template and a frame', `<iframe srcdoc='${highwire}'></iframe>`, undefined],
  [
    'markup, control and formatting characters in a title',
    tags(['citation_title', '&lt;i&gt;E. coli&lt;/i&gt; a&#10;\tb\u0000\u0085c \u202edr\u2028e']),
    { itemName: 'E. coli a b c dr e' },
  ],
  [
    'an address too long to be one',
    tags(['citation_title', 'A'], ['citation_pdf_url', `/${'a'.repeat(600)}`]),
    { itemName: 'A' },
  ],
  ['a title of nothing', tags(['citation_title', ' \t ']), undefined],
  [
    'a name that every object has',
    tags(['citation_title', 'A'], ['constructor', 'x']),
    { itemName: 'A' },
  ],
]

for (const [what, body, expected] of pages) {
  test(`${what}: the citation is read, whole and in pieces`, (t) => {
    const html = `<!doctype html><html><head>${body}</head><body><p>x</p></body></html>`
    t.deepEqual(read(html), expected)
    const bytes = Buffer.from(html)
    const cuts = Array.from({ length: Math.min(bytes.length, 1200) }, (_, index) => index)
    for (const at of cuts.filter((index) => bytes.length < 1500 || index % 200 === 0)) {
      t.deepEqual(readPieces([bytes.subarray(0, at), bytes.subarray(at)]), expected, String(at))
    }
    t.deepEqual(
      readPieces(bytes.length < 1500 ? Array.from(bytes, (byte) => Buffer.of(byte)) : [bytes]),
      expected,
    )
  })
}

test('a tag says the same however it is written', (t) => {
  const names = fc.constantFrom('citation_title', 'DC.title', 'citation_doi', 'prism.issn', 'x.y')
  const contents = fc.string({ unit: fc.constantFrom(...'aB1 .:/-<>&;\u00e9\t='.split('')) })
  fc.assert(
    fc.property(fc.array(fc.tuple(names, contents)), (pairs) => {
      const title = '<meta name=citation_journal_title content=J>'
      const [usual, ...others] = [
        ([name, content]: readonly string[]) => `<meta name="${name}" content="${content}">`,
        ([name, content]: readonly string[]) =>
          `<META  content='${content}' x  property='${name}'/>`,
        ([name, content]: readonly string[]) => `<meta name=" ${name}" content = "${content}" >`,
      ].map((write) =>
        read(`<head><meta name="citation_title" content="">${title}${pairs.map(write).join('')}`),
      )
      for (const other of others) t.deepEqual(other, usual)
    }),
  )
})

test('the page is the same whether its citation is read or not', (t) => {
  for (const [, body] of pages) {
    const bytes = Buffer.from(`<head>${body}</head><a href="https://www.jstor.org/">`)
    const plain = rewriteText(Buffer.from(bytes), facts)
    const citation = new CitationReader()
    t.deepEqual(rewriteText(Buffer.from(bytes), { ...facts, citation }), plain)
  }
})

function named(title: Buffer, charset: string): Buffer {
  const start = `<head><meta charset=${charset}><meta name=citation_title content="`
  return Buffer.concat([Buffer.from(start), title, Buffer.from('"></head>')])
}

test('words come in Unicode, whatever the charset of the page', (t) => {
  const word = 'Айыл чарбасы'
  const cyrillic = Buffer.from(
    Array.from(word, (letter) => {
      const code = letter.codePointAt(0) ?? 0
      return code < 128 ? code : code - 0x410 + 0xc0
    }),
  )
  t.is(read(named(Buffer.from(word), 'utf-8'), 'text/html')?.itemName, word)
  t.is(read(named(cyrillic, 'windows-1251'), 'text/html')?.itemName, word)
  t.is(read(named(Buffer.from(word), 'utf-8'), 'text/html; charset=utf-8')?.itemName, word)
  const utf16 = Buffer.concat([
    Buffer.of(0xff, 0xfe),
    Buffer.from(tags(['citation_title', word]), 'utf16le'),
  ])
  t.is(read(utf16, 'text/html')?.itemName, word)
  t.is(read(ld({ '@type': 'Book', name: word }))?.itemName, word)
})

test('a page of ten megabytes of tags costs and stores no more than a small one', (t) => {
  const tag = `<meta name="citation_title" content="${'a&amp;'.repeat(2000)}">`
  const hostile = tag.repeat(Math.ceil(10_000_000 / tag.length))
  const reader = new CitationReader()
  const run = (citation?: CitationReader) => {
    const startedMs = performance.now()
    rewriteText(Buffer.from(hostile), { ...facts, ...(citation && { citation }) })
    return performance.now() - startedMs
  }
  run()
  const plainMs = run()
  const readMs = run(reader)
  t.true(readMs < 2 * plainMs + 200, `${readMs} to ${plainMs} ms`)
  const { itemName = '' } = reader.citation() ?? {}
  t.is(itemName.length, limits.rewriting.citationChars)
})

test('small tags without number and large scripts are bounded likewise', (t) => {
  const small = '<meta name=citation_title content>'.repeat(100_000)
  const script = ld({ '@type': 'Book', name: 'a'.repeat(100_000) }).repeat(20)
  const late = tags(['citation_title', 'A'])
  const startedMs = performance.now()
  t.is(read(`<head>${small}${script}${late}`), undefined)
  t.true(performance.now() - startedMs < 3000)
})

test('tags of no field use up no bound', (t) => {
  const authors = '<meta name=citation_author content=a>'.repeat(limits.rewriting.citationTags)
  t.is(read(`<head>${authors}${tags(['citation_title', 'A'])}`)?.itemName, 'A')
})

test('no tags and no data, however made, break a page or pass the bounds', (t) => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('&#x110000;', '&', '10.1/', '\ud800'),
  )
  const json = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constant('{"@type":"Book","name":["a",{"value":1}]}'),
  )
  const name = fc.constantFrom(
    'citation_title',
    'dc.identifier',
    'citation_pdf_url',
    'dcterms.ispartof',
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(name, text)), fc.array(json), (pairs, scripts) => {
      const body = `${tags(...pairs)}${scripts.map((script) => ld(script)).join('')}`
      const citation = read(body) ?? { itemName: '' }
      return Object.values(citation).every(
        (value) =>
          String(value).length <= limits.rewriting.citationUrlChars &&
          String(value).isWellFormed() &&
          // eslint-disable-next-line no-control-regex
          !/[\0-\x1f\x7f]/.test(String(value)),
      )
    }),
  )
  t.pass()
})
