import { NextResponse } from 'next/server'

/** Every page tells the whole domain which edition is read. */
export function proxy(request) {
  const answer = NextResponse.next()
  if (!request.cookies.has('edition')) {
    answer.cookies.set('edition', 'ky', { domain: 'paper.test', secure: true, sameSite: 'none' })
  }
  answer.headers.append('link', '<https://static.paper.test>; rel=preconnect; crossorigin')
  return answer
}

export const config = { matcher: ['/', '/articles/:path*', '/save'] }
