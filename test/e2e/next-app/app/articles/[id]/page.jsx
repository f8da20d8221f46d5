import Image from 'next/image'
import { notFound } from 'next/navigation'

import { articles } from '../../../articles.js'
import { Share } from '../../share.jsx'

export async function generateMetadata({ params }) {
  const { id } = await params
  return { title: `Article ${id}`, alternates: { canonical: `/articles/${id}` } }
}

export default async function Article({ params, searchParams }) {
  const { id } = await params
  const { from = 'nowhere' } = await searchParams
  const article = articles.find((each) => each.id === id)
  if (article === undefined) notFound()
  return (
    <main>
      <h1>{article.title}</h1>
      <p id="from">{from}</p>
      <Image src="figure.svg" width={64} height={64} sizes="64px" alt="" priority />
      <article dangerouslySetInnerHTML={{ __html: article.body }} />
      <Share article={article} />
    </main>
  )
}
