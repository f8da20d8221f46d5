/**
 * `login` of Steppe Journals: recognises a subscriber by address, sets cookies for the whole
 * domain, one of which scripts read, and sends the reader back to where they came from.
 * @module
 */
import { randomToken } from '../../core/clock.ts'
import { html } from '../markup.ts'
import type { PublisherRoute } from '../publisher.ts'
import { redirect } from '../reply.ts'
import type { Reply } from '../reply.ts'
import type { Visit } from '../visit.ts'
import { cookieNames, domain, origins, subscriber } from './hosts.ts'
import { framed } from './layout.ts'

/** The login host. */
export const loginRoutes: readonly PublisherRoute[] = [
  { methods: ['GET'], path: /^\/institution$/, answer: recognise },
  { methods: ['GET'], path: /^\/(?:leave)?$/, answer: leave },
]

function recognise(visit: Visit): Reply {
  const institution = visit.isLicensed ? subscriber : ''
  const cookies = [
    `${cookieNames.session}=${visit.cookies.get(cookieNames.session) ?? randomToken()}; Domain=${domain}; Path=/; HttpOnly; SameSite=Lax`,
    `${cookieNames.institution}=${encodeURIComponent(institution)}; Domain=${domain}; Path=/; SameSite=Lax`,
    // Host-only: nothing but the login host ever needs it.
    `sj_login_host=1; Path=/; HttpOnly; SameSite=Lax`,
  ]
  const target = ownUrl(visit.url.searchParams.get('return'))
  if (!target) return withCookies(institutionPage(institution), cookies)
  target.searchParams.set('cookieSet', '1')
  return redirect(target.href, { 'set-cookie': cookies, 'cache-control': 'no-store' })
}

function leave(): Reply {
  const past = 'Thu, 01 Jan 1970 00:00:00 GMT'
  const cookies = [cookieNames.session, cookieNames.institution].map(
    (name) => `${name}=; Domain=.${domain}; Path=/; Expires=${past}`,
  )
  return redirect(`${origins.www}/about`, { 'set-cookie': cookies })
}

/** Only our own `www` is returned to: an open redirect would help phishers. */
function ownUrl(text: string | null): URL | undefined {
  const url = URL.parse(text ?? '')
  return url?.origin === origins.www ? url : undefined
}

function institutionPage(institution: string): Reply {
  return framed({
    title: 'Institutional access',
    path: '/institution',
    body: html`<section class="wrap narrow">
      <h1>Institutional access</h1>
      ${
        institution === ''
          ? html`<p class="lead">Your network address belongs to none of our subscribers.</p>
              <p>Please come through the gateway of your library.</p>`
          : html`<p class="lead">Recognised: <strong>${institution}</strong>.</p>
              <p><a href="${origins.www}/">Read on</a> · <a href="/leave">Forget me</a></p>`
      }
    </section>`,
  })
}

function withCookies(reply: Reply, cookies: readonly string[]): Reply {
  return { ...reply, headers: { ...reply.headers, 'set-cookie': [...cookies] } }
}
