'use client'

import { usePathname, useRouter } from 'next/navigation'
import Script from 'next/script'
import { useEffect, useState } from 'react'

/**
 * Where the reader is, and what the host of the data says of it: asked when the script that writes a
 * cookie for that host too has run, so that the question always comes with it.
 */
export function Place({ api }) {
  const pathname = usePathname()
  const router = useRouter()
  const [told, tell] = useState('')
  const [isReady, setReady] = useState(false)
  useEffect(() => {
    if (!isReady) return
    const isCurrent = { value: true }
    document.cookie = `seen=${encodeURIComponent(pathname)}; Path=/; Secure; Max-Age=600`
    void fetch(`${api}?of=${pathname}`, {
      credentials: 'include',
      headers: { 'x-page': location.href },
    })
      .then((answer) => answer.json())
      .then(
        ({ self, edition }) =>
          isCurrent.value && tell(`${new URL(self).searchParams.get('of')} in ${edition}`),
      )
    return () => void (isCurrent.value = false)
  }, [api, isReady, pathname])
  return (
    <footer>
      <output>{told}</output>
      <button onClick={() => router.push('https://www.paper.test/articles/2?by=router')}>
        Two
      </button>
      <button
        onClick={() => history.pushState(null, '', 'https://www.paper.test/articles/2?by=hand')}
      >
        By hand
      </button>
      <Script
        src="https://static.paper.test/extra.js"
        crossOrigin="anonymous"
        onReady={() => setReady(true)}
      />
    </footer>
  )
}
