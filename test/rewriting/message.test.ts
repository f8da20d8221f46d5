import { fileURLToPath } from 'node:url'

import test from 'ava'

import { readConformanceSuite } from '../support/conformance-case.ts'
import { endCases, runMessageCase } from '../support/conformance-message.ts'

test.after.always(endCases)

for (const name of ['rewriting.jsonl', 'rewriting-more.jsonl', 'messages-more.jsonl']) {
  const suite = readConformanceSuite(fileURLToPath(new URL(`../golden/${name}`, import.meta.url)))
  for (const testCase of suite.cases) {
    const { id, area, contentType, why } = testCase
    if (!contentType.startsWith('message/')) continue
    // One after the other: they share gateways, and some measure time or memory.
    test.serial(`${id} ${area}: ${why}`, async (t) => {
      t.is(await runMessageCase(testCase, suite), undefined)
    })
  }
}
