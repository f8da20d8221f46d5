/**
 * The bodies that are measured: made anew by each process from one seed, so that every run and every
 * machine measures the same bytes. They look like publishers' pages as far as cost goes: prose that
 * compresses as prose does, markup, and some percent of the bytes in URLs of known hosts.
 * @module
 */

/** One body and how it is labelled. */
export interface Sample {
  readonly name: string
  readonly contentType: string
  readonly body: Buffer
}

/** The host that the bodies come from. */
export const pageHost = 'www.press1.example'

/** Hosts of the zone; the first ten are those that the bodies link to. */
export function knownHosts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `www.press${index + 1}.example`)
}

const linkedHosts = knownHosts(10)
const foreignHosts = ['doi.example.net', 'fonts.cdn.example.net', 'orcid.example.net']

const onsets = 'b d f g k l m n p r s t v st tr ch'.split(' ')
const vowels = 'a e i o u io ea'.split(' ')

/** Numbers below one (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Draws words and addresses. */
class Writer {
  readonly #random: () => number
  readonly #words: string[]

  constructor(seed: number) {
    this.#random = createRandom(seed)
    this.#words = Array.from({ length: 1500 }, () => this.#newWord())
  }

  below(most: number): number {
    return Math.floor(this.#random() * most)
  }

  chance(share: number): boolean {
    return this.#random() < share
  }

  pick(items: readonly string[]): string {
    return items[this.below(items.length)] ?? ''
  }

  /** Common words come often, as in prose (Zipf). */
  word(): string {
    const rank = Math.floor(this.#words.length ** this.#random()) - 1
    return this.#words[rank] ?? ''
  }

  words(count: number): string {
    return Array.from({ length: count }, () => this.word()).join(' ')
  }

  prose(count: number): string {
    return this.words(count).replaceAll(/(\w+) (\w+) (\w+) (\w+) e/g, '$1 $2, $3 $4. E')
  }

  id(): string {
    return this.below(2 ** 32).toString(16)
  }

  path(): string {
    return `/article/10.${1000 + this.below(9000)}/${this.id()}`
  }

  /** A URL of a publisher's; nearly always absolute. */
  known(): string {
    return `${this.chance(0.9) ? 'http:' : ''}//${this.pick(linkedHosts)}${this.path()}`
  }

  foreign(): string {
    return `https://${this.pick(foreignHosts)}/${this.id()}/${this.id()}`
  }

  #newWord(): string {
    const syllables = Array.from(
      { length: 1 + this.below(4) },
      () => this.pick(onsets) + this.pick(vowels),
    )
    return syllables.join('') + this.pick(['', 'n', 's', 't', 'r'])
  }
}

function head(writer: Writer): string {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${writer.words(8)}</title>
<link rel="canonical" href="${writer.known()}"><link rel="stylesheet" href="/css/${writer.id()}.css">
<link rel="preconnect" href="//${writer.pick(linkedHosts)}"><script src="${writer.foreign()}.js" async></script>
<meta name="citation_title" content="${writer.words(8)}"><meta name="citation_pdf_url" content="${writer.known()}">
<script>window.page={"id":"${writer.id()}","api":"${writer.known()}","words":"${writer.words(20)}"}</script>
</head><body class="journal">`
}

function section(writer: Writer): string {
  return `
<section id="s-${writer.id()}" class="article__section"><h2 class="heading">${writer.words(4)}</h2>
<p>${writer.prose(90)} <a href="#ref${writer.below(90)}">${writer.below(90)}</a> ${writer.prose(60)}</p></section>`
}

function card(writer: Writer): string {
  const authors = Array.from(
    { length: 1 + writer.below(4) },
    () =>
      `<li class="author"><a href="/author/${writer.id()}"><span>${writer.words(2)}</span></a></li>`,
  )
  return `
<li class="search-item" data-id="${writer.id()}"><h5 class="title"><a href="${writer.known()}" title="${writer.words(6)}">${writer.words(9)}</a></h5>
<ul class="authors" aria-label="authors">${authors.join('')}</ul><div class="detail">pp. ${writer.below(900)}&ndash;${writer.below(900)}</div>
<div class="actions"><a href="/cite?i=${writer.id()}" class="btn btn--small" role="button"><i aria-hidden="true"></i>Cite</a></div></li>`
}

function reference(writer: Writer): string {
  const target = writer.chance(0.5) ? writer.known() : writer.foreign()
  return `
<li id="ref${writer.below(90)}" class="reference"><p>${writer.prose(20)} <b>${writer.below(90)}</b></p><p class="links"><a rel="noopener" href="${target}">Article</a></p></li>`
}

function page(bytes: number, seed: number): Buffer {
  const writer = new Writer(seed)
  let text = head(writer)
  while (text.length < bytes) {
    const draw = writer.below(100)
    text += draw < 42 ? section(writer) : draw < 68 ? card(writer) : reference(writer)
  }
  return Buffer.from(`${text}\n</body></html>\n`)
}

function bundle(bytes: number): Buffer {
  const writer = new Writer(4)
  let text = '"use strict";(()=>{const e={'
  const name = () => writer.pick(vowels)
  while (text.length < bytes) {
    text += `${writer.below(99999)}:(${name()},t,n)=>{const ${name()}=n(${writer.below(9999)});function ${writer.word()}(e,t){return e.${writer.word()}?e.${writer.word()}(t):void 0===t&&(t=${writer.below(999) / 100}),e.${writer.word()}}`
    text += `if(!t.${writer.word()})throw new Error("${writer.words(5)}");t.${writer.word()}=/^(?:[a-z0-9]+)\\/${writer.word()}$/i.test(e);`
    if (writer.chance(0.3))
      text += `t.base="${writer.chance(0.6) ? writer.known() : writer.foreign()}";`
    if (writer.chance(0.2)) text += `/* ${writer.words(6)} */`
    text += '},'
  }
  return Buffer.from(`${text}};e[0]})();\n`)
}

function sheet(bytes: number): Buffer {
  const writer = new Writer(5)
  let text = '@charset "utf-8";'
  while (text.length < bytes) {
    text += `.${writer.word()}-${writer.word()}:hover{color:#${writer.id().slice(0, 6)};margin:${writer.below(40)}px ${writer.below(40)}px;padding:0 ${writer.below(30)}px;display:flex}`
    if (writer.chance(0.06)) {
      text += `.i-${writer.word()}{background:url(${writer.chance(0.6) ? writer.known() : `../img/${writer.id()}.svg`})}`
    }
  }
  return Buffer.from(text)
}

