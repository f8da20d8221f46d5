import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import fc from 'fast-check'
import { stringify } from 'yaml'

import { classify, decideUse } from '../../src/core/classify.ts'
import { limits } from '../../src/core/limits.ts'
import type { UsePattern } from '../../src/core/use.ts'
import { loadResources } from '../../src/resources/load.ts'

/** A resource of these hosts with these entries. */
function load(hosts: readonly string[], usage: unknown) {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-usage-'))
  const rule = {
    title: 'A',
    provider: 'P',
    start: `https://${hosts[0]}/`,
    hosts,
    licence: {},
    usage,
  }
  writeFileSync(join(folder, 'a.yaml'), stringify(rule))
  const { resources, findings } = loadResources(folder)
  const told = findings.map(
    ({ number, path, line, message }) => `${number} ${line} ${path}: ${message}`,
  )
  return { patterns: resources[0]?.usage ?? [], told }
}

const types: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  html: 'text/html;charset=utf-8',
  json: 'application/json',
  epub: 'application/epub+zip',
  none: '',
}

/** What an address is, in words. */
function wordsOf(patterns: readonly UsePattern[], address: string, type: string): string {
  const { hostname, pathname, search } = new URL(address)
  const use = classify({
    patterns,
    method: 'GET',
    host: hostname,
    path: pathname,
    query: search.slice(1),
    status: 200,
    contentType: types[type] ?? type,
    disposition: '',
    destination: 'document',
    isPage: true,
  })
  if (use === undefined) return 'nothing'
  const { kind, format, item, title } = use
  return [kind, format, item, title && `in ${title}`].filter(Boolean).join(' ')
}

