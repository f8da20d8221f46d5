/**
 * The shim: how it is named and served, and what it does in a real browser.
 * @module
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

import test from 'ava'
import { transform } from 'esbuild'
import { chromium } from 'playwright-core'

import type { Rulebook } from '../../src/core/resource.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { createShim } from '../../src/rewriting/shim.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { chromiumPath } from '../support/provision.ts'

const longHost = 'associationofanaesthetists-publications.onlinelibrary.wiley.com'
const resource = resourceWith([
  ruleOf('www.jstor.org', 'exact'),
  ruleOf('jstor.org', 'domain'),
  ruleOf('els-cdn.com', 'subdomains'),
  ruleOf('e.lanbook.com:8443', 'exact'),
  ruleOf(longHost, 'exact'),
])

function rulebookFor(zoneOrigin: string): Rulebook {
  return {
    version: '1',
    resources: new Map([[resource.id, resource]]),
    hosts: createHostMap({ resources: [resource], zoneOrigin }),
    placeOf: () => ({ address: '', channel: 'remote', treatment: 'authenticate' }),
  }
}

const pathIn = (markup: string) => /src="([^"]+)"/.exec(markup)?.[1] ?? ''

test('it stays within its size: 8 KiB minified, before compression', async (t) => {
  const { code } = await transform(readFileSync('src/rewriting/client/shim.js', 'utf8'), {
    minify: true,
  })
  t.true(code.length < 8192, `${code.length} bytes`)
})

test('a script is named by its content and served under that name alone', (t) => {
  const shim = createShim().of(rulebookFor('https://proxy.example.edu'))
  const path = pathIn(shim.headMarkup(resource))
  t.regex(path, /^\/\.darbaza\/shim\/conformance\.[\w-]{16}\.js$/)
  t.truthy(shim.serve(path)?.etag)
  t.is(shim.serve(path.replace('conformance', 'other')), undefined)
  t.is(shim.serve(path.replace(/\.[\w-]{16}/, '.aaaaaaaaaaaaaaaa')), undefined)
  t.is(shim.serve('/.darbaza/shim/%ff.aaaaaaaaaaaaaaaa.js'), undefined)
  const other = createShim().of(rulebookFor('https://other.example.edu'))
  t.not(pathIn(other.headMarkup(resource)), path)
})

/** Answers everything below `*.localhost` and notes what it was asked. */
function publisherWith(asked: string[]) {
  const shims = createShim()
  const server = createServer((request, response) => {
    const { method, headers, url = '' } = request
    const [label, ...zone] = (headers.host ?? '').split('.')
    const shim = shims.of(rulebookFor(`http://${zone.join('.')}`))
    const script = shim.serve(url)
    const head = shim.headMarkup(resource)
    response.setHeader('Access-Control-Allow-Origin', '*')
    if (script) {
      response.setHeader('Content-Type', 'text/javascript').end(script.body)
      return
    }
    asked.push(`${method} ${label}${url} ${headers.cookie ?? ''}`)
    response.setHeader('Content-Type', 'text/html')
    response.end(url === '/test' ? `<!doctype html><head>${head}${head}</head><body>` : '')
  })
  return server.on('upgrade', ({ headers, url }, socket) => {
    asked.push(`WS ${headers.host?.split('.')[0]}${url} `)
    socket.destroy()
  })
}

/** Runs a script in a page of www.jstor.org in the zone; gives what it reports and what it asks. */
async function run(script: string): Promise<{ reports: unknown[]; asked: string[] }> {
  const asked: string[] = []
  const server = publisherWith(asked).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const zone = `proxy.localhost:${typeof address === 'object' ? address?.port : ''}`
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    const reports: unknown[] = []
    await page.exposeFunction('report', (value: unknown) => reports.push(value))
    await page.goto(`http://www-jstor-org.${zone}/test`)
    await page.addScriptTag({ content: `{(async()=>{${script}})().catch(e=>report(String(e)))}` })
    await page.waitForTimeout(700)
    return { reports, asked }
  } finally {
    await browser.close()
    server.closeAllConnections()
    server.close()
  }
}

