/**
 * Pages, frames and workers of the publisher of hard things.
 * @module
 */
import { api, assets, id, www } from './vault-hosts.ts'

const nonce = 'c2FsYW0'
/** As strict as sites are that let nonces speak. */
export const policy = [
  "default-src 'none'",
  `script-src 'nonce-${nonce}' 'strict-dynamic' https:`,
  `connect-src 'self' ${api} wss://api.vault.test ${assets}`,
  `frame-src ${id}`,
  `img-src 'self' ${assets} data:`,
  `style-src 'self' ${assets}`,
  `font-src ${assets}`,
  `worker-src 'self' blob:`,
  `form-action 'self' ${id}`,
  "base-uri 'self'",
].join('; ')

/** The page on which everything is tried. */
export const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <base href="${www}/deep/">
    <title>Vault</title>
    <link rel="icon" href="data:,">
    <link rel="preconnect" href="${api}">
    <link rel="dns-prefetch" href="//id.vault.test">
    <link rel="stylesheet" href="${assets}/site.css">
    <link rel="preload" as="fetch" crossorigin href="${api}/early.json">
    <script type="application/json" id="settings">
      {"api":"${api}","self":"${www}/","socket":"wss:\\/\\/api.vault.test\\/live"}
    </script>
    <script nonce="${nonce}" src="${assets}/probes.js"></script>
    <script>document.documentElement.dataset.unsigned = 'ran'</script>
  </head>
  <body>
    <h1>Vault</h1>
    <iframe id="frame" src="${id}/frame" width="300" height="10"></iframe>
    <picture>
      <source srcset="${assets}/dot.svg?w=1 1x, ${assets}/dot.svg?w=2 2x">
      <img id="picture" src="${assets}/dot.svg" alt="">
    </picture>
    <a id="relative" href="page?x=1">relative</a>
    <a id="computed">computed</a>
    <div id="slot"></div>
  </body>
</html>`

/** Forms that name the page to come back to. */
export const forms = `<!doctype html>
<title>Forms</title>
<link rel="icon" href="data:,">
<form id="back" method="post" action="${id}/consent">
  <input type="hidden" name="return" value="${www}/landed?by=form">
  <button>Consent</button>
</form>
<form id="file" method="post" enctype="multipart/form-data" action="//id.vault.test/consent">
  <input type="hidden" name="return" value="${www}/landed?by=parts">
  <button>Send</button>
</form>`

/** Modules by a map, by address, of the page's own host, of a sister, written into the page. */
export const modules = `<!doctype html>
<title>Modules</title>
<link rel="icon" href="data:,">
<script type="importmap">
  { "imports": { "told": "${assets}/module.mjs" }, "scopes": { "${assets}/": { "deep": "${assets}/deep.mjs" } } }
</script>
<link rel="modulepreload" href="${assets}/module.mjs">
<script type="module">
  import { told } from 'told'
  document.documentElement.dataset.written = JSON.stringify(told)
</script>
<script type="module" src="/own.mjs"></script>
<script type="module" src="${assets}/scoped.mjs"></script>`

/** A module that is found at run time only. */
export const computed = `<!doctype html>
<title>Computed</title>
<link rel="icon" href="data:,">
<script type="module">
  const host = ['static', 'vault', 'test'].join('.')
  const { told } = await import('https://' + host + '/module.mjs').catch(() => ({ told: 'nothing' }))
  document.documentElement.dataset.told = JSON.stringify(told)
</script>`

/** Sign-in, of one button. */
export const login = `<!doctype html>
<title>Sign in</title>
<link rel="icon" href="data:,">
<form method="post" action="${id}/session">
  <input type="hidden" name="target" value="${www}">
  <button>Sign in</button>
</form>`

/** Tells the page that opened it who signed in. */
export const loggedIn = `<!doctype html>
<title>Signed in</title>
<link rel="icon" href="data:,">
<script>
  opener.postMessage({ kind: 'session', page: '${www}/account' }, '${www}')
  close()
</script>`

/** Tells the page around it how high it is. */
export const frame = `<!doctype html>
<title>Frame</title>
<body style="height: 120px">
<script>
  addEventListener('message', ({ origin, data, source }) => {
    if (origin !== '${www}' || data.kind !== 'measure') return
    const isTold = document.referrer === '${www}/'
    source.postMessage({ kind: 'size', height: 120, isTold, ancestors: [...location.ancestorOrigins] }, origin)
  })
</script>`

/** Opens sign-in in a window of its own. */
export const opening = `<!doctype html>
<title>Open</title>
<link rel="icon" href="data:,">
<button onclick="open(['https://id', 'vault', 'test/login?next='].join('.') + encodeURIComponent(location.href), 'id', 'width=300,height=300')">Sign in</button>
<p></p>
<script>
  addEventListener('message', ({ origin, data }) => {
    if (origin !== 'https://id.vault.test') return
    document.querySelector('p').textContent = data.kind + ' ' + data.page
  })
</script>
<script>
  function away() { location.href = 'https://' + ['www', 'vault', 'test'].join('.') + '/landed?by=location' }
</script>`

/** Asks a sister host as a worker. */
export const worker = `
onmessage = async ({ data }) => {
  importScripts('${assets}/lib.js')
  const answer = await fetch(data + '/whoami', { credentials: 'include', headers: { 'x-api-key': 'w' } })
  postMessage({ ...(await answer.json()), lib: self.lib, here: self.location.href, name: self.name })
}`

/** The same, for all pages at once. */
export const shared = `
onconnect = ({ ports: [port] }) => {
  port.onmessage = async ({ data }) => {
    const answer = await fetch(data + '/whoami', { credentials: 'include' })
    port.postMessage({ ...(await answer.json()), here: self.location.href })
  }
  port.start()
}`
