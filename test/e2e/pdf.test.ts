/**
 * A reader of long documents as publishers embed it: PDF.js with its worker, character maps and fonts
 * from one host, a PDF of some megabytes from another, a part at a time and for subscribers only.
 * @module
 */
import { createCipheriv } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { RequestListener, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'

import test from 'ava'
import Pdfkit from 'pdfkit'

import { openStage, scriptCookies } from './differential.ts'

const reader = 'https://reader.folio.test'
const assets = 'https://static.folio.test'
const content = 'https://content.folio.test'

const pages = 24
const dist = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'))

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>Reader</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${assets}/web/pdf_viewer.css">
    <link rel="modulepreload" href="${assets}/build/pdf.min.mjs">
    <script type="importmap">{ "imports": { "pdfjs": "${assets}/build/pdf.min.mjs", "pdfjs/": "${assets}/" } }</script>
    <style>#container { position: absolute; inset: 40px 0 0; overflow: auto }</style>
  </head>
  <body>
    <p><b id="count"></b> <button id="last">Last</button></p>
    <div id="container"><div id="viewer" class="pdfViewer"></div></div>
    <script type="module" src="${assets}/viewer.mjs"></script>
  </body>
</html>`

/** On the host of the worker and the fonts. */
const viewer = `
import * as pdfjs from 'pdfjs'
const viewerParts = await import('pdfjs/web/pdf_viewer.mjs')
pdfjs.GlobalWorkerOptions.workerSrc = '${assets}/build/pdf.worker.min.mjs'
const eventBus = new viewerParts.EventBus()
const linkService = new viewerParts.PDFLinkService({ eventBus, externalLinkTarget: 2 })
const container = document.querySelector('#container')
const viewer = new viewerParts.PDFViewer({ container, eventBus, linkService })
linkService.setViewer(viewer)
eventBus.on('pagesinit', () => {
  viewer.currentScaleValue = '0.5'
  document.querySelector('#count').textContent = viewer.pagesCount
})
document.querySelector('#last').onclick = () => { viewer.currentPageNumber = viewer.pagesCount }
const documentFile = await pdfjs.getDocument({
  url: '${content}/volume.pdf',
  withCredentials: true,
  cMapUrl: '${assets}/cmaps/',
  standardFontDataUrl: '${assets}/standard_fonts/',
  wasmUrl: '${assets}/wasm/',
  iccUrl: '${assets}/iccs/',
  useSystemFonts: false,
  disableAutoFetch: true,
  disableStream: true,
}).promise
viewer.setDocument(documentFile)
linkService.setDocument(documentFile)
`

const volume = await volumePdf()

const stage = await openStage(test, {
  domain: 'folio.test',
  names: ['reader', 'static', 'content'],
  start: `${reader}/volume`,
  answering: { listener: answer() },
})

stage.scenario('a long PDF is read a part at a time', {
  // Parts that are asked for together depend on what has come before.
  steady: (line) => line.replace(/range: bytes=\d+-\d+/, 'range: some bytes'),
  async visit({ page: sheet, open, quiet }) {
    const statuses: number[] = []
    sheet.on('response', (response) => {
      if (response.url().endsWith('.pdf')) statuses.push(response.status())
    })
    await open(`${reader}/volume`)
    const first = sheet.locator('[data-page-number="1"] .textLayer')
    await first.locator('.endOfContent').waitFor({ state: 'attached' })
    await quiet()
    const count = await sheet.innerText('#count')
    const link = await sheet.locator('.annotationLayer a').first().getAttribute('href')
    await sheet.click('#last')
    const last = sheet.locator(`[data-page-number="${pages}"] .textLayer`)
    await last.locator('.endOfContent').waitFor({ state: 'attached' })
    return {
      count,
      first: await first.innerText(),
      last: await last.innerText(),
      link,
      cookies: await scriptCookies(sheet),
      hasParts: statuses.includes(206),
      // Drawn in a worker: where it fails, PDF.js does without and says so on the console.
      workers: sheet.workers().length,
    }
  },
  check(t, seen) {
    t.is(seen.count, String(pages))
    t.regex(seen.first, /On the waters of the Ala-Too[^]*水/)
    t.regex(seen.last, new RegExp(`This is page ${pages}`))
    t.is(seen.link, `${reader}/volume?page=${pages}`)
    t.true(seen.hasParts)
    t.is(seen.workers, 1)
    t.deepEqual(seen.cookies, ['folio_hint=subscriber'])
  },
})

function answer(): RequestListener {
  const types: Readonly<Record<string, string>> = {
    '.css': 'text/css',
    '.mjs': 'text/javascript',
    '.svg': 'image/svg+xml',
    '.wasm': 'application/wasm',
  }
  return ({ headers, url = '/', method }, response) => {
    const cookie = headers.cookie ?? ''
    if (headers.host === 'reader.folio.test') {
      const cookies = [
        'folio=subscriber; Domain=folio.test; Path=/; Secure; HttpOnly; SameSite=None',
        'folio_hint=subscriber; Domain=folio.test; Path=/; Secure; SameSite=None',
      ]
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': cookies }).end(page)
      return
    }
    if (headers.host === 'content.folio.test') {
      const isSubscriber = /(?:^|; )folio=subscriber/.test(cookie)
      if (method === 'OPTIONS') response.writeHead(204, credentialed).end()
      else if (isSubscriber) sendPart(headers.range, response)
      else response.writeHead(403, credentialed).end()
      return
    }
    if (url === '/viewer.mjs') {
      response.writeHead(200, { ...open, 'content-type': 'text/javascript' }).end(viewer)
      return
    }
    const file = join(dist, new URL(url, assets).pathname)
    const type = types[extname(file)] ?? 'application/octet-stream'
    if (!existsSync(file)) response.writeHead(404, open).end()
    else response.writeHead(200, { ...open, 'content-type': type }).end(readFileSync(file))
  }
}

const open = { 'access-control-allow-origin': '*' }
const credentialed = {
  'access-control-allow-origin': reader,
  'access-control-allow-credentials': 'true',
  'access-control-allow-headers': 'range',
  'access-control-expose-headers': 'accept-ranges, content-length, content-range, etag',
}

function sendPart(range: string | undefined, response: ServerResponse): void {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? '') ?? []
  const headers = {
    ...credentialed,
    'accept-ranges': 'bytes',
    'content-type': 'application/pdf',
    etag: '"volume-1"',
  }
  if (from === undefined) {
    response.writeHead(200, { ...headers, 'content-length': volume.length }).end(volume)
    return
  }
  const part = volume.subarray(Number(from), to ? Number(to) + 1 : undefined)
  const where = `bytes ${from}-${Number(from) + part.length - 1}/${volume.length}`
  response
    .writeHead(206, { ...headers, 'content-length': part.length, 'content-range': where })
    .end(part)
}

/** Some megabytes, most of them data that nobody opens; one line needs a character map. */
async function volumePdf(): Promise<Buffer> {
  const pen = new Pdfkit({ size: 'A5', info: { Title: 'Volume', CreationDate: new Date(0) } })
  const whole = buffer(pen)
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16))
  pen.fontSize(18).text('On the waters of the Ala-Too')
  pen.fontSize(11).text('To the end', { link: `${reader}/volume?page=${pages}` })
  const descendant = pen.ref({
    Type: 'Font',
    Subtype: 'CIDFontType0',
    BaseFont: 'STSong-Light',
    CIDSystemInfo: { Registry: new String('Adobe'), Ordering: new String('GB1'), Supplement: 4 },
    FontDescriptor: descriptorOf(pen),
  })
  const font = pen.ref({
    Type: 'Font',
    Subtype: 'Type0',
    BaseFont: 'STSong-Light',
    Encoding: 'UniGB-UCS2-H',
    DescendantFonts: [descendant],
  })
  descendant.end(undefined)
  font.end(undefined)
  Object.assign(pen.page.fonts, { Song: font })
  pen.addContent('BT /Song 24 Tf 1 0 0 -1 72 300 Tm <6C34> Tj ET')
  for (let number = 2; number <= pages; number += 1) {
    pen.addPage().font(number % 2 === 0 ? 'Times-Italic' : 'Courier')
    pen.text(`This is page ${number}`)
    pen.file(noise.update(Buffer.alloc(150_000)), { name: `data-${number}.bin` })
  }
  pen.end()
  return whole
}

function descriptorOf(pen: InstanceType<typeof Pdfkit>) {
  const descriptor = pen.ref({
    Type: 'FontDescriptor',
    FontName: 'STSong-Light',
    Flags: 4,
    FontBBox: [-25, -254, 1000, 880],
    ItalicAngle: 0,
    Ascent: 752,
    Descent: -271,
    CapHeight: 737,
    StemV: 58,
  })
  descriptor.end(undefined)
  return descriptor
}
