/**
 * The ledger of cases that are known to fail: it may only shrink.
 * @module
 */
import test from 'ava'

import { readConformanceSuite, readLedger } from '../support/conformance-case.ts'

/** How many stood in it last; lowered with every entry that goes, and never raised. */
const entriesMax = 0

test('the ledger of expected failures has not grown', (t) => {
  t.true(readLedger().size <= entriesMax)
})

test('every expected failure is a case, and has a reason', (t) => {
  const { cases } = readConformanceSuite('test/golden/rewriting.jsonl')
  const ids = new Set(cases.map(({ id }) => id))
  const entries = [...readLedger()]
  t.deepEqual(
    entries.filter(([id, reason]) => !ids.has(id) || !/\w+ \w+/.test(reason)),
    [],
  )
})
