/**
 * A publisher that asks for consent with a library from npm, as nearly all do: its cookie is meant for
 * the whole domain, which a script works out; the words come from a sister host; scripts wait for
 * their category. Consent given on one host must hold on the next.
 * @module
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import test from 'ava'

import { openStage, scriptCookies, type Visit } from './differential.ts'

const www = 'https://www.archive.test'
const books = 'https://books.archive.test'
const cdn = 'https://cdn.archive.test'

const dist = dirname(createRequire(import.meta.url).resolve('vanilla-cookieconsent'))
const read = (name: string) => readFileSync(join(dist, name), 'utf8')

function pageOf(name: string, other: string): string {
  return `<!doctype html>
<html lang="ky">
  <head>
    <meta charset="utf-8">
    <title>${name}</title>
    <link rel="icon" href="data:,">
    <link rel="preconnect" href="${cdn}" crossorigin>
    <link rel="stylesheet" href="${cdn}/consent.css">
    <script defer src="${cdn}/consent.js"></script>
    <script defer src="${cdn}/setup.js"></script>
    <script type="text/plain" data-category="analytics" src="${cdn}/count.js"></script>
    <script type="text/plain" data-category="analytics">
      document.documentElement.dataset.inline = 'unblocked on ${name}'
    </script>
    <script type="text/plain" data-category="ads">document.documentElement.dataset.ads = 'on'</script>
  </head>
  <body>
    <h1>${name}</h1>
    <a href="${other}/">the other host</a>
    <button data-cc="show-preferencesModal">Settings</button>
  </body>
</html>`
}

/** As consent scripts do it: the widest domain that takes a cookie is the publisher's. */
const setup = `
function widestDomain() {
  const labels = location.hostname.split('.')
  for (let count = 2; count <= labels.length; count++) {
    const domain = labels.slice(-count).join('.')
    document.cookie = 'probe=1; Path=/; Secure; Domain=' + domain
    if (/(^|; )probe=1/.test(document.cookie)) {
      document.cookie = 'probe=; Path=/; Secure; Max-Age=0; Domain=' + domain
      return domain
    }
  }
}
const root = document.documentElement.dataset
// A driven browser counts as a robot.
CookieConsent.run({
  hideFromBots: false,
  cookie: { domain: widestDomain(), name: 'cc_cookie', expiresAfterDays: 30 },
  categories: {
    necessary: { enabled: true, readOnly: true },
    analytics: { autoClear: { cookies: [{ name: /^_count/ }] } },
    ads: {},
  },
  language: {
    default: 'en',
    autoDetect: 'document',
    translations: { en: '${cdn}/en.json', ky: '${cdn}/ky.json' },
  },
  onConsent: ({ cookie }) => { root.consent = cookie.categories.join() },
  onChange: ({ changedCategories }) => { root.changed = changedCategories.join() },
  onModalShow: ({ modalName }) => { root.modal = modalName },
}).then(() => { root.ready = 'yes' })
`

/** Counts readers with a cookie of its own, for the whole domain. */
const count = `
document.cookie = '_count=' + (Number(/_count=(\\d+)/.exec(document.cookie)?.[1] ?? 0) + 1) +
  '; Path=/; Domain=.archive.test; Secure; SameSite=None; Max-Age=86400'
window.count = async () => {
  const body = new URLSearchParams({ page: location.href })
  const answer = await fetch('${cdn}/hit', { method: 'POST', credentials: 'include', body })
  return answer.text()
}
`

const words = JSON.stringify({
  consentModal: {
    title: 'Кукилер',
    description: `Биз кукилерди колдонобуз. <a href="${www}/privacy">Купуялык</a>`,
    acceptAllBtn: 'Баарын кабыл алуу',
    acceptNecessaryBtn: 'Жок',
    showPreferencesBtn: 'Тандоо',
  },
  preferencesModal: {
    title: 'Тандоо',
    acceptAllBtn: 'Баары',
    acceptNecessaryBtn: 'Жок',
    savePreferencesBtn: 'Сактоо',
    closeIconLabel: 'Жабуу',
    sections: [
      { title: 'Керектүү', linkedCategory: 'necessary' },
      { title: 'Санак', linkedCategory: 'analytics' },
      { title: 'Жарнама', linkedCategory: 'ads' },
    ],
  },
})

