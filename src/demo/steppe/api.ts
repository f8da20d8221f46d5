/**
 * `api` of Steppe Journals: search, full text and bookmarks for the scripts of `www`, with
 * credentialed CORS (Fetch Standard, section 3.3) and preflights for its own header.
 * @module
 */
import { createCors } from '../cors.ts'
import { pageOf } from '../paging.ts'
import type { PublisherRoute } from '../publisher.ts'
import { data } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Visit } from '../visit.ts'
import type { Article } from './article.ts'
import { figureUrl, sections } from './article-pages.ts'
import { findArticle, searchArticles } from './catalogue.ts'
import { cookieNames, origins } from './hosts.ts'
import { journalTitle } from './pages.ts'

const hitsPerPage = 3
/** Sessions whose bookmarks are kept; a demo forgets the oldest beyond it. */
const sessionsMax = 500
const bookmarks = new Map<string, Set<string>>()

const { preflight, shared } = createCors({
  origin: origins.www,
  methods: 'GET, PUT, DELETE',
  headers: 'x-steppe-client, content-type',
  answer: { 'access-control-expose-headers': 'x-steppe-total' },
  preflight: { 'access-control-max-age': '600' },
})

/** The API host. */
export const apiRoutes: readonly PublisherRoute[] = [
  { methods: ['OPTIONS'], path: /^\/v1\//, answer: preflight },
  { methods: ['GET'], path: /^\/v1\/search$/, answer: shared(search) },
  { methods: ['GET'], path: /^\/v1\/articles\/(.+)\/fulltext$/, answer: shared(fullText) },
  { methods: ['GET'], path: /^\/v1\/bookmarks$/, answer: shared(bookmarked) },
  { methods: ['PUT', 'DELETE'], path: /^\/v1\/bookmarks\/(.+)$/, answer: shared(bookmark) },
]

function search({ url, cookies }: Visit): Reply {
  const found = searchArticles(url.searchParams.get('q') ?? '')
  const { items, page, pages } = pageOf(found, url.searchParams.get('page'), hitsPerPage)
  const next = new URL(url)
  next.searchParams.set('page', String(page + 1))
  const body = {
    total: found.length,
    page,
    pages,
    self: url.href,
    ...(page < pages && { next: next.href }),
    reader: { institution: cookies.get(cookieNames.institution) ?? '' },
    hits: items.map(hit),
  }
  return data(body, 200, { 'x-steppe-total': String(found.length) })
}

function hit(article: Article): Record<string, unknown> {
  return {
    doi: article.doi,
    title: article.title,
    authors: article.authors.map(({ name }) => name),
    journal: journalTitle(article),
    publishedOn: article.publishedOn,
    snippet: `${article.abstract.slice(0, 180)}…`,
    url: `${origins.www}/article/${article.doi}`,
    pdfUrl: `${origins.www}/article/${article.doi}/pdf`,
    fullTextUrl: `${origins.api}/v1/articles/${article.doi}/fulltext`,
    thumbnail: article.sections.some(({ figure }) => figure) ? figureUrl(article, 1, 640) : null,
  }
}

function fullText(visit: Visit, [doi = '']: readonly string[]): Reply {
  const article = findArticle(doi)
  if (!article) return data({ error: 'not_found' }, 404)
  if (visit.customHeader('x-steppe-client') === undefined) {
    return data({ error: 'header_missing', header: 'X-Steppe-Client' }, 400)
  }
  if (!visit.isLicensed) {
    return data({ error: 'no_subscription', message: 'Access provided only to subscribers' }, 403)
  }
  return data({ doi, title: article.title, html: sections(article).text })
}

function bookmarked({ cookies }: Visit): Reply {
  const list = bookmarks.get(cookies.get(cookieNames.session) ?? '') ?? []
  return data({ articles: [...list].map((doi) => `${origins.www}/article/${doi}`) })
}

function bookmark(visit: Visit, [doi = '']: readonly string[]): Reply {
  const session = visit.cookies.get(cookieNames.session)
  if (session === undefined) return data({ error: 'no_session' }, 401)
  if (visit.origin !== origins.www || visit.customHeader('x-steppe-client') === undefined) {
    return data({ error: 'forged' }, 403)
  }
  if (!findArticle(doi)) return data({ error: 'not_found' }, 404)

  const list = bookmarks.get(session) ?? new Set()
  if (visit.method === 'PUT') list.add(doi)
  else list.delete(doi)
  const [oldest] = bookmarks.keys()
  if (bookmarks.size >= sessionsMax && oldest !== undefined) bookmarks.delete(oldest)
  bookmarks.set(session, list)
  return data({ saved: list.size })
}
