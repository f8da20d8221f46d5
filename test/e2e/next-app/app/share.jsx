'use client'

import { useEffect, useState } from 'react'

/** What a client component got as its properties, as long as the server wrote it. */
export function Share({ article }) {
  const [length, measure] = useState(0)
  useEffect(() => measure(article.body.replaceAll(/\S*\/\/[^/\s]+/g, '').length), [article])
  return (
    <aside>
      <input readOnly value={article.url} />
      <a href={article.record}>Record</a>
      <b>{length}</b>
    </aside>
  )
}