type Answer = readonly [type: string, body: string]

const answers: Readonly<Record<string, Answer>> = {
  'www.archive.test/': ['text/html', pageOf('www', books)],
  'books.archive.test/': ['text/html', pageOf('books', www)],
  'cdn.archive.test/consent.css': ['text/css', read('cookieconsent.css')],
  'cdn.archive.test/consent.js': ['text/javascript', read('cookieconsent.umd.js')],
  'cdn.archive.test/setup.js': ['text/javascript', setup],
  'cdn.archive.test/count.js': ['text/javascript', count],
  'cdn.archive.test/ky.json': ['application/json', words],
}

const stage = await openStage(test, {
  domain: 'archive.test',
  names: ['www', 'books', 'cdn'],
  start: `${www}/`,
  answering: {
    listener({ headers, url, method }, response) {
      const { origin } = headers
      const cors = origin !== undefined && {
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        vary: 'origin',
      }
      if (method === 'POST') {
        const said = /(?:^|; )_count=(\d+)/.exec(headers.cookie ?? '')?.[1]
        response.writeHead(200, { ...cors, 'content-type': 'text/plain' }).end(`${said} pages`)
        return
      }
      const [type, body] = answers[`${headers.host}${url}`] ?? ['text/plain', '']
      response.writeHead(body === '' ? 404 : 200, {
        ...cors,
        'content-type': `${type}; charset=utf-8`,
      })
      response.end(body)
    },
  },
})

stage.scenario('consent given on one host holds on its sisters', {
  steady,
  async visit(visit) {
    const { page, open } = visit
    await open(`${www}/`)
    await page.locator('#cc-main .cm').waitFor()
    const asked = await page.innerText('#cc-main .cm__desc')
    const privacy = await page.getAttribute('#cc-main .cm__desc a', 'href')
    const before = await stateOf(visit)
    await page.click('#cc-main [data-role=all]')
    await page.waitForFunction('window.count')
    const accepted = await stateOf(visit)

    await page.click('a')
    await page.waitForFunction('window.count')
    await page.locator('[data-ready]').waitFor({ state: 'attached' })
    const onSister = await stateOf(visit)

    await page.click('[data-cc]')
    await page.click('#cc-main .pm__btn[data-role=necessary]')
    await page.locator('[data-changed]').waitFor({ state: 'attached' })
    const refused = await stateOf(visit)
    await open(`${www}/`)
    await page.locator('[data-ready]').waitFor({ state: 'attached' })
    return { asked, privacy, before, accepted, onSister, refused, back: await stateOf(visit) }
  },
  check(t, { asked, before, accepted, onSister, refused, back }) {
    t.is(asked, 'Биз кукилерди колдонобуз. Купуялык')
    t.deepEqual(before.cookies, [''])
    t.is(before.data['modal'], 'consentModal')
    t.regex(accepted.cookies.join(), /^_count=1,cc_cookie=/)
    t.is(accepted.data['inline'], 'unblocked on www')
    t.is(onSister.data['modal'], undefined)
    t.is(onSister.counted, '2 pages')
    t.deepEqual(
      refused.cookies.map((pair) => pair.replace(/=.*/, '')),
      ['cc_cookie'],
    )
    t.is(back.data['modal'], undefined)
    t.is(back.data['consent'], 'necessary')
  },
})

/** What a reader and a script see of it. */
async function stateOf({ page, quiet }: Visit) {
  // A cookie for the whole domain is told to the gateway by a request of its own.
  await quiet()
  const counted = await page.evaluate('window.count?.()')
  const data = await page.evaluate<Record<string, string>>(
    '({ ...document.documentElement.dataset })',
  )
  const cookies = await scriptCookies(page)
  return { data, counted, cookies: cookies.map((pair) => steady(pair)) }
}

/** Without the moment of consent, and without what was asked while its cookie was on the way. */
function steady(line: string): string {
  const told = /^heard: GET \S+\/count\.js /.test(line)
    ? line.replace(/ cookie: [^|]*\|/, '')
    : line
  return told.replaceAll(/(?<=Timestamp|expirationTime)(?:"|%22)[^,}]*?(?=,|}|%2C|%7D)/g, '')
}
