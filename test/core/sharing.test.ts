import test from 'ava'

import { createSharing } from '../../src/core/sharing.ts'

test('who asks for what is under way gets that, and afterwards it is done anew', async (t) => {
  const share = createSharing<number>()
  let done = 0
  const work = () => Promise.resolve(++done)
  t.deepEqual(await Promise.all(['a', 'b', 'a'].map((key) => share(key, work))), [1, 2, 1])
  t.is(await share('a', work), 3)
})

test('what fails fails for all who wait, and is tried anew by the next', async (t) => {
  const share = createSharing<number>()
  const found = await Promise.allSettled([
    share('a', () => Promise.reject(new Error('no'))),
    share('a', () => Promise.resolve(1)),
  ])
  t.deepEqual(
    found.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  t.is(await share('a', () => Promise.resolve(2)), 2)
})
