/**
 * What Steppe Journals publishes, and how it is found.
 * @module
 */
import type { Article, Journal } from './article.ts'
import { lettersArticles } from './letters-articles.ts'
import { mountainArticles } from './mountain-articles.ts'

/** The journals; ISSNs of the range 9999 belong to nobody. */
export const journals: readonly Journal[] = [
  {
    code: 'iamr',
    title: 'Inner Asian Mountain Research',
    issn: '9999-0016',
    aims: 'Water, forest, air and people between the Tien Shan and the Pamir, measured on the ground. Two issues a year.',
    palette: 'lake',
  },
  {
    code: 'sll',
    title: 'Steppe Languages & Letters',
    issn: '9999-0024',
    aims: 'Turkic languages and their neighbours, spoken, sung and printed. Two issues a year.',
    palette: 'autumn',
  },
]

/** Every article, newest first. */
export const articles: readonly Article[] = [...mountainArticles, ...lettersArticles].toSorted(
  (left, right) => right.publishedOn.localeCompare(left.publishedOn),
)

/** The article of a DOI. */
export function findArticle(doi: string): Article | undefined {
  return articles.find((article) => article.doi === doi)
}

/** The journal of a code. */
export function findJournal(code: string): Journal | undefined {
  return journals.find((journal) => journal.code === code)
}

/** Articles that hold every word of the query in title, abstract, keywords or authors. */
export function searchArticles(query: string): readonly Article[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return articles.filter((article) => {
    const { title, abstract, abstracts, keywords, authors } = article
    const names = authors.map(({ name }) => name)
    const text = [title, abstract, abstracts?.ky, abstracts?.ru, ...keywords, ...names].join(' ')
    return words.every((word) => text.toLowerCase().includes(word))
  })
}
