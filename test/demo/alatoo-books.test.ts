import test from 'ava'

import { ask, startPublishers, stranger, subscriber } from './support.ts'

const www = 'http://www.alatoo-books.example'
const api = 'http://api.alatoo-books.example'
const chapter = `${www}/book/gory-i-voda/chapter/1`

let port: number
let stop: () => Promise<unknown>

test.before(async () => {
  const publishers = await startPublishers()
  port = publishers.alatoo
  stop = publishers.stop
})

test.after.always(() => stop())

test('a Russian chapter is windows-1251, for the subscriber alone', async (t) => {
  const licensed = await ask(port, chapter, { from: subscriber })
  t.is(licensed.status, 200)
  t.is(licensed.headers['content-type'], 'text/html; charset=windows-1251')
  const text = new TextDecoder('windows-1251').decode(licensed.body)
  t.regex(text, /Летом горная река живёт по своим часам/)
  t.regex(text, /К&#1199;н|&#1199;/)

  const refused = await ask(port, chapter, { from: stranger })
  t.is(refused.status, 403)
  t.regex(refused.body.toString(), /Access provided only to subscribers/)
  t.notRegex(refused.body.toString(), /Летом горная река/)
})

test('the place in a book is kept in a host-only cookie', async (t) => {
  const { headers } = await ask(port, chapter)
  const [cookie = ''] = headers['set-cookie'] ?? []
  t.regex(cookie, /^alatoo_place_gory-i-voda=1; Path=\/book\/gory-i-voda;/)
  t.notRegex(cookie, /Domain/i)
  const book = await ask(port, `${www}/book/gory-i-voda`, {
    headers: { cookie: cookie.split(';')[0] ?? '' },
  })
  t.regex(book.body.toString(), /Продолжить чтение \(1\)/)
})

test('the colours that a script chose reach the page and the API', async (t) => {
  const headers = { cookie: 'alatoo_theme=night', origin: www }
  t.regex((await ask(port, chapter, { headers })).body.toString('latin1'), /data-theme="night"/)
  const { body } = await ask(port, `${api}/catalogue?q=`, { headers })
  t.is(JSON.parse(body.toString()).theme, 'night')
  const odd = await ask(port, chapter, { headers: { cookie: 'alatoo_theme="><b>' } })
  t.regex(odd.body.toString('latin1'), /data-theme="day"/)
})

test('a bookmark is taken for a page of www, as the publisher knows it', async (t) => {
  t.is((await note(chapter)).status, 201)
  t.is((await note(chapter, 'http://evil.example')).status, 403)
  t.is((await note('http://www-alatoo--books-example.proxy.localhost/x')).status, 422)
  t.is((await note('not a url')).status, 422)
})

test('the PDF of an English book is a stable file of several pages', async (t) => {
  const url = `${www}/book/counting-readers/pdf`
  const { body, headers } = await ask(port, url)
  t.is(body.subarray(0, 5).toString(), '%PDF-')
  t.true(Number(/\/Count (\d+)/.exec(body.toString('latin1'))?.[1]) >= 2)
  t.regex(String(headers['content-disposition']), /^attachment/)
  t.is((await ask(port, url, { from: stranger })).status, 403)
})

test('every cover, style and script that pages name is there, on the other domain', async (t) => {
  const seen = new Set<string>()
  for (const page of ['/', '/?page=2', '/book/kyrgyz-tili']) {
    const { body } = await ask(port, www + page)
    const found = body.toString().matchAll(/\/\/cdn\.alatoo-content\.example[^\s"]*/g)
    for (const [link] of found) seen.add(`http:${link}`)
  }
  t.true(seen.size >= 12)
  for (const link of seen) t.is((await ask(port, link)).status, 200, link)
})

test('a search with one exact hit leads to the book', async (t) => {
  const { status, headers } = await ask(port, `${www}/search?q=Counting+Readers`)
  t.is(status, 302)
  t.is(headers.location, `${www}/book/counting-readers`)
})

function note(page: string, origin = www) {
  return ask(port, `${api}/notes`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json' },
    body: JSON.stringify({ page }),
  })
}
