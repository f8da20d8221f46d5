/**
 * Every body case of the golden files: whole, in one go, at each cut, in random chunks, under its
 * codings.
 * @module
 */
import test from 'ava'

import { runBodyCase } from '../support/conformance-body.ts'
import { readConformanceSuite } from '../support/conformance-case.ts'

for (const name of ['rewriting', 'rewriting-more']) {
  const suite = readConformanceSuite(`test/golden/${name}.jsonl`)
  const cases = suite.cases.filter(
    ({ contentType }) => !/^(?:text\/x-host-|message\/|browser\/)/.test(contentType),
  )
  for (const testCase of cases) {
    test(`${testCase.id} ${testCase.area}: ${testCase.why}`, async (t) => {
      t.is(await runBodyCase(testCase, suite), undefined)
    })
  }

  test(`${name}: a wrong expectation fails, whole or in parts`, async (t) => {
    const [first] = cases
    if (first === undefined) return t.fail('no cases')
    t.regex((await runBodyCase({ ...first, expected: 'other' }, suite)) ?? '', /expected "other"/)
    const expected = [{ mustNotContain: '' }]
    t.regex((await runBodyCase({ ...first, expected }, suite)) ?? '', /has ""/)
  })
}
