/**
 * `cdn.alatoo-content.example`: style sheet, script and covers, on a domain of their own.
 * @module
 */
import { readFileSync } from 'node:fs'

import { landscape, palettes } from '../artwork.ts'
import { html } from '../markup.ts'
import type { PublisherRoute } from '../publisher.ts'
import { file, plain } from '../reply.ts'
import type { Book } from './book.ts'
import { books, findBook } from './books.ts'

const css = readFileSync(new URL('./assets/books.css', import.meta.url))
const js = readFileSync(new URL('./assets/books.js', import.meta.url))

/** The content host. */
export const cdnRoutes: readonly PublisherRoute[] = [
  { methods: ['GET'], path: /^\/css\/books\.css$/, answer: () => file('text/css', css) },
  // Without a charset, as many servers send it.
  { methods: ['GET'], path: /^\/js\/books\.js$/, answer: () => file('text/javascript', js) },
  { methods: ['GET'], path: /^\/logo\.svg$/, answer: () => file('image/svg+xml', logo()) },
  { methods: ['GET'], path: /^\/ridge\.svg$/, answer: () => file('image/svg+xml', ridge()) },
  {
    methods: ['GET'],
    path: /^\/covers\/([\w-]+)-(240|480)\.svg$/,
    answer: (_, [slug = '', width]) => {
      const book = findBook(slug)
      if (!book) return plain(404, 'No such cover')
      return file('image/svg+xml', coverArt(book, Number(width)))
    },
  },
]

function logo(): string {
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">
    <path d="M4 8c6-3 12-2 16 2 4-4 10-5 16-2v24c-6-3-12-2-16 2-4-4-10-5-16-2z" fill="#8c2f39" />
    <path d="M8 27l7-11 5 7 4-5 8 9z" fill="#f8efe2" />
  </svg>`.text
}

function ridge(): string {
  return landscape({ seed: 4503, width: 1600, height: 320, palette: palettes.dawn })
}

function coverArt(book: Book, width: number): string {
  const isDark = book.palette === 'night'
  const lines = book.title.match(/\S.{0,14}(?= |$)/g) ?? []
  const picture = landscape({
    seed: 7 + books.indexOf(book) * 31,
    width: 240,
    height: 340,
    palette: palettes[book.palette],
    overlay: html`<g
      font-family="Georgia, 'Liberation Serif', serif"
      text-anchor="middle"
      fill="${isDark ? '#f3efd7' : '#2b1a14'}"
    >
      ${lines.map((line, index) => html`<text x="120" y="${52 + index * 29}" font-size="24" font-weight="bold">${line}</text>`)}
      <text x="120" y="${58 + lines.length * 29}" font-size="13">${book.authors[0]}</text>
      <text x="120" y="326" font-size="12" fill="#fff" letter-spacing="3">АЛА-ТОО</text>
    </g>`,
  })
  const height = Math.round((width * 340) / 240)
  return picture.replace('width="240" height="340"', `width="${width}" height="${height}"`)
}
