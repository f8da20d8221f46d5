/**
 * What the scripts of the publisher of hard things try, one after the other.
 * @module
 */
import { api, assets, id, www } from './vault-hosts.ts'

/** Each answers what it saw; none may stop the others. */
export const probes = `
const settings = () => JSON.parse(document.querySelector('#settings').textContent)
const host = (name) => [name, 'vault', 'test'].join('.')
const once = (target, name) => new Promise((resolve) => target.addEventListener(name, resolve, { once: true }))
const probes = {
  async addresses() {
    const link = document.querySelector('#computed')
    link.href = 'https://' + host('id') + '/a?b#c'
    return {
      isSelf: location.origin === '${www}',
      isListed: ['${www}', '${id}'].includes(location.origin),
      base: document.baseURI,
      relative: document.querySelector('#relative').href,
      computed: link.href,
      computedHost: link.hostname === 'id.vault.test',
      settings: settings().self,
      referrer: document.referrer,
    }
  },
  async history() {
    history.pushState({ at: 1 }, '', '${www}/deep/pushed?x=1')
    history.replaceState({ at: 2 }, '', 'https://' + host('www') + '/deep/replaced?x=2#y')
    const here = location.href
    history.back()
    await once(window, 'popstate')
    return { here, back: location.pathname }
  },
  async credentials() {
    const answer = await fetch(settings().api + '/whoami', {
      credentials: 'include',
      headers: { 'x-api-key': 'k', 'x-return': location.href },
    })
    return { ...(await answer.json()), exposed: answer.headers.get('x-total'), from: answer.url }
  },
  async anonymous() {
    return (await fetch('https://' + host('api') + '/whoami')).json()
  },
  async unallowed() {
    return fetch('${api}/closed').then(() => 'read', (error) => error.name)
  },
  async request() {
    const request = new Request('${api}/echo?next=' + encodeURIComponent('${www}/x'), {
      method: 'PUT',
      credentials: 'include',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ page: location.origin + '/page', other: 'https://' + host('static') }),
    })
    return (await fetch(request)).json()
  },
  async redirected() {
    const answer = await fetch('${www}/moved', { credentials: 'include' })
    return { url: answer.url, isRedirected: answer.redirected, text: await answer.text() }
  },
  async xhr() {
    const asking = new XMLHttpRequest()
    asking.open('GET', '//' + host('api') + '/whoami')
    asking.withCredentials = true
    asking.responseType = 'json'
    asking.send()
    await once(asking, 'load')
    return { ...asking.response, from: asking.responseURL }
  },
  async beacon() {
    return navigator.sendBeacon('${api}/beacon', new Blob(['left ' + '${www}/'], { type: 'text/plain' }))
  },
  async events() {
    const source = new EventSource('https://' + host('api') + '/events', { withCredentials: true })
    const { data, origin, lastEventId } = await once(source, 'message')
    source.close()
    return { data: JSON.parse(data), origin: origin === '${api}', lastEventId, url: source.url }
  },
  async socket() {
    const socket = new WebSocket(settings().socket, ['chat.v1'])
    await once(socket, 'open')
    socket.send('${www}/')
    const { data, origin } = await once(socket, 'message')
    socket.close()
    return { data, origin: origin === 'wss://api.vault.test', protocol: socket.protocol, url: socket.url }
  },
  async frame() {
    const frame = document.querySelector('#frame')
    const told = new Promise((resolve) => addEventListener('message', function listen(event) {
      if (event.source !== frame.contentWindow || event.origin !== '${id}') return
      if (event.data.kind !== 'size') return
      removeEventListener('message', listen)
      frame.height = event.data.height
      resolve({ ...event.data, sameAsFrame: event.origin === new URL(frame.src).origin })
    }))
    frame.contentWindow.postMessage({ kind: 'measure' }, '${id}')
    const closed = (() => { try { return frame.contentDocument } catch (error) { return error.name } })()
    return { ...(await told), closed, height: frame.height }
  },
  async worker() {
    const worker = new Worker('${www}/worker.js', { name: 'counter' })
    worker.postMessage('${api}')
    return (await once(worker, 'message')).data
  },
  async blobWorker() {
    const code = "importScripts('https://' + ['static', 'vault', 'test'].join('.') + '/lib.js')\\n" +
      "fetch('${api}/whoami', { credentials: 'include' }).then((answer) => answer.json()).then((who) => postMessage({ who, lib: self.lib }))"
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
    return (await once(worker, 'message')).data
  },
  async sharedWorker() {
    const worker = new SharedWorker('${www}/shared.js', 'shared')
    worker.port.start()
    worker.port.postMessage('${api}')
    return (await once(worker.port, 'message')).data
  },
  async serviceWorker() {
    return navigator.serviceWorker.register('${www}/sw.js').then(() => 'registered', (error) => error.name)
  },
  async imported() {
    const module = await import('${assets}/module.mjs')
    return module.told
  },
  async element() {
    const script = document.createElement('script')
    script.type = 'module'
    script.src = 'https://' + host('static') + '/element.mjs'
    document.head.append(script)
    await once(script, 'load')
    return window.fromElement
  },
  async markup() {
    const slot = document.querySelector('#slot')
    slot.innerHTML = '<img src="https://' + host('static') + '/dot.svg?by=markup" alt=""><a href="//' + host('id') + '/">x</a>'
    await once(slot.querySelector('img'), 'load')
    const image = new Image()
    image.srcset = 'https://' + host('static') + '/dot.svg?by=srcset 1x'
    await once(image, 'load')
    const template = document.createElement('template')
    template.innerHTML = '<b data-home="${www}/home">x</b>'
    return {
      width: slot.querySelector('img').naturalWidth,
      link: slot.querySelector('a').href,
      current: image.currentSrc,
      home: template.content.firstChild.dataset.home,
    }
  },
  async style() {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync('h1 { background-image: url(https://' + host('static') + '/dot.svg?by=sheet) }')
    document.adoptedStyleSheets = [sheet]
    const style = getComputedStyle(document.querySelector('h1')).backgroundImage
    // The picture is asked for when the page is drawn next.
    await new Promise((resolve) => new PerformanceObserver((list, observer) => {
      if (!list.getEntries().some(({ name }) => name.endsWith('/dot.svg?by=sheet'))) return
      observer.disconnect()
      resolve()
    }).observe({ type: 'resource', buffered: true }))
    return style
  },
  async cookies() {
    document.cookie = 'here=1; Path=/; Secure'
    document.cookie = 'everywhere=1; Path=/; Secure; Domain=vault.test; SameSite=None'
    const store = await cookieStore.get('everywhere')
    const seen = document.cookie.split('; ').sort()
    document.cookie = 'everywhere=; Path=/; Secure; Domain=vault.test; Max-Age=0'
    return { seen, store: store?.value, after: document.cookie.split('; ').sort() }
  },
  async elsewhere() {
    document.cookie = 'elsewhere=1; Path=/; Domain=other.test'
    const isTaken = document.cookie.includes('elsewhere')
    document.cookie = 'elsewhere=; Path=/; Max-Age=0'
    return isTaken
  },
  async channel() {
    const channel = new BroadcastChannel('vault')
    const other = new BroadcastChannel('vault')
    other.postMessage('${www}/')
    return (await once(channel, 'message')).data
  },
  async storage() {
    localStorage.setItem('last', location.href)
    await caches.open('vault').then((cache) => cache.put('${www}/cached', new Response('kept')))
    const kept = await caches.match('${www}/cached')
    return { last: localStorage.getItem('last'), kept: await kept?.text() }
  },
  async policy() {
    return document.documentElement.dataset.unsigned ?? 'did not run'
  },
}
async function run() {
  await once(window, 'load')
  const results = {}
  for (const [name, probe] of Object.entries(probes)) {
    const late = new Promise((resolve) => setTimeout(resolve, 15_000, 'late'))
    results[name] = await Promise.race([
      Promise.resolve().then(probe).catch((error) => error.name + ': ' + error.message),
      late,
    ])
  }
  return results
}
window.finished = run()
`
