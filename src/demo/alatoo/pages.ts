/**
 * The pages of Ala-Too Books: shop window, book, chapter or paywall, search.
 * @module
 */
import { html } from '../markup.ts'
import type { Markup } from '../markup.ts'
import type { ListPage } from '../paging.ts'
import type { Reply } from '../reply.ts'
import type { Book } from './book.ts'
import { origins } from './hosts.ts'
import { framed } from './layout.ts'

/** A chapter of a book, counted from 1. */
interface ChapterPlace {
  readonly book: Book
  readonly number: number
}

/** The front page. */
export function homePage(shelf: ListPage<Book>): Reply {
  const numbers = Array.from({ length: shelf.pages }, (_, index) => index + 1)
  return framed({
    title: 'Каталог',
    language: 'ky',
    body: html`<section class="welcome">
        <h1>Ар бир китеп — бир ашуу</h1>
        <p>Окуу китептери жана көркөм адабият · Учебники и художественная литература</p>
      </section>
      <section class="shelf">${shelf.items.map(bookCard)}</section>
      <nav class="pages" aria-label="Барактар">
        ${numbers.map((number) =>
          number === shelf.page
            ? html`<b aria-current="page">${number}</b>`
            : html`<a href="//www.alatoo-books.example/?page=${number}">${number}</a>`,
        )}
      </nav>`,
  })
}

/** One book: description and table of contents; the last chapter read comes from a cookie. */
export function bookPage(book: Book, lastChapter: number | undefined): Reply {
  const url = `${origins.www}/book/${book.slug}`
  const tags: readonly (readonly [string, string])[] = [
    ['citation_title', book.title],
    ...book.authors.map((author): [string, string] => ['citation_author', author]),
    ['citation_isbn', book.isbn],
    ['citation_publisher', 'Ала-Тоо китептери'],
    ['citation_publication_date', book.publishedOn.replaceAll('-', '/')],
    ['citation_language', book.language],
    ['citation_abstract_html_url', url],
    ...(book.language === 'en' ? [['citation_pdf_url', `${url}/pdf`] as const] : []),
  ]
  return framed({
    title: book.title,
    language: book.language,
    head: html`<link rel="canonical" href="${url}" />
      ${tags.map(([name, content]) => html`<meta name="${name}" content="${content}" />`)}`,
    body: html`<article class="book">
      ${cover(book, 240)}
      <div>
        <h1>${book.title}</h1>
        <p class="subtitle">${book.subtitle}</p>
        <p class="by">
          ${book.authors.join(', ')} · ${book.publishedOn.slice(0, 4)} · ISBN ${book.isbn}
        </p>
        <p>${book.description}</p>
        ${
          lastChapter !== undefined &&
          html`<p class="resume">
            <a href="/book/${book.slug}/chapter/${lastChapter}"
              >Окууну улантуу · Продолжить чтение (${lastChapter})</a
            >
          </p>`
        }
        <ol class="contents">
          ${book.chapters.map(
            ({ title }, index) => html`<li><a href="${url}/chapter/${index + 1}">${title}</a></li>`,
          )}
        </ol>
        ${book.language === 'en' && html`<p><a class="button" href="${url}/pdf">PDF</a></p>`}
      </div>
    </article>`,
  })
}

/** A chapter to read. */
export function chapterPage({ book, number }: ChapterPlace, theme: string | undefined): Reply {
  const chapter = book.chapters[number - 1]
  const url = `${origins.www}/book/${book.slug}`
  const last = book.chapters.length
  return framed({
    title: `${chapter?.title}. ${book.title}`,
    language: book.language,
    charset: book.language === 'ru' ? 'windows-1251' : 'utf-8',
    ...(theme !== undefined && { theme }),
    body: html`<article class="chapter" data-book="${book.slug}" data-chapter="${number}">
      <p class="by"><a href="${url}">${book.title}</a> · ${number} / ${last}</p>
      <h1>${chapter?.title}</h1>
      <p class="tools">
        <button type="button" data-theme-choice="day">Күн · День</button>
        <button type="button" data-theme-choice="sepia">Сепия</button>
        <button type="button" data-theme-choice="night">Түн · Ночь</button>
        <button type="button" data-note>Белги · Закладка</button>
        <output data-noted></output>
      </p>
      ${chapter?.paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
      <nav class="turn">
        ${number > 1 && html`<a rel="prev" href="${url}/chapter/${number - 1}">← ${number - 1}</a>`}
        ${number < last && html`<a rel="next" href="${url}/chapter/${number + 1}">${number + 1} →</a>`}
      </nav>
    </article>`,
  })
}

/** What everybody else gets instead of a chapter. */
export function paywallPage({ book, number }: ChapterPlace): Reply {
  return framed({
    title: 'Жазылуу керек',
    language: 'ru',
    status: 403,
    body: html`<article class="chapter paywall">
      <p class="by"><a href="${origins.www}/book/${book.slug}">${book.title}</a></p>
      <h1>${book.chapters[number - 1]?.title ?? book.title}</h1>
      <p>${book.description}</p>
      <div>
        <h2>Китеп жазылуучулар үчүн гана ачык · Доступ только для подписчиков</h2>
        <p lang="en">Access provided only to subscribers: please come through your library.</p>
      </div>
    </article>`,
  })
}

/** The search page; results come by XMLHttpRequest. */
export function searchPage(query: string): Reply {
  return framed({
    title: 'Издөө · Поиск',
    language: 'ru',
    body: html`<section class="results">
      <h1>Издөө · Поиск: «${query}»</h1>
      <p class="by" data-total aria-live="polite"></p>
      <div class="shelf" data-found data-query="${query}"></div>
    </section>`,
  })
}

/** What does not exist. */
export function notFoundPage(): Reply {
  return framed({
    title: 'Барак табылган жок',
    language: 'ky',
    status: 404,
    body: html`<section class="results">
      <h1>Барак табылган жок · Страница не найдена</h1>
      <p><a href="${origins.www}/">Каталог</a></p>
    </section>`,
  })
}

function bookCard(book: Book): Markup {
  return html`<a class="card" href="/book/${book.slug}">
    ${cover(book, 180)}
    <strong>${book.title}</strong>
    <span>${book.authors.join(', ')}</span>
  </a>`
}

function cover({ slug, title }: Book, width: number): Markup {
  return html`<img
    class="cover"
    src="//cdn.alatoo-content.example/covers/${slug}-240.svg"
    srcset="
      ${origins.cdn}/covers/${slug}-240.svg 1x,
      //cdn.alatoo-content.example/covers/${slug}-480.svg         2x
    "
    width="${width}"
    alt="${title}"
  />`
}
