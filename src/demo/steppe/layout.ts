/**
 * The frame of every page of Steppe Journals, with its content security policy.
 * @module
 */
import { randomToken } from '../../core/clock.ts'
import { html } from '../markup.ts'
import type { Fragment, Markup } from '../markup.ts'
import { page } from '../reply.ts'
import type { Reply } from '../reply.ts'
import { domain, origins } from './hosts.ts'
import { journals } from './catalogue.ts'

/** A page to be framed. */
interface SteppePage {
  readonly title: string
  readonly path: string
  readonly status?: number
  /** Further elements of the head. */
  readonly head?: Fragment
  /** Module script of the static host. */
  readonly script?: 'home' | 'search' | 'article'
  readonly body: Markup
}

/** A whole page. */
export function framed(content: SteppePage): Reply {
  const nonce = randomToken()
  return page(document(content, nonce), content.status ?? 200, {
    'content-security-policy': policy(nonce),
    'x-frame-options': 'SAMEORIGIN',
    'referrer-policy': 'strict-origin-when-cross-origin',
  })
}

function policy(nonce: string): string {
  return [
    `default-src 'self'`,
    `script-src 'self' 'nonce-${nonce}' ${origins.static}`,
    `style-src 'self' ${origins.static}`,
    `img-src 'self' data: ${origins.static}`,
    `connect-src 'self' ${origins.api} ws://api.${domain}`,
    `frame-ancestors 'self'`,
    `base-uri 'self'`,
    `object-src 'none'`,
  ].join('; ')
}

function document(content: SteppePage, nonce: string): Markup {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${content.title} | Steppe Journals</title>
        <link rel="canonical" href="${origins.www}${content.path}" />
        <link rel="icon" type="image/svg+xml" href="//static.${domain}/img/logo.svg" />
        <link rel="stylesheet" href="//static.${domain}/css/site.css" />
        ${content.head}
        <script nonce="${nonce}">
          window.steppe = {
            api: 'http://' + ['api', 'steppe-journals', 'example'].join('.') + '/v1',
          }
        </script>
        <script defer src="//static.${domain}/js/site.js"></script>
        ${
          content.script &&
          html`<script type="module" src="${origins.static}/js/${content.script}.js"></script>`
        }
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        ${masthead()}
        <main id="content">${content.body}</main>
        ${footer()}
      </body>
    </html>`
}

function masthead(): Markup {
  return html`<header class="masthead">
    <div class="masthead-inner">
      <a class="brand" href="${origins.www}/">
        <img src="//static.${domain}/img/logo.svg" alt="" width="36" height="36" />
        <span>Steppe Journals</span>
      </a>
      <nav aria-label="Journals">
        ${journals.map(({ code, title }) => html`<a href="/journals/${code}">${title}</a>`)}
        <a href="/about">About</a>
      </nav>
      <form class="quick-search" action="//www.${domain}/search" role="search">
        <input type="search" name="q" placeholder="Search all journals" aria-label="Search" />
        <button>Search</button>
      </form>
    </div>
    <p class="institution" data-institution hidden></p>
  </header>`
}

function footer(): Markup {
  return html`<footer class="footer">
    <p><strong>Steppe Journals</strong> is a made-up publisher of the Darbaza demo.</p>
    <p>
      Its authors, articles and numbers are invented. DOIs of the prefix 10.5555 lead nowhere. ·
      <a href="${origins.login}/institution">Institutional access</a>
    </p>
  </footer>`
}
