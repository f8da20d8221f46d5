import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'

import test from 'ava'
import { WebSocket } from 'ws'

import { ask, startPublishers, stranger, subscriber } from './support.ts'

const www = 'http://www.steppe-journals.example'
const api = 'http://api.steppe-journals.example'
const article = `${www}/article/10.5555/iamr.2026.0102`
const client = { origin: www, 'x-steppe-client': 'test' }

let port: number
let stop: () => Promise<unknown>

test.before(async () => {
  const publishers = await startPublishers()
  port = publishers.steppe
  stop = publishers.stop
})

test.after.always(() => stop())

for (const { url, headers, proof } of [
  { url: `${article}/full`, headers: {}, proof: 'older than any record of it' },
  { url: `${article}/pdf`, headers: {}, proof: '%PDF' },
  {
    url: `${api}/v1/articles/10.5555/iamr.2026.0102/fulltext`,
    headers: client,
    proof: 'older than any record of it',
  },
]) {
  test(`only the subscriber's address gets ${url}`, async (t) => {
    const licensed = await ask(port, url, { from: subscriber, headers })
    t.is(licensed.status, 200)
    t.true(licensed.body.includes(proof))

    const refused = await ask(port, url, { from: stranger, headers })
    t.is(refused.status, 403)
    t.true(refused.body.includes('Access provided only to subscribers'))
    t.false(refused.body.includes(proof))
  })
}

test('a header does not make a subscriber of a stranger', async (t) => {
  const headers = { 'x-forwarded-for': subscriber, forwarded: `for=${subscriber}` }
  const { status } = await ask(port, `${article}/full`, { from: stranger, headers })
  t.is(status, 403)
})

test('the abstract page is for everybody and carries Highwire tags', async (t) => {
  const { status, body } = await ask(port, article, { from: stranger })
  t.is(status, 200)
  const tags = [...body.toString().matchAll(/<meta name="(citation_\w+)"/g)].map(([, name]) => name)
  for (const name of ['title', 'author', 'doi', 'issn', 'pdf_url', 'journal_title']) {
    t.true(tags.includes(`citation_${name}`), name)
  }
})

test('the PDF has several pages and can be had in whole, in parts and not again', async (t) => {
  const whole = await ask(port, `${article}/pdf`)
  t.is(whole.headers['content-type'], 'application/pdf')
  t.true(Number(/\/Count (\d+)/.exec(whole.body.toString('latin1'))?.[1]) >= 4)
  t.regex(whole.body.subarray(-8).toString('latin1'), /%%EOF/)

  const part = await ask(port, `${article}/pdf`, { headers: { range: 'bytes=100-299' } })
  t.is(part.status, 206)
  t.is(part.headers['content-range'], `bytes 100-299/${whole.body.length}`)
  t.true(part.body.equals(whole.body.subarray(100, 300)))
  const tail = await ask(port, `${article}/pdf`, { headers: { range: 'bytes=-16' } })
  t.true(tail.body.equals(whole.body.subarray(-16)))
  const beyond = await ask(port, `${article}/pdf`, { headers: { range: 'bytes=99999999-' } })
  t.is(beyond.status, 416)

  const etag = whole.headers.etag ?? ''
  const unchanged = await ask(port, `${article}/pdf`, { headers: { 'if-none-match': etag } })
  t.is(unchanged.status, 304)
  t.is(unchanged.body.length, 0)
})

test('HEAD tells the length and sends nothing', async (t) => {
  const whole = await ask(port, `${article}/pdf`)
  const head = await ask(port, `${article}/pdf`, { method: 'HEAD' })
  t.is(head.headers['content-length'], String(whole.body.length))
  t.is(head.body.length, 0)
})

test('a first visit goes through the login host, which sets the domain cookies', async (t) => {
  const accept = { accept: 'text/html' }
  const first = await ask(port, `${article}?a=1`, { headers: accept })
  t.is(first.status, 302)
  const login = new URL(first.headers.location ?? '')
  t.is(login.host, 'login.steppe-journals.example')
  t.is(login.searchParams.get('return'), `${article}?a=1`)

  const second = await ask(port, login.href, { headers: accept })
  t.is(second.headers.location, `${article}?a=1&cookieSet=1`)
  const cookies = second.headers['set-cookie'] ?? []
  t.true(
    cookies.some((line) => /^sj_session=.+Domain=steppe-journals\.example.+HttpOnly/.test(line)),
  )
  const readable = cookies.find((line) => line.startsWith('sj_institution=')) ?? ''
  t.regex(decodeURIComponent(readable), /Ala-Too State University Library; Domain=steppe/)
  t.notRegex(readable, /HttpOnly/)
  t.true(cookies.some((line) => line.startsWith('sj_login_host=') && !line.includes('Domain')))

  const cookie = cookies.map((line) => line.split(';')[0]).join('; ')
  const third = await ask(port, `${article}?a=1`, { headers: { ...accept, cookie } })
  t.is(third.status, 200)
  const withoutCookies = await ask(port, second.headers.location ?? '', { headers: accept })
  t.is(withoutCookies.status, 200)
})

