/**
 * What pages do that the shim has to see to. Scripts have `report`, `wait`, `event` and the origins
 * `www` (the page's own), `daily` (of the same site) and `acs` (of another), put together at run time.
 * @module
 */
import type { Answer } from '../support/press-run.ts'

/** A page's script and what it needs of the publishers. */
export interface ShimCase {
  readonly title: string
  readonly script: string
  /** Part of a report or request that comes last. */
  readonly until: string
  /** What is compared; all where it is not said. */
  readonly compares?: 'reports'
  /** Of the page. */
  readonly headers?: Readonly<Record<string, string>>
  readonly head?: string
  /** Of the page's script element. */
  readonly attributes?: string
  /** By path. */
  readonly answers?: Readonly<Record<string, Answer>>
}

/** A case with what is seen through the gateway. */
export interface UnlikeCase extends ShimCase {
  readonly reports: readonly string[]
}

const html = (body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  headers: { 'Content-Type': 'text/html', ...headers },
  body: `<!doctype html><html><head><title>t</title></head><body>${body}</body></html>`,
})
const javascript = (body: string): Answer => ({
  headers: { 'Content-Type': 'text/javascript' },
  body,
})
/** Cookies of the page's host and of its domain. */
const cookies = `document.cookie = 'own=1; Path=/'
document.cookie = 'wide=1; Domain=.jstor.org; Path=/; Secure'
await wait(150)
`
const done = `await wait(50); report('done')`

/** [element, attribute, value]: set by property, attribute and namespace. */
const properties = [
  ['script', 'src'],
  ['img', 'src'],
  ['iframe', 'src'],
  ['embed', 'src'],
  ['source', 'src'],
  ['track', 'src'],
  ['audio', 'src'],
  ['video', 'poster'],
  ['input', 'src'],
  ['a', 'href'],
  ['area', 'href'],
  ['link', 'href'],
  ['base', 'href'],
  ['form', 'action'],
  ['button', 'formAction'],
  ['object', 'data'],
  ['img', 'srcset'],
  ['link', 'imageSrcset'],
  ['a', 'ping'],
] as const

const workerBody = `onmessage = async () => {
  const base = ['https:', '', ['www', 'jstor', 'org'].join('.')].join('/')
  let isStrict = false
  try { undeclared = 1 } catch { isStrict = true }
  const answer = await fetch(base + '/of-worker')
  postMessage([answer.status, isStrict, typeof window].join())
}
`
const useWorker = `worker.onmessage = ({ data }) => report('told ' + data)
worker.onerror = ({ message }) => report('worker failed ' + message)
worker.postMessage(1)`

