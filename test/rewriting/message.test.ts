import { fileURLToPath } from 'node:url'

import test from 'ava'

import { readConformanceSuite } from '../support/conformance-case.ts'
import { runMessageCase } from '../support/conformance-message.ts'

const file = fileURLToPath(new URL('../golden/rewriting.jsonl', import.meta.url))
const suite = readConformanceSuite(file)

// Sign-in is not part of this gateway; its cases run against the whole one.
const elsewhere = new Set(['req.session'])

for (const testCase of suite.cases) {
  const { id, area, contentType, why } = testCase
  if (!contentType.startsWith('message/') || elsewhere.has(area)) continue
  // One after the other: some measure time or memory.
  test.serial(`${id} ${area}: ${why}`, async (t) => {
    t.is(await runMessageCase(testCase, suite), undefined)
  })
}
