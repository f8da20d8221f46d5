/**
 * `www` of Steppe Journals. A first visit goes through the login host, which recognises the
 * institution, sets the domain's cookies and sends the reader back.
 * @module
 */
import { pageOf } from '../paging.ts'
import { paperPdf } from '../pdf.ts'
import { movedTo, type PublisherRoute } from '../publisher.ts'
import { file, redirect } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Visit } from '../visit.ts'
import type { Article } from './article.ts'
import { abstractPage, fullTextPage, paywallPage, risFile } from './article-pages.ts'
import { articles, findArticle, findJournal } from './catalogue.ts'
import { cookieNames, origins } from './hosts.ts'
import {
  aboutPage,
  homePage,
  journalPage,
  journalTitle,
  notFoundPage,
  searchPage,
} from './pages.ts'

const get = ['GET']
const articlesPerPage = 4
const pdfs = new Map<string, Promise<Buffer>>()

/** Sends the bare domain to `www`. */
export const apexRoutes: readonly PublisherRoute[] = [movedTo(origins.www)]

/** The pages. */
export const wwwRoutes: readonly PublisherRoute[] = [
  {
    methods: get,
    path: /^\/$/,
    answer: recognised(({ url }) =>
      homePage(pageOf(articles, url.searchParams.get('page'), articlesPerPage)),
    ),
  },
  {
    methods: get,
    path: /^\/journals\/(\w+)$/,
    answer: recognised(({ url }, [code = '']) => {
      const journal = findJournal(code)
      const list = articles.filter((article) => article.journal === code)
      return journal ? journalPage(journal, list) : notFoundPage(url.pathname)
    }),
  },
  {
    methods: get,
    path: /^\/search$/,
    answer: recognised(({ url }) => searchPage(url.searchParams.get('q') ?? '')),
  },
  { methods: get, path: /^\/about$/, answer: aboutPage },
  { methods: get, path: articlePath(''), answer: recognised(ofArticle(abstractPage)) },
  {
    methods: get,
    path: articlePath('/full'),
    answer: recognised(
      ofArticle((article, { isLicensed }) =>
        isLicensed ? fullTextPage(article) : paywallPage(article),
      ),
    ),
  },
  {
    methods: get,
    path: articlePath('/pdf'),
    answer: ofArticle((article, { isLicensed }) =>
      isLicensed ? pdfReply(article) : paywallPage(article),
    ),
  },
  { methods: get, path: articlePath('/ris'), answer: ofArticle(risFile) },
]

function articlePath(suffix: string): RegExp {
  return new RegExp(String.raw`^/article/(10\.\d+/[\w.]+)${suffix}$`)
}

function ofArticle(
  answer: (article: Article, visit: Visit) => Reply | Promise<Reply>,
): PublisherRoute['answer'] {
  return (visit, [doi = '']) => {
    const article = findArticle(doi)
    return article ? answer(article, visit) : notFoundPage(visit.url.pathname)
  }
}

/** Reads the cookie of the login host or goes there; `cookieSet` ends the loop without cookies. */
function recognised(answer: PublisherRoute['answer']): PublisherRoute['answer'] {
  return (visit, groups) => {
    const isKnown =
      visit.cookies.has(cookieNames.session) || visit.url.searchParams.has('cookieSet')
    if (isKnown || !visit.acceptsHtml) return answer(visit, groups)
    return redirect(`${origins.login}/institution?return=${encodeURIComponent(visit.url.href)}`)
  }
}

async function pdfReply(article: Article): Promise<Reply> {
  const made = pdfs.get(article.doi) ?? makePdf(article)
  pdfs.set(article.doi, made)
  const name = article.doi.split('/')[1]
  return file('application/pdf', await made, {
    'cache-control': 'private',
    'content-disposition': `inline; filename="${name}.pdf"`,
  })
}

function makePdf(article: Article): Promise<Buffer> {
  const { volume, issue, firstPage, lastPage } = article
  return paperPdf({
    title: article.title,
    authors: article.authors.map(({ name }) => name).join(', '),
    source: `${journalTitle(article)} ${volume}(${issue}), ${firstPage}–${lastPage}`,
    identifier: `doi:${article.doi}`,
    publishedOn: article.publishedOn,
    abstract: article.abstract,
    sections: article.sections,
    references: article.references.map(({ text, doi }) => (doi ? `${text} doi:${doi}` : text)),
  })
}
