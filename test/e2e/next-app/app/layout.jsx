import Link from 'next/link'

import { Place } from './place.jsx'
import styles from './style.module.css'

export const metadata = {
  metadataBase: new URL('https://www.paper.test'),
  title: 'Paper',
  alternates: { canonical: '/' },
  icons: 'data:,',
}

export default function Layout({ children }) {
  return (
    <html lang="ky">
      <body className={styles.paper}>
        <nav>
          <Link href="/">Home</Link> <Link href="/articles/1">One</Link>{' '}
          <Link href="https://www.paper.test/articles/3">Three</Link>{' '}
          <Link href="/save" prefetch={false}>
            Save
          </Link>{' '}
          <a href="https://www.paper.test/latest">Latest</a>
        </nav>
        {children}
        <Place api="https://api.paper.test/api/papers" />
      </body>
    </html>
  )
}
