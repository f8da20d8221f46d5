/**
 * The pages of an article: the abstract for anybody, the full text or the paywall, and the citation.
 * @module
 */
import { html, json } from '../markup.ts'
import type { Markup } from '../markup.ts'
import { file } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Article } from './article.ts'
import { findJournal } from './catalogue.ts'
import { domain, origins } from './hosts.ts'
import { framed } from './layout.ts'
import { journalTitle } from './pages.ts'

/** Abstract, keywords and links to the text. */
export function abstractPage(article: Article): Reply {
  return articleFrame(article, { suffix: '', status: 200 }, [
    html`<p class="actions">
      <a class="button" href="${origins.www}/article/${article.doi}/full">Full text</a>
      <a class="button" href="//www.${domain}/article/${article.doi}/pdf">PDF</a>
      <a class="quiet" href="/article/${article.doi}/ris">Cite (RIS)</a>
      <button class="quiet" type="button" data-save="${article.doi}">Save</button>
      <output data-saved></output>
    </p>`,
    abstractSection(article),
    references(article),
  ])
}

/** The whole article. */
export function fullTextPage(article: Article): Reply {
  return articleFrame(article, { suffix: '/full', status: 200 }, [
    html`<p class="actions">
      <a class="button" href="//www.${domain}/article/${article.doi}/pdf">PDF</a>
      <button class="quiet" type="button" data-save="${article.doi}">Save</button>
      <output data-saved></output>
    </p>`,
    abstractSection(article),
    sections(article),
    references(article),
  ])
}

/** What everybody else gets instead of the full text. */
export function paywallPage(article: Article): Reply {
  return articleFrame(article, { suffix: '/full', status: 403 }, [
    abstractSection(article),
    html`<aside class="paywall">
      <h2>Access provided only to subscribers</h2>
      <p>
        The network address that you come from belongs to none of our subscribers. If your library
        subscribes, open this article through the library's gateway.
      </p>
      <a class="button" href="${origins.login}/institution">Institutional access</a>
    </aside>`,
    references(article),
  ])
}

/** The record for reference managers, which keeps the publisher's own addresses. */
export function risFile(article: Article): Reply {
  const lines = [
    'TY  - JOUR',
    `TI  - ${article.title}`,
    ...article.authors.map(({ name }) => `AU  - ${name}`),
    `JO  - ${journalTitle(article)}`,
    `PY  - ${article.publishedOn.slice(0, 4)}`,
    `VL  - ${article.volume}`,
    `IS  - ${article.issue}`,
    `SP  - ${article.firstPage}`,
    `EP  - ${article.lastPage}`,
    `DO  - ${article.doi}`,
    `UR  - ${origins.www}/article/${article.doi}`,
    'ER  - ',
  ]
  const name = `${article.doi.replace('/', '-')}.ris`
  return file('application/x-research-info-systems', `${lines.join('\r\n')}\r\n`, {
    'content-disposition': `attachment; filename="${name}"`,
  })
}

/** Sections with figures; the API hands out the same. */
export function sections(article: Article): Markup {
  let figureCount = 0
  return html`${article.sections.map(({ heading, paragraphs, figure }) => {
    if (figure) figureCount += 1
    return html`<section>
      <h2>${heading}</h2>
      ${paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
      ${figure && figureElement(article, figureCount, figure.caption)}
    </section>`
  })}`
}

/** Address of a figure on the static host. */
export function figureUrl(article: Article, number: number, width: number): string {
  return `${origins.static}/figures/${article.doi.split('/')[1]}-${number}-${width}.svg`
}

function articleFrame(
  article: Article,
  { suffix, status }: { readonly suffix: string; readonly status: number },
  parts: readonly Markup[],
): Reply {
  const { doi, title, volume, issue, firstPage, lastPage } = article
  return framed({
    title,
    path: `/article/${doi}${suffix}`,
    status,
    script: 'article',
    head: citationMeta(article),
    body: html`<article class="wrap narrow article" data-article="${doi}">
      <p class="meta">
        <a href="/journals/${article.journal}">${journalTitle(article)}</a> · ${volume}(${issue}),
        ${firstPage}–${lastPage} · ${article.publishedOn}
      </p>
      <h1>${title}</h1>
      <ul class="author-list">
        ${article.authors.map(({ name, institution }) => html`<li>${name}<small>${institution}</small></li>`)}
      </ul>
      <p class="meta">
        <a href="https://doi.org/${doi}">https://doi.org/${doi}</a>
        <span class="live" data-live hidden></span>
      </p>
      ${parts}
    </article>`,
  })
}

/** Highwire tags, which Google Scholar and Zotero read, and schema.org for the others. */
function citationMeta(article: Article): Markup {
  const url = `${origins.www}/article/${article.doi}`
  const tags: readonly (readonly [string, string])[] = [
    ['citation_title', article.title],
    ...article.authors.flatMap(({ name, institution }): [string, string][] => [
      ['citation_author', name],
      ['citation_author_institution', institution],
    ]),
    ['citation_journal_title', journalTitle(article)],
    ['citation_issn', findJournal(article.journal)?.issn ?? ''],
    ['citation_publisher', 'Steppe Journals'],
    ['citation_publication_date', article.publishedOn.replaceAll('-', '/')],
    ['citation_volume', String(article.volume)],
    ['citation_issue', String(article.issue)],
    ['citation_firstpage', String(article.firstPage)],
    ['citation_lastpage', String(article.lastPage)],
    ['citation_doi', article.doi],
    ['citation_abstract_html_url', url],
    ['citation_fulltext_html_url', `${url}/full`],
    ['citation_pdf_url', `${url}/pdf`],
    ['citation_language', 'en'],
  ]
  const record = {
    '@context': 'https://schema.org',
    '@type': 'ScholarlyArticle',
    headline: article.title,
    sameAs: `https://doi.org/${article.doi}`,
    url,
    isAccessibleForFree: false,
  }
  return html`${tags.map(([name, content]) => html`<meta name="${name}" content="${content}" />`)}
    <meta property="og:url" content="${url}" />
    <script type="application/ld+json">
      ${json(record)}
    </script>`
}

function abstractSection({ abstract, abstracts, keywords }: Article): Markup {
  return html`<section class="abstract">
    <h2>Abstract</h2>
    <p>${abstract}</p>
    ${
      abstracts &&
      html`<details>
        <summary>Кыргызча · На русском</summary>
        <p lang="ky">${abstracts.ky}</p>
        <p lang="ru">${abstracts.ru}</p>
      </details>`
    }
    <p class="keywords">
      ${keywords.map((keyword) => html`<a href="/search?q=${encodeURIComponent(keyword)}">${keyword}</a>`)}
    </p>
  </section>`
}

function figureElement(article: Article, number: number, caption: string): Markup {
  const [small, large] = [640, 1280].map((width) => figureUrl(article, number, width))
  return html`<figure>
    <img
      src="${small?.replace('http:', '')}"
      srcset="${small} 640w, ${large} 1280w"
      sizes="(max-width: 700px) 100vw, 640px"
      width="640"
      height="360"
      alt="${caption}"
      loading="lazy"
    />
    <figcaption><strong>Figure ${number}.</strong> ${caption}</figcaption>
  </figure>`
}

function references({ references: list }: Article): Markup {
  return html`<section class="references">
    <h2>References</h2>
    <ol>
      ${list.map(
        ({ text, doi }) =>
          html`<li>${text} ${doi && html`<a href="https://doi.org/${doi}">doi:${doi}</a>`}</li>`,
      )}
    </ol>
  </section>`
}