/** Seen alike on both ways. */
export const alikeCases: readonly ShimCase[] = [
  {
    title: 'fetch maps, and sends the cookies that it sends directly',
    script: `${cookies}
for (const origin of [www, daily, acs]) {
  for (const credentials of [undefined, 'omit', 'same-origin', 'include']) {
    const { ok } = await fetch(origin + '/f-' + credentials, credentials && { credentials })
    report(ok)
  }
}
await fetch(new URL(daily + '/url'))
await fetch(new Request(daily + '/request', { credentials: 'include' }))
await fetch(new Request(acs + '/request-omit'))
await fetch(daily + '/post', { method: 'POST', body: new URLSearchParams('a=b') })
const put = await fetch(daily + '/put', { method: 'PUT', body: '{}', headers: { 'Content-Type': 'application/json', 'X-Own': '1' } })
report(put.status)
await fetch('/own', { credentials: 'omit' })
${done}`,
    until: 'done',
  },
  {
    title: 'XMLHttpRequest maps, and sends the cookies that it sends directly',
    script: `${cookies}
for (const [method, origin, isWith, header] of [
  ['GET', www, false], ['GET', daily, false], ['GET', daily, true], ['PUT', daily, false],
  ['POST', acs, false, 'X-Own'], ['GET', acs, true],
]) {
  const asking = new XMLHttpRequest()
  asking.open(method, origin + '/x')
  asking.withCredentials = isWith
  if (header) asking.setRequestHeader(header, '1')
  asking.send()
  await event(asking, 'loadend')
  report(asking.status)
}
${done}`,
    until: 'done',
  },
  {
    title: 'beacons, sockets, events and pictures map',
    script: `navigator.sendBeacon(daily + '/beacon', 'x')
const socket = new WebSocket(daily.replace('http', 'ws') + '/socket')
report((await event(socket, 'message')).data)
const events = new EventSource(daily + '/events', { withCredentials: true })
report((await event(events, 'message')).data)
events.close()
const picture = new Image()
picture.src = daily + '/picture'
await event(picture, 'error')
await event(new Audio(daily + '/sound'), 'error')
${done}`,
    until: 'done',
    answers: {
      '/socket': { body: 'hello' },
      '/events': {
        headers: { 'Content-Type': 'text/event-stream' },
        body: 'data: first\n\n',
        isEndless: true,
      },
    },
  },
  ...(['property', 'setAttribute', 'setAttributeNS'] as const).map((way): ShimCase => ({
    title: `addresses of elements map by ${way}`,
    compares: 'reports',
    script: `
for (const [name, property] of ${JSON.stringify(properties)}) {
  const element = document.createElement(name)
  const attribute = property.toLowerCase()
  const value = /srcset/.test(attribute) ? daily + '/1 1x, ' + acs + '/2 2x' : daily + '/e'
  ${
    {
      property: 'element[property] = value',
      setAttribute: 'element.setAttribute(attribute, value)',
      setAttributeNS: 'element.setAttributeNS(null, attribute, value)',
    }[way]
  }
  const wrong = /https:\\/\\/(?!daily-jstor-org\\.|pubs-acs-org\\.|daily\\.|pubs\\.)/
  report(name + ' ' + attribute + ' ' + wrong.test(element.getAttribute(attribute)) + ' ' + element.getAttribute(attribute))
}
const image = document.createElementNS('http://www.w3.org/2000/svg', 'image')
image.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', daily + '/svg')
report(image.href.baseVal)
image.href.baseVal = acs + '/svg'
report(image.href.baseVal)
${done}`,
    until: 'done',
  })),
  {
    title: 'markup maps wherever it is written',
    script: `const markup = (n) => \`<p title="a>b" data-n=\${n}><a class=x href="\${daily}/\${n}">x</a><img srcset='\${daily}/s\${n} 1x'></p>\`
const box = document.createElement('div')
document.body.append(box)
box.innerHTML = markup(1)
const first = box.querySelector('img')
box.insertAdjacentHTML('beforeend', markup(2))
box.firstChild.outerHTML = markup(3)
box.append(document.createRange().createContextualFragment(markup(4)))
box.setHTMLUnsafe?.(box.innerHTML + markup(5))
const root = document.createElement('div').attachShadow({ mode: 'open' })
root.innerHTML = markup(7)
report(box.innerHTML)
report(root.innerHTML)
report(new DOMParser().parseFromString('<x href="https://evil.example/a"/>', 'text/xml').documentElement.outerHTML)
for (const image of [first, ...box.querySelectorAll('img'), ...root.querySelectorAll('img')]) {
  if (!image.complete) await event(image, 'error')
}
${done}`,
    until: 'done',
  },
  {
    title: 'document.write maps, whole tags and parts of them',
    script: `document.write('<a id=whole href="' + daily + '/w">w</a>')
document.write('<a id=part href="' + daily.slice(0, 12)); document.write(daily.slice(12) + '/p">p</a>')
await wait(50)
report(document.getElementById('whole').href)
report(document.getElementById('part').href)
${done}`,
    until: 'done',
  },
  {
    title: 'styles map wherever they are written',
    script: `const box = document.createElement('div')
document.body.append(box)
box.textContent = 'x'
box.style.backgroundImage = 'url(' + daily + '/css-property)'
box.style.setProperty('list-style-image', 'url("' + daily + '/css-set")')
const other = document.createElement('p')
other.style.cssText = 'background: url(' + acs + '/css-text)'
other.textContent = 'x'
document.body.append(other)
const sheet = document.createElement('style')
sheet.textContent = 'h1 { background: url(' + daily + '/css-sheet) }'
document.head.append(sheet)
sheet.sheet.insertRule('h2 { background: url(' + daily + '/css-rule) }')
const built = new CSSStyleSheet()
built.replaceSync('h3 { background: url(' + daily + '/css-built) }')
document.adoptedStyleSheets = [built]
for (const name of ['h1', 'h2', 'h3']) document.body.append(Object.assign(document.createElement(name), { textContent: name }))
await new FontFace('x', 'url(' + daily + '/font.woff2)').load().catch(() => {})
await wait(300)
${done}`,
    until: 'done',
  },
  {
    title: 'the history takes absolute addresses of the page itself',
    script: `history.pushState({}, '', www + '/pushed?a=1')
report(location.pathname + location.search)
history.replaceState({}, '', new URL(www + '/replaced'))
report(location.pathname)
try { history.pushState({}, '', acs + '/other'); report('went') } catch (error) { report(error.name) }
${done}`,
    until: 'done',
  },
  ...[
    ['location.href', `location.href = daily + '/gone'`],
    ['location.assign', `location.assign(daily + '/gone')`],
    ['location.replace', `location.replace(daily + '/gone')`],
    ['location itself', `window.location = daily + '/gone'`],
    [
      'a refresh in a meta element',
      `document.head.insertAdjacentHTML('beforeend', '<meta http-equiv=refresh content="0; url=' + daily + '/gone">')`,
    ],
    [
      'a click on a link',
      `const a = document.createElement('a'); a.href = daily + '/gone'; document.body.append(a); a.click()`,
    ],
    [
      'a form that is sent',
      `const f = document.createElement('form'); f.action = daily + '/gone'; document.body.append(f); f.submit()`,
    ],
    [
      'a form that is posted',
      `const f = document.createElement('form'); f.method = 'post'; f.action = daily + '/gone'; document.body.append(f); f.requestSubmit()`,
    ],
    [
      'a form whose button has the address',
      `document.body.innerHTML = '<form action="/no"><button formaction="' + daily + '/gone">'; document.querySelector('button').click()`,
    ],
    ['a window that is opened', `window.open(daily + '/gone')`],
    [
      'a frame that is sent on later',
      `const f = document.createElement('iframe'); f.src = '/inner'; document.body.append(f); await event(f, 'load'); f.contentWindow.location.replace(daily + '/gone')`,
    ],
  ].map(([title = '', script = '']): ShimCase => ({
    title: `${title} leads where it leads directly`,
    script,
    until: '/gone',
    answers: { '/gone': html('') },
  })),
  {
    title: 'cookies that a script sets for the domain reach the sister hosts',
    script: `${cookies}
report(document.cookie.split('; ').sort())
document.cookie = 'short=1; Domain=jstor.org; Path=/; Max-Age=0'
document.cookie = 'gone=1; domain=.jstor.org; Path=/'
document.cookie = 'gone=; DOMAIN=.jstor.org; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT'
document.cookie = 'deep=1; Domain=jstor.org; Path=/deep'
const site = location.hostname.split('.').slice(-2).join('.')
document.cookie = 'site=1; Domain=' + site + '; Path=/'
document.cookie = 'host=1; Domain=' + location.hostname + '; Path=/'
document.cookie = 'loud=1; DOMAIN= .JSTOR.ORG ; Path=/'
document.cookie = 'nobody=1; Domain=; Path=/'
for (const domain of ['other.test', 'xjstor.org', 'stor.org', 'org', 'daily.jstor.org', 'pubs.acs.org']) {
  document.cookie = 'foreign=1; Path=/; Domain=' + domain
  report(document.cookie.includes('foreign'))
}
await wait(300)
await fetch('/echo')
location.href = daily + '/deep/page'`,
    until: 'sister',
    answers: {
      '/deep/page': html(
        `<script>console.log('report:sister ' + document.cookie.split('; ').sort())</script>`,
      ),
    },
  },
  {
    title: 'what is asked of a sister host in the same turn has them too',
    script: `await fetch(daily + '/before')
for (const turn of ['one', 'two', 'three', 'four', 'five']) {
  document.cookie = turn + '=1; Domain=.jstor.org; Path=/; Secure; SameSite=None'
  document.cookie = 'last=' + turn + '; Domain=.jstor.org; Path=/; Secure; SameSite=None'
  const options = { credentials: 'include', method: 'POST', body: 'a=b' }
  const asked = [
    fetch(daily + '/' + turn, options),
    fetch(new Request(daily + '/again', { credentials: 'include' })),
  ]
  options.method = 'PUT'
  report((await Promise.all(asked)).map(({ ok }) => ok))
}
report(await fetch(daily + '/wrong', { body: 'of a GET' }).catch(({ name }) => name))
${done}`,
    until: 'done',
  },
  {
    title: 'a host with a port has a domain as well',
    script: `location.href = at('e lanbook com:8443', '/port')`,
    until: 'took',
    answers: {
      '/port': html(`<script>document.cookie = 'wide=1; Domain=lanbook.com; Path=/; Secure'
document.cookie = 'foreign=1; Domain=book.com; Path=/; Secure'
console.log('report:took ' + document.cookie)</script>`),
    },
  },
  {
    title: 'the cookie store does the same',
    script: `await cookieStore.set({ name: 'stored', value: '1', domain: 'jstor.org' })
await cookieStore.set({ name: 'dated', value: '2', domain: 'jstor.org', expires: Date.now() + 1e7 })
await cookieStore.set({ name: 'left', value: '3', domain: 'jstor.org' })
await cookieStore.delete({ name: 'left', domain: 'jstor.org' })
await cookieStore.set('plain', '4')
await cookieStore.set({ name: 'foreign', value: '5', domain: 'other.test' }).catch(({ name }) => report(name))
report((await cookieStore.getAll()).map(({ name, value }) => name + value).sort())
await wait(300)
location.href = daily + '/page'`,
    until: 'sister',
    answers: {
      '/page': html(
        `<script>console.log('report:sister ' + document.cookie.split('; ').sort())</script>`,
      ),
    },
  },
  {
    title: 'messages reach a frame of another host, and come back from whom they went to',
    script: `const frame = document.createElement('iframe')
frame.src = acs + '/frame'
document.body.append(frame)
await event(frame, 'load')
frame.contentWindow.postMessage('one', acs)
const first = await event(window, 'message')
report(first.data + ' ' + (first.source === frame.contentWindow) + ' ' + (first.origin === new URL(frame.src).origin))
first.source.postMessage('two', { targetOrigin: acs })
report((await event(window, 'message')).data)
frame.contentWindow.postMessage('lost', www)
frame.contentWindow.postMessage('three', '*')
report((await event(window, 'message')).data)
report([frame.contentWindow.closed, frame.contentWindow.length, frame.contentWindow.parent === window])
try { frame.contentWindow.document; report('read') } catch (error) { report(error.name) }
${done}`,
    until: 'done',
    answers: {
      '/frame': html(
        `<script>addEventListener('message', (event) => event.source.postMessage(event.data + ' back', event.origin))</script>`,
      ),
    },
  },
  {
    title: "messages between windows of the page's own host name their sender",
    script: `const frame = document.createElement('iframe')
frame.src = '/frame'
document.body.append(frame)
await event(frame, 'load')
frame.contentWindow.postMessage('one', '*')
const { data, source } = await event(window, 'message')
report(data + ' ' + (source === frame.contentWindow) + ' ' + (source === frames[0]))
postMessage('self', location.origin)
report((await event(window, 'message')).source === window)
${done}`,
    until: 'done',
    answers: {
      '/frame': html(
        `<script>addEventListener('message', (event) => parent.postMessage(event.data + (event.source === parent), '*'))</script>`,
      ),
    },
  },
  {
    title: 'messages of a window to itself',
    script: `postMessage('mine', www)
report((await event(window, 'message')).data)
const moved = new ArrayBuffer(8)
postMessage(moved, www, [moved])
report((await event(window, 'message')).data.byteLength + ' ' + moved.byteLength)
try { postMessage('x', 'no origin') } catch (error) { report(error.name) }
${done}`,
    until: 'done',
  },
  ...[
    ['a classic worker', `new Worker('/w.js')`, workerBody],
    [
      'a strict worker',
      `new Worker('/w.js')`,
      `/* licence */\n// more\n'use strict'\n${workerBody}`,
    ],
    [
      'a worker behind a hashbang',
      `new Worker('/w.js')`,
      `#!/usr/bin/env x\n'use strict';${workerBody}`,
    ],
    [
      'a module worker',
      `new Worker('/w.js', { type: 'module' })`,
      `import './dep.js'\n${workerBody}`,
    ],
    [
      'a worker from a blob',
      `new Worker(URL.createObjectURL(new Blob([${JSON.stringify(workerBody)}])))`,
      '',
    ],
    [
      'a module worker from a blob',
      `new Worker(URL.createObjectURL(new Blob([${JSON.stringify(workerBody)}], { type: 'text/javascript' })), { type: 'module' })`,
      '',
    ],
  ].map(([title = '', made = '', body = '']): ShimCase => ({
    title: `${title} maps as well`,
    script: `const worker = ${made}\n${useWorker}`,
    until: 'told',
    answers: { '/w.js': javascript(body), '/dep.js': javascript('globalThis.dep = 1') },
  })),
  {
    title: 'a worker imports, and a shared worker answers',
    script: `const worker = new Worker('/w.js')
worker.onmessage = ({ data }) => report('worker ' + data)
worker.onerror = ({ message }) => report('failed ' + message)
worker.postMessage(1)
await event(worker, 'message')
const shared = new SharedWorker('/s.js')
shared.port.start()
report((await event(shared.port, 'message')).data)
${done}`,
    until: 'done',
    answers: {
      '/w.js':
        javascript(`importScripts(['https:', '', ['daily', 'jstor', 'org'].join('.')].join('/') + '/lib.js')
onmessage = () => postMessage(lib)`),
      '/lib.js': javascript('var lib = 7'),
      '/s.js': javascript(`onconnect = async ({ ports }) => {
  const { status } = await fetch(['https:', '', ['www', 'jstor', 'org'].join('.')].join('/') + '/of-shared')
  ports[0].postMessage(status) }`),
    },
  },
  {
    title: 'frames without an address of their own map as well',
    script: `const blank = document.createElement('iframe')
document.body.append(blank)
report((await blank.contentWindow.fetch(daily + '/of-blank')).ok)
blank.contentDocument.body.innerHTML = '<img src="' + daily + '/blank-picture">'
const written = document.createElement('iframe')
document.body.append(written)
written.contentDocument.write('<body><script>fetch(["https:", "", "daily.jstor" + ".org/of-written"].join("/"))<\\/script>')
written.contentDocument.close()
const inner = document.createElement('iframe')
inner.srcdoc = '<body><script>fetch(["https:", "", "daily.jstor" + ".org/of-srcdoc"].join("/"))<\\/script>'
document.body.append(inner)
const own = document.createElement('iframe')
own.src = '/frame'
document.body.append(own)
report(typeof own.contentWindow.fetch)
await event(own, 'load')
own.contentDocument.body.innerHTML = '<a href="' + daily + '/late">'
report(own.contentDocument.querySelector('a').href)
await wait(200)
${done}`,
    until: 'done',
    answers: {
      '/frame': html(
        '<script>fetch(["https:", "", "daily.jstor" + ".org/of-frame"].join("/"))</script>',
      ),
    },
  },
  {
    title: "documents in the markup's attributes are loaded once, and map as well",
    head: `<body><iframe srcdoc="<p>a</p><script>fetch(['https:', '', 'daily.jstor' + '.org/of-markup'].join('/'))</script><iframe srcdoc='&lt;script>fetch(&quot;/of-inner&quot;)&lt;/script>'></iframe>"></iframe>`,
    script: `if (document.readyState !== 'complete') await event(window, 'load')
${done}`,
    until: '/of-inner',
  },
  {
    title: 'what came into the document by another way is mended',
    script: `const template = document.createElement('template')
const box = document.createElement('div')
const link = document.createElement('a')
link.setAttributeNode(Object.assign(document.createAttribute('href'), { value: daily + '/node' }))
box.append(link)
document.body.append(box)
await wait(50)
report(link.href)
const canonical = document.createElement('link')
canonical.rel = 'canonical'
canonical.setAttributeNode(Object.assign(document.createAttribute('href'), { value: daily + '/work' }))
document.head.append(canonical)
await wait(50)
report(canonical.getAttribute('href') === daily + '/work')
${done}`,
    until: 'done',
  },
  {
    title: 'scripts with a digest run',
    script: `const load = async (change) => {
  const script = document.createElement('script')
  change(script)
  const ended = Promise.race([event(script, 'load').then(() => 'ran'), event(script, 'error').then(() => 'failed')])
  document.head.append(script)
  report(await ended)
}
const digest = 'sha256-eBm6FLUKCTVT5MAWzPFoEyNhylm+lnvi+hnb7BOoDHQ='
await load((script) => { script.crossOrigin = 'anonymous'; script.src = daily + '/s1.js' })
await load((script) => { script.setAttribute('crossorigin', ''); script.setAttribute('src', daily + '/s2.js') })
await load((script) => { script.src = daily + '/s3.js'; script.setAttribute('crossorigin', 'anonymous') })
await load((script) => { script.type = 'module'; script.src = daily + '/s4.js' })
${done}`,
    until: 'done',
  },
  {
    title: 'patched functions look as they did',
    script: `for (const [owner, name] of [[window, 'fetch'], [window, 'open'], [window, 'postMessage'], [Element.prototype, 'setAttribute'], [History.prototype, 'pushState'], [window, 'Worker']]) {
  const { enumerable, writable, configurable, value } = Object.getOwnPropertyDescriptor(owner, name)
  report([name, enumerable, writable, configurable, value.name, value.length, /native code/.test(Function.prototype.toString.call(value))])
}
const { set } = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src')
report([set.name, set.length, /native code/.test(Function.prototype.toString.call(set))])
report([new Request('/x').constructor === Request, new Request('/x') instanceof Request])
class Own extends Request { own() { return 'own' } }
report(new Own('/x').own())
for (const call of [() => Element.prototype.setAttribute.call(null, 'a', 'b'), () => fetch.call({}, '/x'), () => new Worker(), () => document.body.setAttribute('x'), () => new Request()]) {
  try { const made = call(); report(made instanceof Promise ? await made.then(String, ({ name }) => 'rejected ' + name) : 'passed') } catch (error) { report(error.name) }
}
${done}`,
    until: 'done',
  },
  {
    title: 'nothing is seen in the window that is not there directly',
    script: `report(Object.keys(window).sort())
const names = []
for (const name in window) names.push(name)
report(names.length)
report(Object.getOwnPropertyNames(window).length)
report(document.scripts.length > 0 && [...document.querySelectorAll('body script')].length)
${done}`,
    until: 'done',
  },
  {
    title: 'a page that freezes what it finds goes on',
    script: `for (const name of ['Element', 'Document', 'History', 'HTMLImageElement']) Object.freeze(window[name].prototype)
const image = new Image(); image.src = daily + '/frozen'
Object.freeze(window.fetch)
report((await fetch(daily + '/frozen-fetch')).ok)
const frame = document.createElement('iframe'); document.body.append(frame)
report((await frame.contentWindow.fetch(daily + '/frozen-frame')).ok)
${done}`,
    until: 'done',
  },
  {
    title: 'a page under a policy of nonces runs its scripts and no others',
    headers: {
      'Content-Security-Policy': `script-src 'nonce-abc' 'strict-dynamic'; object-src 'none'; base-uri 'none'`,
    },
    attributes: ' nonce="abc"',
    script: `document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="report(1)">')
report((await fetch(daily + '/under-nonce')).ok)
const script = document.createElement('script')
script.src = daily + '/trusted.js'
document.head.append(script)
await event(script, 'load')
const worker = new Worker(URL.createObjectURL(new Blob(['postMessage(5)'])))
report((await event(worker, 'message')).data)
${done}`,
    until: 'done',
  },
  {
    title: 'a page under a policy of hosts asks its own hosts',
    headers: {
      'Content-Security-Policy': `default-src 'none'; script-src 'unsafe-inline'; connect-src https://daily.jstor.org; img-src daily.jstor.org`,
    },
    script: `${cookies}
report(await fetch(daily + '/allowed', { credentials: 'include' }).then(() => 'allowed', () => 'refused'))
report(await fetch(acs + '/forbidden').then(() => 'allowed', () => 'refused'))
const picture = new Image()
picture.src = daily + '/picture'
await event(picture, 'error')
const forbidden = new Image()
forbidden.src = acs + '/forbidden-picture'
await event(forbidden, 'error')
${done}`,
    until: 'done',
  },
  {
    title: 'a page that isolates itself stays isolated',
    headers: {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    },
    script: `report(crossOriginIsolated + ' ' + typeof SharedArrayBuffer)
const worker = new Worker('/isolated.js')
report(await Promise.race([event(worker, 'message').then(({ data }) => data), event(worker, 'error').then(() => 'failed')]))
report((await fetch(daily + '/isolated')).ok)
${done}`,
    until: 'done',
    answers: {
      '/isolated.js': {
        headers: {
          'Content-Type': 'text/javascript',
          'Cross-Origin-Embedder-Policy': 'require-corp',
        },
        body: 'postMessage(crossOriginIsolated)',
      },
    },
  },
  {
    title: 'a page of modules',
    head: `<script type="module" src="/main.js"></script>`,
    script: '',
    until: 'module',
    answers: {
      '/main.js': javascript(`import { two } from './two.js'
const at = ['https:', '', ['daily', 'jstor', 'org'].join('.')].join('/')
const { ok } = await fetch(at + '/of-module')
console.log('report:module ' + two + ok)`),
      '/two.js': javascript('export const two = 2'),
    },
  },
  {
    title: 'a page that gives its values in trusted types',
    script: `const policy = trustedTypes.createPolicy('own', { createHTML: (text) => text, createScriptURL: (text) => text })
const box = document.createElement('div')
box.innerHTML = policy.createHTML('<a href="' + daily + '/trusted">')
report(box.firstChild.href)
const script = document.createElement('script')
script.src = policy.createScriptURL(daily + '/trusted.js')
document.head.append(script)
await event(script, 'load')
${done}`,
    until: 'done',
    headers: { 'Content-Security-Policy': `require-trusted-types-for 'script'` },
  },
  {
    title: 'storage is what it is directly',
    script: `localStorage.a = '1'
sessionStorage.b = '2'
report(Object.keys(localStorage) + ',' + Object.keys(sessionStorage) + ',' + (await indexedDB.databases?.())?.length)
${done}`,
    until: 'done',
  },
  {
    title: 'the page is on top, whatever it asks',
    script: `report([top === self, parent === window, frames === window, window.length, opener])
document.domain = document.domain
${done}`,
    until: 'done',
  },
]

