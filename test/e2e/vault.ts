/**
 * A publisher of hard things in plain script, each as sites in the wild do it: sign-in in a pop-up,
 * frames that measure themselves, workers of all kinds, streams, modules, a strict policy, addresses
 * written, put together and compared.
 * @module
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'

import { WebSocketServer } from 'ws'

import type { Answering } from './front.ts'
import { api, assets, www } from './vault-hosts.ts'
import {
  computed,
  forms,
  frame,
  loggedIn,
  login,
  modules,
  opening,
  page,
  policy,
  shared,
  worker,
} from './vault-pages.ts'
import { probes } from './vault-probes.ts'

type Answer = readonly [type: string, body: string, headers?: Record<string, string | string[]>]

const open = { 'access-control-allow-origin': '*' }
const html = 'text/html'
const script = 'text/javascript'

const answers: Readonly<Record<string, Answer>> = {
  'www.vault.test/deep/': [
    html,
    page,
    {
      'content-security-policy': policy,
      link: `<${assets}/site.css>; rel=preload; as=style`,
      'set-cookie': [
        'vault=member; Domain=vault.test; Path=/; Secure; HttpOnly; SameSite=None',
        'hint=member; Domain=vault.test; Path=/; Secure; SameSite=None',
        'own=1; Path=/; Secure; SameSite=Strict',
      ],
    },
  ],
  'www.vault.test/forms': [html, forms],
  'www.vault.test/modules': [html, modules],
  'www.vault.test/computed': [html, computed],
  'www.vault.test/own.mjs': [
    script,
    `import { told } from 'told'\ndocument.documentElement.dataset.own = told.part`,
  ],
  'www.vault.test/open': [html, opening],
  'www.vault.test/worker.js': [script, worker],
  'www.vault.test/shared.js': [script, shared],
  'www.vault.test/sw.js': [script, ''],
  'id.vault.test/frame': [html, frame, { 'content-security-policy': `frame-ancestors ${www}` }],
  'static.vault.test/site.css': [
    'text/css',
    `@import url("${assets}/more.css"); h1 { color: rgb(1, 2, 3) }`,
  ],
  'static.vault.test/more.css': [
    'text/css',
    `h1 { cursor: url(//static.vault.test/dot.svg), auto }`,
  ],
  'static.vault.test/probes.js': [script, probes],
  'static.vault.test/lib.js': [script, `self.lib = '${assets}/lib.js'`],
  'static.vault.test/module.mjs': [
    script,
    `import { part } from './part.mjs'\nexport const told = { part, url: import.meta.url }`,
    open,
  ],
  'static.vault.test/scoped.mjs': [
    script,
    `import 'deep'\nimport { told } from '${assets}/module.mjs'\ndocument.documentElement.dataset.scoped = told.url`,
    open,
  ],
  'static.vault.test/deep.mjs': [script, `document.documentElement.dataset.deep = '1'`, open],
  'static.vault.test/part.mjs': [script, `export const part = '${www}/part'`, open],
  'static.vault.test/element.mjs': [script, `window.fromElement = import.meta.url`, open],
  'static.vault.test/dot.svg': [
    'image/svg+xml',
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>',
    open,
  ],
  'api.vault.test/early.json': ['application/json', '{}', open],
  'api.vault.test/closed': ['application/json', '{}'],
}

const credentialed = {
  'access-control-allow-origin': www,
  'access-control-allow-credentials': 'true',
  'access-control-allow-headers': 'x-api-key, x-return, content-type',
  'access-control-allow-methods': 'GET, PUT, POST',
  'access-control-expose-headers': 'x-total',
  'x-total': '41',
}

/** Everything at its hosts. */
export function openVault(): Answering {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered][0] ?? false,
  })
  return {
    listener: answer,
    upgrade(request, socket, head) {
      sockets.handleUpgrade(request, socket, head, (client) => {
        client.on('message', (said: Buffer) => client.send(`echo ${said.toString()}`))
      })
    },
  }
}

const answer: RequestListener = (request, response) => {
  const { headers, url = '' } = request
  const place = `${headers.host}${url.replace(/\?.*/, '')}`
  const found = answers[place]
  if (found === undefined) {
    void act(place, request, response)
    return
  }
  const [type, body, more] = found
  response.writeHead(200, { ...more, 'content-type': `${type}; charset=utf-8` }).end(body)
}

/** What is not the same every time. */
async function act(place: string, request: IncomingMessage, response: ServerResponse) {
  const { method, url = '', headers } = request
  const json = (value: object) => {
    response.writeHead(200, { ...credentialed, 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }
  const toPage = (body: string) => response.writeHead(200, { 'content-type': html }).end(body)
  if (method === 'OPTIONS') {
    response.writeHead(204, credentialed).end()
    return
  }
  const said = await text(request)
  const isMember = /(?:^|; )vault=member/.test(headers.cookie ?? '')
  switch (place) {
    case 'api.vault.test/whoami':
      json({
        isMember,
        key: headers['x-api-key'],
        self: `${api}/whoami`,
        back: headers['x-return'],
      })
      return
    case 'api.vault.test/echo':
      json({ said, url: `${api}${url}`, type: headers['content-type'] })
      return
    case 'api.vault.test/events':
      response.writeHead(200, { ...credentialed, 'content-type': 'text/event-stream' })
      response.write(`id: 7\ndata: {"next":"${www}/news","isMember":${isMember}}\n\n`)
      return
    case 'www.vault.test/moved':
      response.writeHead(302, { location: `${www}/target?from=${encodeURIComponent(www)}` }).end()
      return
    case 'www.vault.test/landed':
      toPage(`<!doctype html><link rel="icon" href="data:,"><title>Landed</title><p>${url}`)
      return
    case 'id.vault.test/login':
      toPage(login)
      return
    case 'id.vault.test/session':
      toPage(loggedIn)
      return
    case 'id.vault.test/consent': {
      const target = /https?(?::|%3A)[^\s&]+/.exec(said)?.[0] ?? ''
      response.writeHead(303, { location: decodeURIComponent(target) }).end()
      return
    }
    default:
      response.writeHead(200, { ...credentialed, 'content-type': 'text/plain' }).end('said')
  }
}
