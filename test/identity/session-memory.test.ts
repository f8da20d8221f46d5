import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { createSessionMemory } from '../../src/identity/session-memory.ts'

const remembered = (number: number) => ({
  session: {
    id: `session-${number % 10}`,
    patron: { issuer: 'i', subject: 's', categories: [], groups: [] },
    startedAt: 0,
    endsAt: 1,
  },
  row: '{}',
  tokenKey: `digest-${number}`,
  seenAt: 0,
  renewedAt: 0,
})

test('what was not seen for longest is forgotten first, beyond a bound', (t) => {
  const memory = createSessionMemory()
  memory.put(remembered(0))
  memory.put(remembered(1))
  for (let number = 2; number <= limits.identity.sessionsKnown + 1; number += 1) {
    memory.put(remembered(number))
    memory.put(remembered(0))
  }
  t.is(memory.get('digest-1'), undefined)
  t.truthy(memory.get('digest-0'))
})

test('an ended session is forgotten under every cookie', (t) => {
  const memory = createSessionMemory()
  for (const number of [3, 13, 4]) memory.put(remembered(number))
  memory.forget('session-3')
  t.is(memory.get('digest-3'), undefined)
  t.is(memory.get('digest-13'), undefined)
  t.truthy(memory.get('digest-4'))
})
