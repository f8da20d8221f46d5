import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { readForm } from '../../src/identity/forms.ts'
import { serveStage } from '../support/application.ts'

for (const [what, length, type, status] of [
  ['as long as may be', limits.identity.formBytes, 'application/x-www-form-urlencoded', 200],
  ['longer by a byte', limits.identity.formBytes + 1, 'application/x-www-form-urlencoded', 413],
  ['very long', 40 * limits.identity.formBytes, 'application/x-www-form-urlencoded', 413],
  ['that is none', 10, 'text/plain', 400],
] as const) {
  test(`a form ${what}: ${status}`, async (t) => {
    const { origin, server } = await serveStage(async (context) => {
      context.body = String((await readForm(context)).get('a')?.length)
    })
    t.teardown(() => server.stop())
    const body = `a=${'x'.repeat(length - 2)}`
    const answer = await fetch(origin, { method: 'POST', headers: { 'content-type': type }, body })
    t.is(answer.status, status)
    if (status === 200) t.is(await answer.text(), String(length - 2))
  })
}