test('the login host returns to nobody but its own www', async (t) => {
  for (const target of ['http://evil.example/', `${www}.evil.example/`, 'javascript:alert(1)']) {
    const url = `http://login.steppe-journals.example/institution?return=${encodeURIComponent(target)}`
    const { status, headers } = await ask(port, url)
    t.is(status, 200)
    t.is(headers.location, undefined)
  }
})

test('the search API answers with absolute URLs and reads the domain cookie', async (t) => {
  const { body, headers } = await ask(port, `${api}/v1/search?q=kyrgyz&page=1`, {
    headers: { origin: www, cookie: 'sj_institution=A%20B' },
  })
  t.is(headers['access-control-allow-origin'], www)
  t.is(headers['access-control-allow-credentials'], 'true')
  const found = JSON.parse(body.toString())
  t.is(found.reader.institution, 'A B')
  t.true(found.total >= 2)
  for (const { url } of found.hits) t.true(url.startsWith(`${www}/article/`))
})

test('the search API shares with no other origin', async (t) => {
  const headers = { origin: 'http://evil.example' }
  const answer = await ask(port, `${api}/v1/search?q=snow`, { headers })
  t.is(answer.headers['access-control-allow-origin'], undefined)
})

test('a bookmark needs its preflighted header, a session and the right origin', async (t) => {
  const url = `${api}/v1/bookmarks/10.5555/iamr.2026.0103`
  const preflight = await ask(port, url, {
    method: 'OPTIONS',
    headers: { origin: www, 'access-control-request-method': 'PUT' },
  })
  t.is(preflight.status, 204)
  t.regex(preflight.headers['access-control-allow-headers'] ?? '', /x-steppe-client/)
  t.regex(preflight.headers['access-control-allow-methods'] ?? '', /PUT/)

  const put = (headers: Record<string, string>) => ask(port, url, { method: 'PUT', headers })
  const cookie = 'sj_session=reader-1'
  t.is((await put(client)).status, 401)
  t.is((await put({ origin: www, cookie })).status, 403)
  t.is((await put({ ...client, origin: 'http://evil.example', cookie })).status, 403)
  t.is((await put({ ...client, cookie })).body.toString(), '{"saved":1}')
  const list = await ask(port, `${api}/v1/bookmarks`, { headers: { origin: www, cookie } })
  t.deepEqual(JSON.parse(list.body.toString()).articles, [`${www}/article/10.5555/iamr.2026.0103`])
})

test('the WebSocket echoes and counts readers, for pages of www alone', async (t) => {
  const socket = open(www)
  const messages: string[] = []
  socket.on('message', (message: Buffer) => messages.push(message.toString()))
  await once(socket, 'open')
  socket.send('salam')
  while (messages.length < 2) await once(socket, 'message')
  t.deepEqual(messages, ['{"type":"readers","count":1}', '{"type":"echo","text":"salam"}'])

  const second = open(www)
  t.is(String((await once(socket, 'message'))[0]), '{"type":"readers","count":2}')
  second.terminate()
  t.is(String((await once(socket, 'message'))[0]), '{"type":"readers","count":1}')
  socket.terminate()

  const [error] = await once(open('http://evil.example'), 'error')
  t.regex(error.message, /403/)
})

test('pages are zipped on request and carry a policy that names their hosts', async (t) => {
  const plain = await ask(port, `${www}/about`)
  t.is(plain.headers['content-encoding'], undefined)
  t.regex(
    String(plain.headers['content-security-policy']),
    /connect-src 'self' http:\/\/api\.steppe-journals\.example ws:/,
  )
  const zipped = await ask(port, `${www}/about`, { headers: { 'accept-encoding': 'gzip, br' } })
  t.is(zipped.headers['content-encoding'], 'gzip')
  t.regex(gunzipSync(zipped.body).toString(), /About Steppe Journals/)
})

test('every picture, style and script that pages name is there', async (t) => {
  const seen = new Set<string>()
  for (const url of [`${www}/`, `${www}/journals/sll`, `${article}/full`, `${www}/search?q=x`]) {
    const { body } = await ask(port, url)
    const found = body.toString().matchAll(/(?:http:)?\/\/static\.steppe-journals\.example[^\s"]*/g)
    for (const [link] of found) seen.add(link.replace(/^\/\//, 'http://'))
  }
  t.true(seen.size >= 10)
  for (const link of seen) t.is((await ask(port, link)).status, 200, link)
})

test('what does not exist is 404, an unknown host 421, and the bare domain leads to www', async (t) => {
  t.is((await ask(port, `${www}/article/10.5555/none`)).status, 404)
  t.is((await ask(port, `${www}/constructor`)).status, 404)
  t.is((await ask(port, 'http://www.other.example/')).status, 421)
  const apex = await ask(port, 'http://steppe-journals.example/about?a=1')
  t.is(apex.status, 301)
  t.is(apex.headers.location, `${www}/about?a=1`)
})

test('a query cannot put markup into a page', async (t) => {
  const { body } = await ask(port, `${www}/search?q=${encodeURIComponent('"><script>x</script>')}`)
  t.false(body.includes('<script>x'))
})

function open(origin: string): WebSocket {
  const headers = { host: 'api.steppe-journals.example' }
  return new WebSocket(`ws://127.0.0.1:${port}/v1/live?page=/x`, { origin, headers })
}
