import test from 'ava'

import { limits } from '../../src/core/limits.ts'
import { createPlaces } from '../../src/listener/places.ts'

const { requestsInFlight, requestsPerClient } = limits.listener

test('one client gets its share of the places and leaves the rest to others', (t) => {
  const places = createPlaces()
  const leave = Array.from({ length: requestsPerClient }, () => places.take('192.0.2.1'))
  t.throws(() => places.take('192.0.2.1'), { code: 'ERR_OVERLOAD' })
  t.notThrows(() => places.take('192.0.2.2'))
  leave[0]?.()
  t.notThrows(() => places.take('192.0.2.1'))
})

test('the addresses of one IPv6 customer are one client', (t) => {
  const places = createPlaces()
  for (let at = 0; at < requestsPerClient; at++) places.take(`2001:db8:1:2::${at.toString(16)}`)
  t.throws(() => places.take('2001:db8:1:2:ffff::1'), { code: 'ERR_OVERLOAD' })
  t.notThrows(() => places.take('2001:db8:1:3::1'))
})

test('all clients together get what there is, and a place that is given back twice is one', (t) => {
  const places = createPlaces()
  const leave = Array.from({ length: requestsInFlight }, (_, at) => places.take(`client ${at}`))
  t.throws(() => places.take('another'), { code: 'ERR_OVERLOAD' })
  leave[0]?.()
  leave[0]?.()
  t.notThrows(() => places.take('another'))
  t.throws(() => places.take('yet another'), { code: 'ERR_OVERLOAD' })
})