function records(bytes: number): Buffer {
  const writer = new Writer(6)
  const items: object[] = []
  for (let length = 0; length < bytes; length += JSON.stringify(items.at(-1)).length) {
    items.push({
      id: writer.id(),
      title: writer.words(9),
      abstract: writer.prose(60),
      year: 1950 + writer.below(75),
      url: writer.chance(0.7) ? writer.known() : writer.foreign(),
      authors: [writer.words(2), writer.words(2)],
    })
  }
  // Half of the servers escape their slashes.
  const text = JSON.stringify(items).replaceAll(/"url":"[^"]*[02468]"/g, (pair) =>
    pair.replaceAll('/', '\\/'),
  )
  return Buffer.from(text)
}

/** Bytes that no coding makes shorter, behind the mark of their format. */
function noise(bytes: number, mark: string): Buffer {
  const random = createRandom(7)
  const body = Buffer.alloc(bytes)
  for (let at = 0; at < bytes; at += 4) body.writeUInt32LE(Math.floor(random() * 2 ** 32), at)
  body.write(mark, 'latin1')
  return body
}

/** The page with no known host in it: what a body costs that needs no rewriting. */
function cleaned(body: Buffer): Buffer {
  return Buffer.from(body.toString().replaceAll(/www\.press(\d+)\.example/g, 'www.house$1.example'))
}

/** All bodies. */
export function createCorpus(): Sample[] {
  const html = 'text/html; charset=utf-8'
  const script = bundle(500e3)
  return [
    { name: 'html-8k', contentType: html, body: page(8e3, 1) },
    { name: 'html-120k', contentType: html, body: page(120e3, 2) },
    { name: 'html-1m', contentType: html, body: page(1e6, 3) },
    { name: 'bundle-500k', contentType: 'text/javascript', body: script },
    { name: 'style-100k', contentType: 'text/css', body: sheet(100e3) },
    { name: 'api-50k', contentType: 'application/json', body: records(50e3) },
    { name: 'clean-500k', contentType: 'text/javascript', body: cleaned(script) },
    { name: 'paper-5m', contentType: 'application/pdf', body: noise(5 * 2 ** 20, '%PDF-1.7\n') },
    { name: 'script-20k', contentType: 'text/javascript', body: bundle(20e3) },
    { name: 'style-20k', contentType: 'text/css', body: sheet(20e3) },
    { name: 'image-20k', contentType: 'image/png', body: noise(20_480, '\x89PNG\r\n\x1A\n') },
  ]
}