test.serial('addresses made at run time are mapped at every sink, and nothing shows', async (t) => {
  const { reports, asked } = await run(`
    const o = 'ht' + 'tps://www.jst' + 'or.org'
    const keys = Object.keys(globalThis).join()
    report(keys.includes('darbaza'))
    report((await fetch(o + '/fetch')).ok)
    report((await fetch(new URL(o + '/url'))).ok)
    await fetch(new Request(o + '/request'))
    const x = new XMLHttpRequest(); x.open('GET', o + '/xhr'); x.send()
    navigator.sendBeacon(o + '/beacon', '1')
    new Image().src = o + '/img'
    new EventSource(o + '/es').onerror = (e) => e.target.close()
    try { new WebSocket(o.replace('https', 'wss') + '/ws') } catch (e) { report(String(e)) }
    const s = document.createElement('script'); s.setAttribute('src', o + '/s.js'); document.head.append(s)
    document.body.insertAdjacentHTML('beforeend', \`<img src="\${o}/html">\`)
    const d = document.createElement('div')
    d.innerHTML = \`<form action="\${o}/go"><img srcset="\${o}/1.png 1x, \${o}/2.png 2x"></form>\`
    report(d.firstChild.action.includes('www.jstor.org'))
    document.cookie = 't=1; Domain=.jstor.org; Path=/'
    report(document.cookie)
    history.pushState({}, '', o + '/pushed'); report(location.pathname)
    const a = document.createElement('a'); a.href = '//ars.els-cdn.com/x'; report(a.host.split('.')[0])
    a.href = 'https://e.lanbook.com:8443/'; report(a.host.split('.')[0])
    a.href = 'https://${longHost}/'; report(a.host.split('.')[0])
    a.href = 'https://www.jstor.org.evil.example/'; report(a.host)
    navigator.serviceWorker.register('/sw.js').then(() => report('ok'), () => report('rejected'))
    const w = new Worker(URL.createObjectURL(new Blob([
      "onmessage = async () => postMessage((await fetch('https://' + 'www.jst' + 'or.org/worker')).status)"])))
    w.onmessage = (e) => report(e.data); w.postMessage(1)
    addEventListener('message', (e) => report(e.data)); postMessage('hi', o)
  `)
  for (const path of ['fetch', 'url', 'request', 'xhr', 'img', 'es', 's.js', 'html', 'worker']) {
    t.true(
      asked.some((line) => line.startsWith(`GET www-jstor-org/${path} `)),
      path,
    )
  }
  t.true(asked.some((line) => line.startsWith('POST www-jstor-org/beacon')))
  t.true(asked.some((line) => line.startsWith('WS www-jstor-org/ws')))
  t.true(asked.some((line) => line.includes('t=1')))
  t.deepEqual(reports.slice(0, 10), [
    false,
    true,
    true,
    false,
    't=1',
    '/pushed',
    'ars-els--cdn-com',
    'e-lanbook-com---p8443',
    'h---9cab22859a60f8a2e372382b991eb2a0',
    'www.jstor.org.evil.example',
  ])
  t.deepEqual(reports.slice(10).map(String).toSorted(), ['200', 'hi', 'rejected'])
})

for (const [name, script] of [
  ['an assigned location', "location.href = 'ht' + 'tps://www.jst' + 'or.org/gone'"],
  [
    'a click on a link made at run time',
    "const a = document.createElement('a'); a.href = 'ht' + 'tps://www.jst' + 'or.org/gone'; document.body.append(a); a.click()",
  ],
  ['a window opened', "window.open('ht' + 'tps://www.jst' + 'or.org/gone')"],
] as const) {
  test.serial(`${name} stays in the zone`, async (t) => {
    const { asked } = await run(script)
    t.true(
      asked.some((line) => line.startsWith('GET www-jstor-org/gone')),
      asked.join(),
    )
  })
}
