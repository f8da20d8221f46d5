/**
 * Documents within documents: a frame whose markup stands in an attribute has a window of its own.
 * @module
 */
import test from 'ava'

import type { AddressMapper } from '../../src/rewriting/address.ts'
import { createMarkupScanner } from '../../src/rewriting/markup.ts'
import { editsOf } from '../../src/rewriting/scanner.ts'

const mapper: AddressMapper = { hostFor: () => undefined, schemeFor: (scheme) => scheme }
const script = '<script nonce="a&b" src="/s.js"></script>'

/** The text with the head markup in it, without the document's own. */
function rewritten(text: string, headMarkup?: string): string {
  const scanner = createMarkupScanner({
    mapper,
    dialect: 'html',
    headMarkup,
    mapsBareHosts: false,
    asksWithCredentials: true,
  })
  let done = text
  for (const edit of editsOf(scanner, text).toReversed()) {
    done = done.slice(0, edit.start) + edit.text + done.slice(edit.end)
  }
  return done.replace(script, '')
}

/** Character references of numbers undone, as browsers do for one level. */
function unescaped(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
}

for (const [title, given, expected] of [
  ['in quotes', '<iframe srcdoc="<p>x">', `<iframe srcdoc="${script}<p>x">`],
  ['without quotes', '<iframe srcdoc=x>', `<iframe srcdoc=${script}x>`],
  [
    'behind its doctype, in its head',
    "<iframe title=x srcdoc='<!doctype html><html><head><title>t</title>'>",
    `<iframe title=x srcdoc='<!doctype html><html><head>${script}<title>t</title>'>`,
  ],
  [
    'beside an address',
    '<iframe src="https://evil.example/" srcdoc="<p>">',
    `<iframe src="https://evil.example/" srcdoc="${script}<p>">`,
  ],
  ['not on other elements', '<div srcdoc="<p>x">', '<div srcdoc="<p>x">'],
  [
    'not below a foreign base, which would lead its path away',
    '<base href="https://evil.example/"><iframe srcdoc="<p>x">',
    '<base href="https://evil.example/"><iframe srcdoc="<p>x">',
  ],
] as const) {
  test(`a document in an attribute gets the head markup: ${title}`, (t) => {
    t.is(unescaped(rewritten(`<p>${given}</p>`, script)), `<p>${expected}</p>`)
    t.is(rewritten(given), given)
  })
}

test('one within another gets it with one more level of escapes', (t) => {
  const given = '<p><iframe srcdoc="<p><iframe srcdoc=\'&lt;p>\'>">'
  const once = unescaped(rewritten(given, script))
  t.is(unescaped(once), `<p><iframe srcdoc="${script}<p><iframe srcdoc='${script}&lt;p>'>">`)
  t.false(once.includes(`srcdoc='${script}`))
})
