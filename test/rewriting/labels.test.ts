import test from 'ava'

import type { TypeOverride } from '../../src/core/rewriting-options.ts'
import { compileScope } from '../../src/resources/path-patterns.ts'
import { labelOf } from '../../src/rewriting/labels.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'

const hosts = [ruleOf('www.jstor.org', 'exact'), ruleOf('api.jstor.org', 'exact')]
const contentTypes: readonly TypeOverride[] = [
  { type: 'text/plain', as: 'javascript', scope: compileScope([], ['/js/**'], []) },
  { type: '', as: 'html', scope: compileScope([ruleOf('api.jstor.org', 'exact')], [], []) },
  { as: 'none', scope: compileScope([], ['/raw/*'], []) },
  { type: 'application/octet-stream', as: 'xml', scope: compileScope([], [], []) },
]
const resource = { ...resourceWith(hosts), rewriting: { contentTypes } }

/** [label, host, target, what the body is judged by] */
const cases = [
  ['text/plain; charset=koi8-r', 'www.jstor.org', '/js/a?b', 'text/javascript'],
  ['TEXT/Plain', 'www.jstor.org', '/js/a', 'text/javascript'],
  ['text/plain', 'www.jstor.org', '/a?/js/', 'text/plain'],
  ['text/html', 'www.jstor.org', '/js/a', 'text/html'],
  ['', 'api.jstor.org', '/a', 'text/html'],
  ['', 'www.jstor.org', '/a', ''],
  ['text/html', 'www.jstor.org', '/raw/a', undefined],
  ['text/html', 'www.jstor.org', '/raw/a/b', 'text/html'],
  ['application/octet-stream', 'www.jstor.org', '/a', 'text/xml'],
] as const

for (const [label, host, target, expected] of cases) {
  test(`"${label}" from ${host}${target} is read as ${expected ?? 'nothing'}`, (t) => {
    t.is(labelOf(label, { resource, host, target }), expected)
  })
}

test('without a rule a label is what it says', (t) => {
  const plain = resourceWith(hosts)
  t.is(
    labelOf('text/plain', { resource: plain, host: 'www.jstor.org', target: '/js/a' }),
    'text/plain',
  )
})