/** Platforms as they are: hosts, entries, and what addresses of the platform come to. */
const platforms: readonly (readonly [
  string,
  readonly string[],
  readonly object[],
  readonly (readonly [string, string, string])[],
])[] = [
  [
    'a journal platform with DOIs in its paths (Atypon)',
    ['onlinelibrary.wiley.com'],
    [
      { path: '/doi/pdf/{doi}', is: 'request', format: 'pdf' },
      { path: '/doi/pdfdirect/{doi}', is: 'request', format: 'pdf' },
      { path: '/doi/epdf/{doi}', is: 'nothing' },
      { path: '/doi/full/{doi}', is: 'request', format: 'html' },
      { path: '/doi/abs/{doi}', is: 'investigation', format: 'html' },
      { path: '/doi/{doi}/pdf', is: 'request', format: 'pdf' },
      { path: '/doi/{doi}/full', is: 'request', format: 'html' },
      { path: '/doi/{doi}', is: 'investigation', format: 'html' },
      { path: '/action/doSearch', query: { AllField: '*' }, is: 'search' },
      { path: '/toc/{issn}/**', is: 'nothing' },
    ],
    [
      ['/doi/pdf/10.1002/ABC.123', 'pdf', 'request pdf doi:10.1002/abc.123'],
      ['/doi/pdf/10.1002%2Fabc.123?download=true', 'pdf', 'request pdf doi:10.1002/abc.123'],
      ['/doi/pdf/10.1002/abc.123', 'html', 'nothing'],
      ['/doi/pdf/10.1002/abc.123', 'none', 'request pdf doi:10.1002/abc.123'],
      ['/doi/epdf/10.1002/abc.123', 'html', 'nothing'],
      ['/doi/full/10.1002/abc.123', 'html', 'request html doi:10.1002/abc.123'],
      ['/doi/10.1002/abc.123/full', 'html', 'request html doi:10.1002/abc.123'],
      ['/doi/10.1002/abc.123', 'html', 'investigation html doi:10.1002/abc.123'],
      ['/doi/abs/10.1002/abc.123', 'html', 'investigation html doi:10.1002/abc.123'],
      ['/action/doSearch?AllField=glacier', 'html', 'search html'],
      ['/action/doSearch?AllField=', 'html', 'nothing'],
      ['/action/doSearch', 'html', 'nothing'],
      ['/toc/10970258/2024/43/1', 'html', 'nothing'],
      ['/supplement.pdf', 'pdf', 'request pdf'],
    ],
  ],
  [
    'an archive with numbers (JSTOR)',
    ['www.jstor.org'],
    [
      { path: '/stable/pdf/{doi}.pdf', is: 'request', format: 'pdf' },
      { path: '/stable/pdf/{item}.pdf', is: 'request', format: 'pdf' },
      { pattern: '^/stable/i[0-9]+$', is: 'nothing' },
      { path: '/stable/{item}', is: 'investigation', format: 'html' },
      { path: '/action/doBasicSearch', query: { Query: '*' }, is: 'search' },
    ],
    [
      ['/stable/pdf/4508.pdf', 'pdf', 'request pdf id:4508'],
      ['/stable/pdf/10.2307/4508.pdf', 'pdf', 'request pdf doi:10.2307/4508'],
      ['/stable/pdf/4508.pdf?refreqid=x', 'pdf', 'request pdf id:4508'],
      ['/stable/4508', 'html', 'investigation html id:4508'],
      ['/stable/i371402', 'html', 'nothing'],
      ['/action/doBasicSearch?Query=snow+leopard', 'html', 'search html'],
    ],
  ],
  [
    'a platform with ids in parameters (IEEE)',
    ['ieeexplore.ieee.org'],
    [
      { path: '/stamp/stamp.jsp', is: 'nothing' },
      {
        path: '/stampPDF/getPDF.jsp',
        query: { arnumber: '{item}' },
        is: 'request',
        format: 'pdf',
      },
      { path: '/document/{item}', is: 'investigation', format: 'html' },
      { path: '/document/{item}/', is: 'investigation', format: 'html' },
      { path: '/search/searchresult.jsp', query: { queryText: '*' }, is: 'search' },
    ],
    [
      ['/stamp/stamp.jsp?tp=&arnumber=726791', 'html', 'nothing'],
      ['/stampPDF/getPDF.jsp?tp=&arnumber=726791', 'pdf', 'request pdf id:726791'],
      ['/stampPDF/getPDF.jsp?tp=', 'pdf', 'request pdf'],
      ['/document/726791/', 'html', 'investigation html id:726791'],
    ],
  ],
  [
    'an e-book platform with a reader of its own (Urait)',
    ['urait.ru'],
    [
      { path: '/viewer/*-{item}', is: 'request', format: 'html', dataType: 'Book' },
      { path: '/book/*-{item}', is: 'investigation', format: 'html', dataType: 'Book' },
      { path: '/bcode/{item}', is: 'investigation', format: 'html', dataType: 'Book' },
      { path: '/search', query: { words: '*' }, is: 'search' },
    ],
    [
      ['/viewer/istoriya-kirgizii-535102', 'html', 'request html id:535102'],
      ['/book/istoriya-kirgizii-535102', 'html', 'investigation html id:535102'],
      ['/bcode/535102', 'html', 'investigation html id:535102'],
      ['/search?words=%D0%B8%D1%81%D1%82', 'html', 'search html'],
    ],
  ],
  [
    'a platform with identifiers of every kind',
    ['www.example.com'],
    [
      { path: '/book/{isbn}/chapter/{item}', is: 'request', format: 'html' },
      { path: '/book/{isbn}', is: 'investigation' },
      { path: '/j/{issn}/{item}', is: 'request' },
      { path: '/work/{title}/{item}', is: 'request' },
      { path: '/page/{item}.jpg', is: 'request', format: 'image' },
    ],
    [
      [
        '/book/978-3-16-148410-0',
        'html',
        'investigation html isbn:9783161484100 in isbn:9783161484100',
      ],
      ['/book/978-3-16-148410-1', 'html', 'investigation html'],
      [
        '/book/316148410X/chapter/7',
        'html',
        'request html id:9783161484100/7 in isbn:9783161484100',
      ],
      ['/j/03178471/a1', 'epub', 'request epub id:0317-8471/a1 in issn:0317-8471'],
      ['/j/03178472/a1', 'epub', 'request epub id:a1'],
      ['/work/Kyz%20Zhibek/%D1%81.1', 'json', 'request other id:Kyz Zhibek/с.1 in id:Kyz Zhibek'],
      ['/work/x/%00', 'json', 'request other id:x in id:x'],
    ],
  ],
]

for (const [what, hosts, entries, addresses] of platforms) {
  test(`${what}: addresses are what their patterns say`, (t) => {
    const tests = entries.map((entry) => ({ ...entry, test: `https://${hosts[0]}/-` }))
    const { told } = load(hosts, tests)
    // Every entry is held against the address that it says, which none of these fits.
    t.true(told.length >= entries.length && told.every((line) => line.startsWith('F044')))
    const { patterns } = compiledOf(hosts, entries)
    for (const [path, type, expected] of addresses) {
      t.is(wordsOf(patterns, `https://${hosts[0]}${path}`, type), expected, path)
    }
  })
}

/** The same entries with a test that each of them passes. */
function compiledOf(hosts: readonly string[], entries: readonly object[]) {
  return load(
    hosts,
    entries.map((entry) => ({ ...entry, test: fittingTest(hosts, entry) })),
  )
}

