import test from 'ava'

import { isMining } from '../../src/core/counter.ts'
import { compileScope } from '../../src/resources/path-patterns.ts'

const agreed = {
  groups: ['miners'],
  networks: ['centre'],
  scope: compileScope([], ['/api/tdm/**'], []),
}
const asked = { groups: ['readers'], network: 'campus', host: 'a.test', path: '/article/1' }

for (const [what, change, expected] of [
  ['a reader', {}, false],
  ['a reader of no network', { network: undefined }, false],
  ['a group', { groups: ['readers', 'miners'] }, true],
  ['a network', { network: 'centre' }, true],
  ['a path', { path: '/api/tdm/1' }, true],
  ['a path beside it', { path: '/api/tdmx/1' }, false],
] as const) {
  test(`text mining that was agreed to, ${what}: ${expected}`, (t) => {
    t.is(isMining(agreed, { ...asked, ...change }), expected)
  })
}

test('where no path is named none is by itself', (t) => {
  t.false(isMining({ groups: [], networks: [] }, asked))
})
