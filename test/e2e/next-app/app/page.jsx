import { cookies } from 'next/headers'
import Link from 'next/link'
import { Suspense } from 'react'

import { articles, pause } from '../articles.js'

async function Late() {
  await pause(300)
  return (
    <ul>
      {articles.map(({ id, title, url }) => (
        <li key={id}>
          <Link href={url}>{title}</Link>
        </li>
      ))}
    </ul>
  )
}

export default async function Home() {
  const edition = (await cookies()).get('edition')?.value ?? 'none yet'
  return (
    <main>
      <h1>Paper</h1>
      <p>{`Edition: ${edition}`}</p>
      <Suspense fallback={<p>Wait</p>}>
        <Late />
      </Suspense>
    </main>
  )
}
