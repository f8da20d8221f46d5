import test from 'ava'

import { rememberLately } from '../../src/core/lately.ts'

test('what was asked lately is not asked again, and undefined is an answer too', (t) => {
  const asked: string[] = []
  const lengthOf = rememberLately({ entries: 10, chars: 10 }, (text) => {
    asked.push(text)
    return text === '' ? undefined : text.length
  })
  t.deepEqual(
    ['a', 'bb', 'a', '', '', 'bb'].map((text) => lengthOf(text)),
    [1, 2, 1, undefined, undefined, 2],
  )
  t.deepEqual(asked, ['a', 'bb', ''])
})

test('neither the number of texts nor their length is without a bound', (t) => {
  let asked = 0
  const ask = rememberLately({ entries: 3, chars: 5 }, () => (asked += 1))
  for (const text of ['a', 'b', 'c']) ask(text)
  t.is(ask('a'), 1)
  ask('d')
  t.is(ask('a'), 5, 'it began anew')
  t.not(ask('longer'), ask('longer'))
})

test('what goes along does not count', (t) => {
  const ask = rememberLately({ entries: 3, chars: 5 }, (text, by: string) => text + by)
  t.is(ask('a', '1'), 'a1')
  t.is(ask('a', '2'), 'a1')
})