const parts: Readonly<Record<string, string>> = {
  '{doi}': '10.1000/abc',
  '{item}': '7',
  '{isbn}': '9783161484100',
  '{issn}': '0317-8471',
  '{title}': 'x',
  '**': 'x',
  '*': 'x',
}

function filled(template: string): string {
  return template.replace(/\{\w+\}|\*+/g, (part) => parts[part] ?? part)
}

function fittingTest(hosts: readonly string[], entry: object) {
  const { path, query = {}, pattern }: { path?: string; query?: object; pattern?: string } = entry
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value]) => [name, filled(String(value))]),
  )
  const place =
    path === undefined ? (pattern ?? '').replace('[0-9]+', '1').replace(/[\^$]/g, '') : filled(path)
  return `https://${hosts[0]}${place}?${parameters}`
}

test('a pattern is for the hosts that it names, and a picture for pictures alone', (t) => {
  const { patterns, told } = load(
    ['www.example.com', 'img.example.com'],
    [
      {
        path: '/page/{item}',
        hosts: ['img.example.com'],
        is: 'request',
        format: 'image',
        test: { url: 'https://img.example.com/page/1', item: 'id:1' },
      },
      { path: '/page/{item}', is: 'investigation', test: 'https://www.example.com/page/1' },
    ],
  )
  t.deepEqual(told, [])
  const base = { method: 'GET', path: '/page/2', query: '', status: 200, disposition: '' }
  const picture = { contentType: 'image/png', destination: 'image', isPage: false }
  const page = { contentType: 'text/html', destination: 'document', isPage: true }
  const decide = (more: Pick<Parameters<typeof classify>[0], 'host'> & typeof page) =>
    classify({ ...base, patterns, ...more })?.kind
  t.is(decide({ host: 'img.example.com', ...picture }), 'request')
  t.is(decide({ host: 'www.example.com', ...picture }), undefined)
  t.is(decide({ host: 'www.example.com', ...page }), 'investigation')
  t.is(decide({ host: 'www.example.com', ...page, destination: 'script' }), undefined)
})

test('searches by form are counted where a pattern says so', (t) => {
  const { patterns } = load(
    ['www.example.com'],
    [{ path: '/search', is: 'search', test: 'https://www.example.com/search' }],
  )
  const page = { contentType: 'text/html', destination: 'document', isPage: true, disposition: '' }
  const asked = {
    host: 'www.example.com',
    path: '/search',
    query: '',
    status: 200,
    patterns,
    ...page,
  }
  t.is(classify({ ...asked, method: 'POST' })?.kind, 'search')
  t.is(classify({ ...asked, method: 'HEAD' })?.kind, undefined)
  t.is(classify({ ...asked, method: 'POST', status: 302 })?.kind, undefined)
})

const ok = 'https://www.example.com/a/1'

