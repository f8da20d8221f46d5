/**
 * `www` of Ala-Too Books: the shop window and the reading pages.
 * @module
 */
import { pageOf } from '../paging.ts'
import { paperPdf } from '../pdf.ts'
import { movedTo, type PublisherRoute } from '../publisher.ts'
import { file, redirect } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Visit } from '../visit.ts'
import type { Book } from './book.ts'
import { books, findBook, searchBooks } from './books.ts'
import { origins, themeCookie } from './hosts.ts'
import { bookPage, chapterPage, homePage, notFoundPage, paywallPage, searchPage } from './pages.ts'

const get = ['GET']
const booksPerPage = 4
const themes = ['day', 'sepia', 'night']
const pdfs = new Map<string, Promise<Buffer>>()

/** Sends the bare domain to `www`. */
export const apexRoutes: readonly PublisherRoute[] = [movedTo(origins.www)]

/** The pages. */
export const wwwRoutes: readonly PublisherRoute[] = [
  {
    methods: get,
    path: /^\/$/,
    answer: ({ url }) => homePage(pageOf(books, url.searchParams.get('page'), booksPerPage)),
  },
  { methods: get, path: /^\/search$/, answer: search },
  { methods: get, path: /^\/book\/([\w-]+)$/, answer: book },
  { methods: get, path: /^\/book\/([\w-]+)\/chapter\/(\d+)$/, answer: chapter },
  { methods: get, path: /^\/book\/([\w-]+)\/pdf$/, answer: pdf },
]

/** One hit leads straight to the book. */
function search({ url }: Visit): Reply {
  const query = url.searchParams.get('q') ?? ''
  const [hit, ...others] = query === '' ? [] : searchBooks(query)
  const isOnly = hit !== undefined && others.length === 0 && hit.title === query
  return isOnly ? redirect(`${origins.www}/book/${hit.slug}`) : searchPage(query)
}

function book({ cookies }: Visit, [slug = '']: readonly string[]): Reply {
  const found = findBook(slug)
  const last = Number(cookies.get(placeCookie(slug)))
  return found ? bookPage(found, found.chapters[last - 1] && last) : notFoundPage()
}

function chapter(visit: Visit, [slug = '', number = '']: readonly string[]): Reply {
  const found = findBook(slug)
  if (!found?.chapters[Number(number) - 1]) return notFoundPage()
  const place = { book: found, number: Number(number) }
  if (!visit.isLicensed) return paywallPage(place)

  const theme = visit.cookies.get(themeCookie)
  const reply = chapterPage(
    place,
    theme !== undefined && themes.includes(theme) ? theme : undefined,
  )
  // Host-only: the place in the book is nobody's business but this host's.
  const cookie = `${placeCookie(slug)}=${number}; Path=/book/${slug}; Max-Age=86400; HttpOnly; SameSite=Lax`
  return { ...reply, headers: { ...reply.headers, 'set-cookie': cookie } }
}

async function pdf({ isLicensed }: Visit, [slug = '']: readonly string[]): Promise<Reply> {
  const found = findBook(slug)
  // PDF's own fonts have no Cyrillic letters.
  if (found?.language !== 'en') return notFoundPage()
  if (!isLicensed) return paywallPage({ book: found, number: 1 })
  const made = pdfs.get(slug) ?? makePdf(found)
  pdfs.set(slug, made)
  return file('application/pdf', await made, {
    'cache-control': 'private',
    'content-disposition': `attachment; filename="${slug}.pdf"`,
  })
}

function makePdf(found: Book): Promise<Buffer> {
  return paperPdf({
    title: `${found.title}: ${found.subtitle}`,
    authors: found.authors.join(', '),
    source: 'Ala-Too Books',
    identifier: `ISBN ${found.isbn}`,
    publishedOn: found.publishedOn,
    abstract: found.description,
    sections: found.chapters.map(({ title, paragraphs }) => ({ heading: title, paragraphs })),
    references: [],
  })
}

function placeCookie(slug: string): string {
  return `alatoo_place_${slug}`
}
