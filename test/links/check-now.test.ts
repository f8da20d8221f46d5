/** "Check now": one look at a time for each resource, few at once, and what comes of it. */
import { setTimeout as pause } from 'node:timers/promises'

import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import type { CheckedLinks } from '../../src/links/check.ts'
import { createCheckNow, type CheckNowParts } from '../../src/links/check-now.ts'
import { openLinkStore } from './store.ts'

const { askedAtOnce, askedMs } = limits.links.now

const checked = (resourceId: string): CheckedLinks => {
  const links = { resourceId, standing: 'works', links: [] } as const
  return { before: links, after: links }
}

const quiet = {
  isOn: true,
  onChecked: () => undefined,
  onTrouble(error: unknown) {
    throw error
  },
} satisfies Partial<CheckNowParts>

test('a resource is looked at again after its time, whichever process is asked', async (t) => {
  let at = Date.UTC(2026, 10, 3)
  await using links = openLinkStore({ now: () => at, steady: () => at })
  const { records } = links.store
  const looked: string[] = []
  const heard: string[] = []
  const parts: CheckNowParts = {
    ...quiet,
    records,
    async look(ids, onChecked) {
      looked.push(...ids)
      for (const id of ids) if (id !== 'closed') onChecked(checked(id))
    },
    onChecked: ({ after }) => heard.push(after.resourceId),
  }
  const one = createCheckNow(parts)
  const other = createCheckNow(parts)
  t.deepEqual((await Promise.all([one('jstor'), other('jstor')])).toSorted(), ['busy', 'checked'])
  t.is(await one('closed'), 'unchecked')
  t.is(await createCheckNow({ ...parts, isOn: false })('scopus'), 'unchecked')
  at += askedMs
  t.is(await other('jstor'), 'checked')
  t.deepEqual(looked, ['jstor', 'closed', 'jstor'])
  t.deepEqual(heard, ['jstor', 'jstor'])
})

test('few looks go on at once, and one that failed makes room', async (t) => {
  await using links = openLinkStore()
  const ends: ((error?: Error) => void)[] = []
  const ask = createCheckNow({
    ...quiet,
    records: links.store.records,
    look: (ids, onChecked) =>
      new Promise((resolve, reject) => {
        for (const id of ids) onChecked(checked(id))
        ends.push((error) => (error === undefined ? resolve() : reject(error)))
      }),
  })
  const first = ask('first')
  const others = Array.from({ length: askedAtOnce - 1 }, (_, number) => ask(`r${number}`))
  // Asked before any of the others has begun.
  t.is(await ask('one-more'), 'busy')
  while (ends.length < askedAtOnce) await pause(1)
  ends[0]?.(new Error('the store does not answer'))
  await t.throwsAsync(first, { message: 'the store does not answer' })
  const last = ask('one-more')
  while (ends.length <= askedAtOnce) await pause(1)
  for (const end of ends) end()
  t.deepEqual(await Promise.all([...others, last]), ['checked', 'checked', 'checked'])
})
