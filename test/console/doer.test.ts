/** How the audit log names whoever of the staff acts. */
import test from 'ava'

import { doerIn } from '../../src/console/doer.ts'
import type { GatewayContext } from '../../src/core/context.ts'
import { limits } from '../../src/core/limits.ts'

const { nameChars } = limits.control

function by(subject: string, displayName?: string): string {
  const patron = {
    issuer: 'i',
    subject,
    categories: [],
    groups: [],
    ...(displayName && { displayName }),
  }
  const context = { state: { session: { patron } } } as unknown as GatewayContext
  return doerIn(context, new URLSearchParams({ why: 'a test' })).by
}

const cases: readonly [what: string, subject: string, name: string | undefined, by: string][] = [
  ['by name and account', '4711', 'Aida', 'Aida (4711)'],
  ['without a name by the account', '4711', undefined, '(4711)'],
  ['with the account whole, however long the name', '4711', 'Aida (1) '.repeat(99), '(4711)'],
  ['on one line', '47\n11', 'Aida\u202E\nB', 'Aida B (47 11)'],
  ['with no half of a character', '4711', `${'x'.repeat(nameChars - 8)}😀`, '(4711)'],
  ['by a long account', 's'.repeat(400), 'Aida', `(${'s'.repeat(nameChars - 3)})`],
]

for (const [what, subject, name, end] of cases) {
  test(`staff are named ${what}`, (t) => {
    const told = by(subject, name)
    t.true(told.endsWith(end), told)
    t.true(told.length <= nameChars)
  })
}
