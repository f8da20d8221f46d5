/**
 * The frame of every page of Ala-Too Books.
 * @module
 */
import { windows1251 } from '../charset.ts'
import { html } from '../markup.ts'
import type { Fragment, Markup } from '../markup.ts'
import { page } from '../reply.ts'
import type { Reply } from '../reply.ts'
import { origins } from './hosts.ts'

/** A page to be framed. */
interface AlatooPage {
  readonly title: string
  readonly language: 'ky' | 'ru' | 'en'
  readonly status?: number
  /** Russian chapters are as old as the server that they stand on. */
  readonly charset?: 'utf-8' | 'windows-1251'
  readonly theme?: string
  readonly head?: Fragment
  readonly body: Markup
}

/** A whole page. */
export function framed(content: AlatooPage): Reply {
  const charset = content.charset ?? 'utf-8'
  const markup = document(content, charset)
  const reply = page(markup, content.status ?? 200, { 'content-language': content.language })
  if (charset === 'utf-8') return reply
  const headers = { ...reply.headers, 'content-type': 'text/html; charset=windows-1251' }
  return { ...reply, headers, body: windows1251(markup.text) }
}

function document(content: AlatooPage, charset: string): Markup {
  const cdn = origins.cdn.replace('http:', '')
  return html`<!doctype html>
    <html lang="${content.language}" data-theme="${content.theme ?? 'day'}">
      <head>
        <meta http-equiv="Content-Type" content="text/html; charset=${charset}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${content.title} — Ала-Тоо китептери</title>
        <link rel="icon" type="image/svg+xml" href="${origins.cdn}/logo.svg" />
        <link rel="stylesheet" href="${cdn}/css/books.css" />
        ${content.head}
        <script>
          var Alatoo = {
            protocol: 'http:',
            api: '//api.alatoo-books.example',
            domain: 'alatoo-books.example',
          }
        </script>
        <script defer charset="utf-8" src="${cdn}/js/books.js"></script>
      </head>
      <body>
        <header class="top">
          <a class="brand" href="${origins.www}/">
            <img src="${origins.cdn}/logo.svg" alt="" width="40" height="40" />
            <span>Ала-Тоо<small>китептери · книги</small></span>
          </a>
          <form action="${origins.www}/search" accept-charset="utf-8" role="search">
            <input name="q" type="search" placeholder="Издөө · Поиск" aria-label="Издөө · Поиск" />
            <button>Табуу</button>
          </form>
        </header>
        <main>${content.body}</main>
        <footer>
          <p>Ала-Тоо китептери — ойдон чыгарылган басмакана. Все книги и имена вымышлены.</p>
          <p>
            <a href="${origins.www}/">Каталог</a> ·
            <a href="mailto:kitep@alatoo-books.example">kitep@alatoo-books.example</a>
          </p>
        </footer>
      </body>
    </html>`
}
