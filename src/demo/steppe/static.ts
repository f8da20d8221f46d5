/**
 * `static` of Steppe Journals: style sheets, scripts, covers and figures, shared with `www` by CORS
 * because modules need it.
 * @module
 */
import { readFileSync } from 'node:fs'

import { landscape, palettes } from '../artwork.ts'
import { figureSvg } from '../chart.ts'
import { html } from '../markup.ts'
import type { PublisherRoute } from '../publisher.ts'
import { file, plain } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Journal } from './article.ts'
import { articles, findJournal } from './catalogue.ts'
import { origins } from './hosts.ts'

const shared = { 'access-control-allow-origin': origins.www, vary: 'Origin' }
const types = { css: 'text/css; charset=utf-8', js: 'text/javascript; charset=utf-8' } as const
const names = {
  css: ['site', 'print'],
  js: ['site', 'api', 'home', 'search', 'article'],
} as const

const assets = new Map<string, Reply>(
  (['css', 'js'] as const).flatMap((kind) =>
    names[kind].map((name) => [`${kind}/${name}.${kind}`, asset(kind, name)] as const),
  ),
)

/** The static host. */
export const staticRoutes: readonly PublisherRoute[] = [
  {
    methods: ['GET'],
    path: /^\/((?:css|js)\/\w+\.(?:css|js))$/,
    answer: (_, [name = '']) => assets.get(name) ?? missing(),
  },
  { methods: ['GET'], path: /^\/img\/logo\.svg$/, answer: () => svg(logo()) },
  { methods: ['GET'], path: /^\/img\/hero\.svg$/, answer: () => svg(hero()) },
  {
    methods: ['GET'],
    path: /^\/covers\/(\w+)-(300|600)\.svg$/,
    answer: (_, [code = '', width]) => {
      const journal = findJournal(code)
      return journal ? svg(cover(journal, Number(width))) : missing()
    },
  },
  {
    methods: ['GET'],
    path: /^\/figures\/([\w.]+)-(\d)-(640|1280)\.svg$/,
    answer: (_, [id, number, width]) => {
      const article = articles.find(({ doi }) => doi.endsWith(`/${id}`))
      const figures = article?.sections.flatMap(({ figure }) => (figure ? [figure] : []))
      const figure = figures?.[Number(number) - 1]
      return figure ? svg(figureSvg(figure, Number(width))) : missing()
    },
  },
]

function asset(kind: 'css' | 'js', name: string): Reply {
  const text = readFileSync(new URL(`./assets/${name}.${kind}`, import.meta.url))
  return file(types[kind], text, shared)
}

function svg(text: string): Reply {
  return file('image/svg+xml', text, shared)
}

function missing(): Reply {
  return plain(404, 'No such file')
}

function logo(): string {
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36">
    <rect width="36" height="36" rx="8" fill="#0b6e8f" />
    <path d="M4 27 13 12l5 8 4-6 10 13z" fill="#fff" />
    <circle cx="26" cy="9" r="3" fill="#f2b84b" />
  </svg>`.text
}

function hero(): string {
  return landscape({ seed: 1871, width: 1600, height: 420, palette: palettes.lake })
}

function cover(journal: Journal, width: number): string {
  const words = journal.title.split(' ')
  const middle = Math.ceil(words.length / 2)
  const lines = [words.slice(0, middle).join(' '), words.slice(middle).join(' ')]
  const picture = landscape({
    seed: journal.code.length * 97,
    width: 300,
    height: 400,
    palette: palettes[journal.palette],
    overlay: html`<rect width="300" height="112" fill="#fff" opacity=".88" />
      <g font-family="Georgia, 'Times New Roman', serif" fill="#14232b">
        ${lines.map((line, index) => html`<text x="20" y="${44 + index * 28}" font-size="22" font-weight="bold">${line}</text>`)}
        <text x="20" y="98" font-size="12">ISSN ${journal.issn}</text>
      </g>`,
  })
  return picture.replace('width="300" height="400"', `width="${width}" height="${(width * 4) / 3}"`)
}
