import test from 'ava'
import { array, assert, constantFrom, property } from 'fast-check'

import { windows1251 } from '../../src/demo/charset.ts'

const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
const letters = Array.from(new TextDecoder('windows-1251').decode(bytes))

test('what windows-1251 can say, a browser reads back', (t) => {
  assert(
    property(array(constantFrom(...letters)), (parts) => {
      const text = parts.join('')
      return new TextDecoder('windows-1251').decode(windows1251(text)) === text
    }),
  )
  t.pass()
})

test('other letters become character references', (t) => {
  t.is(windows1251('Үй').toString('latin1'), '&#1198;\xe9')
})
