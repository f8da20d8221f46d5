/**
 * Long bodies in other threads: what comes back is what this thread makes of them, under the rules
 * that an exchange began with, and a thread that ends takes nobody with it but those who wait.
 * @module
 */
import { gunzipSync, gzipSync } from 'node:zlib'

import test from 'ava'
import { RE2JS } from 're2js'

import { limits } from '../../src/core/limits.ts'
import type { Resource, Rulebook } from '../../src/core/resource.ts'
import type { Replacement } from '../../src/core/rewriting-options.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { finderOf } from '../../src/resources/replacements.ts'
import { createBodyThreads, type BodyThreads } from '../../src/rewriting/body-threads.ts'
import { rewriteHere, rewriteWhole, type WholeBodyOptions } from '../../src/rewriting/whole-body.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'
import { emptyRulebook } from '../support/application.ts'

const script = new URL('../../src/body-thread.ts', import.meta.url)
const url = 'https://www.jstor.org/stable/1'
const link = (host: string) => `<a href="https://${host}/x">x</a>`
const filler = Array.from({ length: 40_000 }, (_, index) => `<p>${index * index}</p>`).join('')

function rulebookWith(...resources: readonly Resource[]): Rulebook {
  return {
    ...emptyRulebook,
    resources: new Map(resources.map((resource) => [resource.id, resource])),
    hosts: createHostMap({ resources, zoneOrigin: 'https://proxy.example.edu' }),
  }
}

function optionsUnder({ hosts }: Rulebook, more: Partial<WholeBodyOptions> = {}): WholeBodyOptions {
  const upstream = hosts.upstreamOf('www-jstor-org.proxy.example.edu')
  if (upstream === undefined) throw new Error('the host is not known')
  return {
    kind: 'html',
    contentType: 'text/html',
    codings: ['gzip'],
    clientCoding: 'gzip',
    page: { hosts, upstream, url, headMarkup: '<i>', hasShim: true, asksWithCredentials: true },
    ...more,
  }
}

/** In another thread and in this one. */
async function twice(threads: BodyThreads, rulebook: Rulebook, text: string) {
  const coded = gzipSync(text)
  const options = optionsUnder(rulebook)
  const here = rewriteHere(Buffer.from(coded), options)
  const there = await rewriteWhole(coded, options, threads.under(rulebook))
  return { here, there, text: there.kind === 'changed' ? gunzipSync(there.bytes).toString() : '' }
}

const jstor = ruleOf('www.jstor.org', 'exact')

test('another thread gives the same bytes, for all that a body may depend on', async (t) => {
  const threads = createBodyThreads(script)
  t.teardown(() => threads.close())
  const policy = `<meta http-equiv=content-security-policy content="img-src www.jstor.org *.acs.org">`
  const direct = { host: 'ads.acs.org', match: 'exact' } as const
  const scope = { hosts: [], paths: [], covers: (_: string, path: string) => path.endsWith('/1') }
  const pattern = 'W(or)d'
  const replace: Replacement[] = [
    { find: 'Mark', isPattern: false, template: ['Sign'], kinds: ['html'], scope },
    {
      find: pattern,
      isPattern: true,
      finder: finderOf(RE2JS.compile(pattern)),
      template: ['<', 1, '>'],
      kinds: ['html'],
      scope,
    },
    {
      find: 'filler',
      isPattern: false,
      template: ['x'],
      kinds: ['html'],
      scope: { ...scope, covers: () => false },
    },
  ]
  const plain = resourceWith([jstor, ruleOf('acs.org', 'domain')])
  const rulebook = rulebookWith({
    ...plain,
    rewriting: { replace, encodedUrls: true, neverProxy: [direct] },
    usage: [{ written: '/x', hosts: [], kind: 'nothing', find: () => ({}) }],
  })
  const text = `${policy}Mark Word filler https%3A%2F%2Fwww.jstor.org ${link('www.jstor.org')}${link('ads.acs.org')}${link('pubs.acs.org')}${filler}`
  const found = await twice(threads, rulebook, text)
  t.true(found.here.bytes.equals(found.there.bytes))
  t.true(found.text.includes('Sign <or> filler https%3A%2F%2Fwww-jstor-org.proxy.example.edu'))
  t.true(found.text.includes('https://pubs-acs-org.proxy.example.edu/x'))
  t.true(found.text.includes('https://ads.acs.org/x'))
  t.true(found.text.includes('img-src www-jstor-org.proxy.example.edu *.proxy.example.edu'))
})

test('a body in which nothing changes comes back as it was, and one that cannot be read too', async (t) => {
  const threads = createBodyThreads(script)
  t.teardown(() => threads.close())
  const rulebook = rulebookWith(resourceWith([jstor]))
  const { hosts } = rulebook
  const options = optionsUnder(rulebook)
  const { headMarkup: _, ...page } = options.page
  const clean = gzipSync(filler)
  const copy = Buffer.from(clean)
  const answer = await threads.under(rulebook)(clean, { ...options, page })
  t.is(answer.kind, 'unchanged')
  t.true(answer.bytes.equals(copy))
  const wrong = await threads.under({ ...rulebook, hosts })(Buffer.from('no gzip'), options)
  t.deepEqual({ ...wrong, bytes: wrong.bytes.toString() }, { kind: 'streamed', bytes: 'no gzip' })
})

test('bodies of exchanges that began under older rules keep them, whatever comes between', async (t) => {
  const threads = createBodyThreads(script)
  t.teardown(() => threads.close())
  const count = limits.rewriting.threadRules + 2
  const rulebooks = Array.from({ length: count }, (_, index) =>
    rulebookWith(resourceWith([jstor, ruleOf(`host${index}.example.org`, 'exact')])),
  )
  const text = rulebooks.map((_, index) => link(`host${index}.example.org`)).join('') + filler
  for (const [index, rulebook] of [...rulebooks, ...rulebooks].entries()) {
    const { text: came } = await twice(threads, rulebook, text)
    const mapped = [...came.matchAll(/host(\d)-example-org/g)].map(([, which]) => Number(which))
    t.deepEqual(mapped, [index % count])
  }
})

test('a thread that ends fails who waits for it, and the next one is served by another', async (t) => {
  const threads = createBodyThreads(script)
  t.teardown(() => threads.close())
  const rulebook = rulebookWith(resourceWith([jstor]))
  const waiting = threads.under(rulebook)(gzipSync(filler), optionsUnder(rulebook))
  await Promise.all([
    t.throwsAsync(waiting, { code: 'ERR_INTERNAL' }),
    threads.close(), // as if its memory had run out
  ])
  const { here, there } = await twice(threads, rulebook, link('www.jstor.org') + filler)
  t.true(here.bytes.equals(there.bytes))
})
