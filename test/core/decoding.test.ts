import test from 'ava'
import * as fc from 'fast-check'
import { z } from 'zod'

import { jsonAs, jsonOf, percentDecoded } from '../../src/core/decoding.ts'

test('what was written as JSON or with percent signs is read back', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = JSON.stringify(value)
      t.deepEqual(jsonOf(text), JSON.parse(text))
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      t.is(percentDecoded(encodeURIComponent(text)), text)
    }),
  )
})

test('what cannot be read is undefined', (t) => {
  for (const text of ['', '{', 'undefined', "{'a':1}", '1 2']) t.is(jsonOf(text), undefined, text)
  for (const text of ['%', '%zz', '%ff', '100%']) t.is(percentDecoded(text), undefined, text)
  const schema = z.strictObject({ id: z.int() })
  t.deepEqual(jsonAs(schema, '{"id":1}'), { id: 1 })
  for (const text of ['{"id":"1"}', '{"id":1,"more":2}', '[]', '', '{']) {
    t.is(jsonAs(schema, text), undefined, text)
  }
})
