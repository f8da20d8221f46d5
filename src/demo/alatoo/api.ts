/**
 * `api` of Ala-Too Books: search and bookmarks for the scripts of `www`, by XMLHttpRequest with
 * credentials; it reads the theme cookie that a script wrote for the whole domain.
 * @module
 */
import { z } from 'zod'

import { createCors } from '../cors.ts'
import type { PublisherRoute } from '../publisher.ts'
import { data } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Visit } from '../visit.ts'
import { findBook, searchBooks } from './books.ts'
import { origins, themeCookie } from './hosts.ts'

const noteSchema = z.object({ page: z.string() })

const { preflight, shared } = createCors({
  origin: origins.www,
  methods: 'GET, POST',
  headers: 'content-type',
})

/** The API host. */
export const apiRoutes: readonly PublisherRoute[] = [
  { methods: ['OPTIONS'], path: /^\//, answer: preflight },
  { methods: ['GET'], path: /^\/catalogue$/, answer: shared(catalogue) },
  { methods: ['POST'], path: /^\/notes$/, answer: shared(note) },
]

function catalogue({ url, cookies }: Visit): Reply {
  const found = searchBooks(url.searchParams.get('q') ?? '')
  return data({
    total: found.length,
    theme: cookies.get(themeCookie) ?? 'day',
    books: found.map(({ slug, title, authors }) => ({
      title,
      authors: authors.join(', '),
      href: `${origins.www}/book/${slug}`,
      cover: `${origins.cdn}/covers/${slug}-240.svg`,
    })),
  })
}

/** Takes `{ page }`, the address of a chapter: it must be one of ours, as the browser sees it. */
function note({ body, origin }: Visit): Reply {
  if (origin !== origins.www) return data({ error: 'forged' }, 403)
  const page = pageIn(body)
  const slug = /^\/book\/([\w-]+)\/chapter\/\d+$/.exec(page?.pathname ?? '')?.[1]
  if (page?.origin !== origins.www || !findBook(slug ?? '')) {
    return data({ error: 'page_unknown', page: page?.href ?? null }, 422)
  }
  return data({ saved: page.href }, 201)
}

function pageIn(body: string): URL | undefined {
  try {
    return new URL(noteSchema.parse(JSON.parse(body)).page)
  } catch {
    return undefined
  }
}
