/**
 * The pages of Steppe Journals that anybody may see: home, journal, search, about.
 * @module
 */
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { ListPage } from '../paging.ts'
import type { Reply } from '../reply.ts'
import type { Article, Journal } from './article.ts'
import { findJournal, journals } from './catalogue.ts'
import { domain, origins } from './hosts.ts'
import { framed } from './layout.ts'

/** The front page: journals, then the latest articles. */
export function homePage(latest: ListPage<Article>): Reply {
  return framed({
    title: 'Research from the heart of Asia',
    path: '/',
    script: 'home',
    body: html`<section class="hero">
        <div>
          <h1>Research from the heart of Asia</h1>
          <p>
            Peer-reviewed journals on the mountains, languages and people between the Tien Shan and
            the steppe.
          </p>
          <p class="live" data-live hidden></p>
        </div>
      </section>
      <section class="wrap">
        <h2>Journals</h2>
        <div class="journals">${journals.map(journalCard)}</div>
        <h2>Latest articles</h2>
        ${articleList(latest.items)} ${pager(latest)}
      </section>`,
  })
}

/** One journal with all its articles. */
export function journalPage(journal: Journal, articles: readonly Article[]): Reply {
  const issues = Object.entries(
    Object.groupBy(articles, ({ volume, issue }) => `Volume ${volume}, issue ${issue}`),
  )
  return framed({
    title: journal.title,
    path: `/journals/${journal.code}`,
    body: html`<section class="wrap journal">
      <img
        class="cover"
        src="${origins.static}/covers/${journal.code}-300.svg"
        alt=""
        width="220"
      />
      <div>
        <h1>${journal.title}</h1>
        <p class="meta">ISSN ${journal.issn}</p>
        <p class="lead">${journal.aims}</p>
        ${issues.map(
          ([name, list]) =>
            html`<h2>${name}</h2>
              ${articleList(list ?? [])}`,
        )}
      </div>
    </section>`,
  })
}

/** The search page; its results come from the API, by script. */
export function searchPage(query: string): Reply {
  return framed({
    title: query === '' ? 'Search' : `Search: ${query}`,
    path: '/search',
    script: 'search',
    body: html`<section class="wrap narrow">
      <h1>Search</h1>
      <form class="search" action="/search" role="search" data-search>
        <input type="search" name="q" value="${query}" aria-label="Search words" autofocus />
        <button>Search</button>
      </form>
      <p class="meta" data-count aria-live="polite"></p>
      <div data-results></div>
      <nav class="pager" data-pager aria-label="Pages"></nav>
      <dialog data-reader></dialog>
      <noscript>This search needs JavaScript.</noscript>
    </section>`,
  })
}

/** Who is behind it: nobody. */
export function aboutPage(): Reply {
  return framed({
    title: 'About',
    path: '/about',
    body: html`<section class="wrap narrow">
      <h1>About Steppe Journals</h1>
      <p class="lead">We do not exist, and we keep our licences all the more strictly.</p>
      <p>
        Abstracts are free. Full texts, in HTML, as PDF and from the API, are for subscribers; a
        subscriber is recognised by the address that its library's gateway comes from.
      </p>
      <p>Questions go to <a href="mailto:desk@${domain}">desk@${domain}</a>.</p>
    </section>`,
  })
}

/** What does not exist. */
export function notFoundPage(path: string): Reply {
  return framed({
    title: 'Page not found',
    path,
    status: 404,
    body: html`<section class="wrap narrow">
      <h1>Page not found</h1>
      <p>Nothing is published at this address. <a href="${origins.www}/">To the front page</a></p>
    </section>`,
  })
}

/** Title of the journal of an article. */
export function journalTitle(article: Article): string {
  return findJournal(article.journal)?.title ?? ''
}

function journalCard({ code, title, issn, aims }: Journal): Markup {
  return html`<a class="journal-card" href="//www.${domain}/journals/${code}">
    <img
      src="//static.${domain}/covers/${code}-300.svg"
      srcset="
        ${origins.static}/covers/${code}-300.svg 1x,
        ${origins.static}/covers/${code}-600.svg 2x
      "
      alt=""
      width="120"
      height="160"
    />
    <span>
      <strong>${title}</strong>
      <span class="meta">ISSN ${issn}</span>
      <span>${aims}</span>
    </span>
  </a>`
}

function articleList(list: readonly Article[]): Markup {
  return html`<ol class="articles">
    ${list.map(
      (article) =>
        html`<li>
          <p class="meta">${journalTitle(article)} · ${article.publishedOn}</p>
          <h3><a href="${origins.www}/article/${article.doi}">${article.title}</a></h3>
          <p class="authors">${article.authors.map(({ name }) => name).join(', ')}</p>
          <p>${article.abstract.split('. ')[0]}.</p>
          <p class="formats">
            <a href="/article/${article.doi}/full">Full text</a>
            <a href="/article/${article.doi}/pdf">PDF</a>
            <span>doi:${article.doi}</span>
          </p>
        </li>`,
    )}
  </ol>`
}

function pager({ page, pages }: ListPage<Article>): Markup {
  const numbers = Array.from({ length: pages }, (_, index) => index + 1)
  return html`<nav class="pager" aria-label="Pages">
    ${numbers.map((number) =>
      number === page
        ? html`<span aria-current="page">${number}</span>`
        : html`<a href="?page=${number}">${number}</a>`,
    )}
  </nav>`
}