/** Seen otherwise, on purpose. */
export const unlikeCases: readonly UnlikeCase[] = [
  {
    title: 'service workers are refused',
    script: `report(await navigator.serviceWorker.register('/sw.js').then(() => 'registered', ({ name }) => name))`,
    until: 'Error',
    reports: ['SecurityError'],
  },
  {
    title: 'a sister host does not become the same origin by document.domain',
    script: `document.domain = 'jstor.org'
report(document.domain.split('.').length > 2)`,
    until: 'true',
    reports: ['true'],
  },
  {
    title: 'hosts that a rule never proxies leave the page as they are',
    headers: {
      'Content-Security-Policy': `connect-src 'none'; img-src 'none'; style-src 'unsafe-inline'`,
    },
    script: `const cdn = at('static els-cdn com', '/a'), below = at('x static els-cdn com', '/a')
const blocked = () => event(document, 'securitypolicyviolation').then(({ blockedURI }) => report(blockedURI))
let told = blocked()
fetch(cdn).catch(() => {})
await told
told = blocked()
const asking = new XMLHttpRequest()
asking.open('GET', below)
asking.send()
await told
told = blocked()
const image = new Image()
image.src = cdn
await told
image.setAttribute('srcset', below + ' 2x')
report(image.srcset)
const box = document.createElement('div')
box.innerHTML = '<a href="' + cdn + '" style="cursor: url(' + cdn + ')">'
report(box.innerHTML)
box.style.backgroundImage = 'url(' + below + ')'
report(box.style.backgroundImage)
document.body.append(box)
await wait(50)
report(box.firstChild.href)
report(new Request(cdn).url)
report(new URL(new Request(at('ars els-cdn com', '/a')).url).host)`,
    until: 'ars',
    reports: [
      'https://static.els-cdn.com/a',
      'https://x.static.els-cdn.com/a',
      'https://static.els-cdn.com/a',
      'https://x.static.els-cdn.com/a 2x',
      '<a href="https://static.els-cdn.com/a" style="cursor: url(https://static.els-cdn.com/a)"></a>',
      'url("https://x.static.els-cdn.com/a")',
      'https://static.els-cdn.com/a',
      'https://static.els-cdn.com/a',
      'ars.els-cdn.com',
    ],
  },
  {
    title: 'hosts that are not of the gateway stay as they are',
    script: `const a = document.createElement('a')
a.href = 'https://evil.example/www.jstor.org'
report(a.href)
a.href = www + '.evil.example/'
report(a.href)
a.href = 'https://www.jstor.org@evil.example/'
report(a.href)
a.href = at('e lanbook com:8443')
report(a.host)
a.href = '//ars.els-cdn' + '.com/x'
report(a.host)`,
    until: 'ars',
    reports: [
      'https://evil.example/www.jstor.org',
      'https://www.jstor.org.evil.example/',
      'https://www.jstor.org@evil.example/',
      'e.lanbook.com:8443',
      'ars.els-cdn.com',
    ],
  },
]
