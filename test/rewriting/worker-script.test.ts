/**
 * Worker scripts: the shim goes first, and the script stays what it was.
 * @module
 */
import test from 'ava'

import { applyEdits, editsOf, type Scanner } from '../../src/rewriting/scanner.ts'
import { isWorkerScript, openedBy } from '../../src/rewriting/worker-script.ts'

const untouched: Scanner = { scan: ({ end }) => end }
const opened = (text: string) => applyEdits(text, editsOf(openedBy('SHIM;', untouched), text))

for (const [title, text, expected] of [
  ['a plain script', 'a()', 'SHIM;a()'],
  ['an empty script', '', 'SHIM;'],
  ['a strict script', `'use strict'; a()`, `'use strict';SHIM;'use strict'; a()`],
  [
    'a directive behind comments',
    `/* x */ // y\n"use strict"\na()`,
    `'use strict';SHIM;/* x */ // y\n"use strict"\na()`,
  ],
  ['a second directive', `'other'; 'use strict';`, `'use strict';SHIM;'other'; 'use strict';`],
  ['a string that is no directive', `'use strict' + a`, `SHIM;'use strict' + a`],
  [
    'a directive within a function',
    `function f() { 'use strict' }`,
    `SHIM;function f() { 'use strict' }`,
  ],
  ['a hashbang', `#!/bin/x\n'use strict'\na()`, `#!/bin/x\n'use strict';SHIM;'use strict'\na()`],
  ['a hashbang alone', '#!x', '#!xSHIM;'],
] as const) {
  test(`it opens ${title}`, (t) => {
    t.is(opened(text), expected)
  })
}

test('a long script is opened once, wherever it is cut', (t) => {
  const text = `'use strict';${'a();'.repeat(20_000)}`
  const scanner = openedBy('SHIM;', untouched)
  const edits: { start: number; end: number; text: string }[] = []
  let from = 0
  for (const end of [10, 100, 17_000, 40_000, text.length]) {
    from = scanner.scan({ text, from, end, isLast: end === text.length, base: 0 }, edits)
  }
  t.deepEqual(edits, [{ start: 0, end: 0, text: `'use strict';SHIM;` }])
})

const lines = (destination: string, mode: string) =>
  [
    ['Sec-Fetch-Dest', destination],
    ['Sec-Fetch-Mode', mode],
  ] as const

test("only a worker's own script is one", (t) => {
  t.true(isWorkerScript(lines('worker', 'same-origin')))
  t.true(isWorkerScript(lines('sharedworker', 'same-origin')))
  t.false(isWorkerScript(lines('worker', 'cors')))
  t.false(isWorkerScript(lines('script', 'same-origin')))
  t.false(isWorkerScript([]))
})
