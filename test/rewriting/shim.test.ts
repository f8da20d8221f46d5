/**
 * The shim: its size, how it is named, and what is served.
 * @module
 */
import { readFileSync } from 'node:fs'

import test from 'ava'
import { transform } from 'esbuild'

import type { Rulebook } from '../../src/core/resource.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { createShim } from '../../src/rewriting/shim.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'

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

test('documents of resources that count seats carry a second script, which is served', (t) => {
  const shim = createShim().of(rulebookFor('https://proxy.example.edu'))
  const counted = { ...resource, licence: { ...resource.licence, seats: 1 } }
  const added = shim.headMarkup(counted).slice(shim.headMarkup(resource).length)
  t.regex(added, /^<script src="\/\.darbaza\/seat\.[\w-]{16}\.js" async=""><\/script>$/)
  t.regex(
    shim.serve(pathIn(added))?.body ?? '',
    /^\(function seat\(path\)[^]*\)\("\/\.darbaza\/seat\/"\);\n$/,
  )
  t.is(shim.serve('/.darbaza/seat.aaaaaaaaaaaaaaaa.js'), undefined)
})

test('what is served is the source without its comments, in ASCII', async (t) => {
  const shim = createShim().of(rulebookFor('https://proxy.example.edu'))
  const body = shim.workerOpening(resource)
  // It stands in front of scripts of any charset.
  t.regex(body, /^[\0-\x7f]*$/)
  t.notRegex(body, /^\s*\/[/*]/m)
  const options = { minifyWhitespace: true } as const
  const source = await transform(readFileSync('src/rewriting/client/shim.js', 'utf8'), options)
  const served = await transform(body.slice(1, body.lastIndexOf(')({')), options)
  t.is(served.code, source.code)
})

test('the table knows the hosts of its resource and no others', (t) => {
  const body = createShim().of(rulebookFor('https://proxy.example.edu')).workerOpening(resource)
  const table: unknown = JSON.parse(body.slice(body.lastIndexOf(')({') + 2, body.lastIndexOf(')')))
  const { known } = Object(table)
  const isKnown = (host: string) => new RegExp(known).test(host)
  for (const host of ['www.jstor.org', 'jstor.org', 'a-b.c.jstor.org', 'x.els-cdn.com', longHost]) {
    t.true(isKnown(host), host)
  }
  t.true(isKnown('e.lanbook.com:8443'))
  for (const host of [
    'els-cdn.com',
    'e.lanbook.com',
    'xjstor.org',
    '-a.jstor.org',
    'jstor.org:81',
  ]) {
    t.false(isKnown(host), host)
  }
  t.false(isKnown('www-jstor-org.proxy.example.edu'))
})