/** [what, entries, findings] */
const mistakes: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  [
    'neither path nor pattern',
    [{ is: 'search', test: ok }],
    ['F043 8 usage[0]: found neither, expected path or pattern'],
  ],
  [
    'both',
    [{ path: '/a', pattern: 'a', is: 'search', test: ok }],
    ['F043 8 usage[0]: found both, expected path or pattern'],
  ],
  [
    'a query beside a pattern',
    [{ pattern: 'a', query: { q: '*' }, is: 'search', test: ok }],
    ['F043 9 usage[0].query: found beside a pattern, which is held against the query as well'],
  ],
  [
    'a part that is none',
    [{ path: '/a/{id}', is: 'request', test: ok }],
    ['F043 8 usage[0].path: found "{id}", expected {doi}, {item}, {isbn}, {issn}, {title}'],
  ],
  [
    'a part with the name of what every object has',
    [{ path: '/a/{constructor}', is: 'request', test: ok }],
    [
      'F043 8 usage[0].path: found "{constructor}", expected {doi}, {item}, {isbn}, {issn}, {title}',
    ],
  ],
  [
    'a part twice',
    [{ path: '/a/{item}', query: { id: '{item}' }, is: 'request', test: ok }],
    ['F043 10 usage[0].query.id: names "{item}" twice'],
  ],
  [
    'a pattern that is none',
    [{ pattern: 'a(', is: 'request', test: ok }],
    ['F043 8 usage[0].pattern: is no RE2 pattern (missing closing ): `a(`)'],
  ],
  [
    'a kind of search of what is none',
    [{ path: '/a', is: 'request', search: 'federated', test: ok }],
    [
      'F043 10 usage[0].search: found "federated" beside "is: request", expected it beside "is: search" alone',
    ],
  ],
  [
    'a pattern that looks back',
    [{ pattern: '(a)\\1', is: 'request', test: ok }],
    ['F043 8 usage[0].pattern: is no RE2 pattern (invalid escape sequence: `\\1`)'],
  ],
  [
    'a group of another name',
    [{ pattern: '/a/(?P<pii>S.*)', is: 'request', test: ok }],
    ['F043 8 usage[0].pattern: names a part "pii", expected doi, item, isbn, issn, title'],
  ],
  [
    'a pattern that fits everything',
    [{ pattern: 'a*', is: 'request', test: ok }],
    ['F043 8 usage[0].pattern: fits every address, expected one that tells some'],
  ],
  [
    'a pattern that costs too much',
    [{ pattern: '\\w{900}\\w{900}', is: 'request', test: ok }],
    ['F043 8 usage[0].pattern: is compiled to more than 1000 steps, expected a shorter one'],
  ],
  [
    'no test',
    [{ path: '/a', is: 'request' }],
    [
      'F006 8 usage[0].test: is missing, expected a URL, { url: …, type: …, item: …, title: … } or a list of these',
    ],
  ],
  [
    'a word that is none',
    [{ path: '/a', is: 'download', test: ok }],
    ['F006 9 usage[0].is: found "download", expected investigation, request, search or nothing'],
  ],
  [
    'a test on another host',
    [{ path: '/a/*', is: 'request', test: 'https://www.example.org/a/1' }],
    [
      'F044 10 usage[0].test: found "www.example.org", which is none of the hosts; expected one of them',
    ],
  ],
  [
    'a test that no entry fits',
    [{ path: '/a/{item}', is: 'request', format: 'pdf', test: [ok, 'https://www.example.com/b'] }],
    ['F044 13 usage[0].test[1]: found request by default, expected request by this entry'],
  ],
  [
    'a test that an entry above decides',
    [
      { path: '/a/**', is: 'nothing', test: ok },
      { path: '/a/{item}', is: 'request', test: ok },
    ],
    ['F044 13 usage[1].test: found nothing by usage[0], expected request by this entry'],
  ],
  [
    'a test of another item',
    [{ path: '/a/{item}', is: 'request', test: { url: ok, item: 'id:2' } }],
    [
      'F044 10 usage[0].test: found request of id:1 by usage[0], expected request of id:2 by this entry',
    ],
  ],
  [
    'a test of another type',
    [{ path: '/a/{item}', is: 'request', format: 'pdf', test: { url: ok, type: 'text/html' } }],
    ['F044 11 usage[0].test: found nothing by default, expected request by this entry'],
  ],
]

for (const [what, usage, findings] of mistakes) {
  test(`${what} is told with its place`, (t) => {
    t.deepEqual(load(['www.example.com'], usage).told, findings)
  })
}

test('no address, however made, is taken for another thing than a pattern says, or breaks one', (t) => {
  const [, hosts = [], entries = []] = platforms.at(-1) ?? []
  const { patterns } = compiledOf(hosts, entries)
  t.is(patterns.length, entries.length)
  const piece = fc.oneof(fc.constantFrom('/book/', '/j/', '%', '%00', '978', '7', '-'), fc.string())
  fc.assert(
    fc.property(fc.array(piece), fc.string(), (pieces, query) => {
      const decision = decideUse({
        patterns,
        method: 'GET',
        host: 'www.example.com',
        path: `/${pieces.join('')}`,
        query,
        status: 200,
        contentType: 'text/html',
        disposition: '',
        destination: 'document',
        isPage: true,
      })
      const { item = '', title = '' } = decision.use ?? {}
      return Math.max(item.length, title.length) <= 2 * limits.core.useIdChars + 5
    }),
  )
})

test('two hundred patterns and the longest address cost a reader little time', (t) => {
  const usage = Array.from({ length: 200 }, (_, index) => ({
    pattern: `(?:/[a-z]*)+[ab]{40}.*[ab]{40}(?P<item>x${index})$`,
    is: 'request',
    test: `https://www.example.com/${'a'.repeat(80)}x${index}`,
  }))
  const { patterns, told } = load(['www.example.com'], usage)
  t.deepEqual(told, [])
  const path = `/${'ab'.repeat(limits.core.useAddressChars / 2 - 1)}`
  const ask = (asked: string) => wordsOf(patterns, `https://www.example.com${asked}`, 'html')
  ask('/warm')
  const startedMs = performance.now()
  t.is(ask(path), 'nothing')
  t.true(performance.now() - startedMs < 2000)
  // A longer one is not looked at.
  const longerMs = performance.now()
  t.is(ask(`${path}${'b'.repeat(10_000)}`), 'nothing')
  t.true(performance.now() - longerMs < 20)
})
