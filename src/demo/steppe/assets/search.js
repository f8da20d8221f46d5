/**
 * The search page: results from the API, and the text of an article without leaving the list.
 * @module
 */
import { fullText, search } from 'http://static.steppe-journals.example/js/api.js'

const parameters = new URLSearchParams(location.search)
const results = document.querySelector('[data-results]')
const reader = document.querySelector('[data-reader]')

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

function card(hit) {
  const quick = element('button', { className: 'quiet', type: 'button', textContent: 'Quick read' })
  quick.addEventListener('click', () => void open(hit))
  const item = element(
    'li',
    {},
    element('p', { className: 'meta', textContent: `${hit.journal} · ${hit.publishedOn}` }),
    element('h3', {}, element('a', { href: hit.url, textContent: hit.title })),
    element('p', { className: 'authors', textContent: hit.authors.join(', ') }),
    element('p', { textContent: hit.snippet }),
    element(
      'p',
      { className: 'formats' },
      element('a', { href: hit.url + '/full', textContent: 'Full text' }),
      element('a', { href: hit.pdfUrl, textContent: 'PDF' }),
      quick,
    ),
  )
  if (hit.thumbnail) {
    const image = element('img', { className: 'thumbnail', src: hit.thumbnail, alt: '' })
    item.prepend(image)
  }
  return item
}

async function open(hit) {
  const { status, body } = await fullText(hit.fullTextUrl)
  const close = element('button', { className: 'quiet close', textContent: 'Close' })
  close.addEventListener('click', () => reader.close())
  const text = element('div', {})
  text.innerHTML = status === 200 ? body.html : `<p class="lead">${body.message}</p>`
  reader.replaceChildren(close, element('h1', { textContent: hit.title }), text)
  reader.showModal()
}

async function show(query, page) {
  const { body } = await search(query, page)
  const noun = body.total === 1 ? 'article' : 'articles'
  document.querySelector('[data-count]').textContent = `${body.total} ${noun}`
  const list = element('ol', { className: 'articles' }, ...body.hits.map(card))
  results.replaceChildren(list)
  const numbers = Array.from({ length: body.pages }, (_, index) => index + 1)
  document.querySelector('[data-pager]').replaceChildren(
    ...numbers.map((number) => {
      const link = element('a', { href: `/search?q=${encodeURIComponent(query)}&page=${number}` })
      link.textContent = number
      if (number === body.page) link.setAttribute('aria-current', 'page')
      return link
    }),
  )
}

void show(parameters.get('q') ?? '', parameters.get('page') ?? '1')
