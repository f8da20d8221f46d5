import test from 'ava'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'

import { parseAddress } from '../../src/core/address.ts'
import { addressKey, parseRange } from '../../src/core/ranges.ts'

const inside = (range: string, text: string): boolean => {
  const { low, high } = parseRange(range, 'at')
  const address = parseAddress(text)
  return address !== undefined && low <= addressKey(address) && addressKey(address) <= high
}

for (const [range, address, expected] of [
  ['192.0.2.7', '192.0.2.7', true],
  ['192.0.2.7', '192.0.2.8', false],
  ['192.0.2.0/24', '192.0.2.255', true],
  ['192.0.2.0/24', '192.0.3.0', false],
  ['192.0.2.5-192.0.2.9', '192.0.2.9', true],
  ['192.0.2.5-192.0.2.9', '192.0.2.10', false],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['0.0.0.0/0', '::1', false],
  ['::/0', '192.0.2.1', false],
  ['2001:db8::/32', '2001:db8:ffff::1', true],
  ['2001:db8::/32', '2001:db9::', false],
  ['10.0.0.0/8', '::ffff:10.1.2.3', true],
  ['::ffff:10.0.0.0/104', '10.1.2.3', true],
] as const) {
  test(`${address} is ${expected ? '' : 'not '}in ${range}`, (t) => {
    t.is(inside(range, address), expected)
  })
}

for (const range of [
  '',
  'campus',
  '10',
  '10.1',
  '010.0.0.1',
  '10.0.0.256',
  '10.0.0.1/33',
  '10.0.0.1/8',
  '10.0.0.0/08',
  '10.0.0.0/',
  '10.0.0.9-10.0.0.1',
  '10.0.0.1-::1',
  '10.0.0.1-10.0.0.2-10.0.0.3',
  '10.0.0.1-',
  'fe80::1%eth0',
  '2001:db8::1/64',
  '::/129',
]) {
  test(`"${range}" is refused with its place`, (t) => {
    const error = t.throws(() => parseRange(range, 'gateway.yaml:7 networks[0]'))
    t.like(error, { code: 'ERR_ADDRESS_RANGE' })
    t.regex(error.message, /^gateway\.yaml:7 networks\[0\]: found ".*", expected an address/)
  })
}

test('a block holds just the addresses that ipaddr.js says', (t) => {
  const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))
  fc.assert(
    fc.property(octets, fc.integer({ min: 0, max: 32 }), octets, (base, bits, other) => {
      const network = ipaddr.IPv4.networkAddressFromCIDR(`${base.join('.')}/${bits}`)
      const expected = ipaddr.IPv4.parse(other.join('.')).match(network, bits)
      return inside(`${network.toString()}/${bits}`, other.join('.')) === expected
    }),
    { numRuns: 2000 },
  )
  t.pass()
})
