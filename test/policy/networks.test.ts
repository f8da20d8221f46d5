import test from 'ava'
import * as fc from 'fast-check'
import ipaddr from 'ipaddr.js'

import type { NetworkConfig } from '../../src/config/config.ts'
import { compileNetworks, compilePlaces } from '../../src/policy/networks.ts'
import { resourceWith } from './fixtures.ts'

const network = (name: string, ranges: string[], more: Partial<NetworkConfig> = {}) => ({
  name,
  ranges,
  channel: 'onsite' as const,
  treatment: 'authenticate' as const,
  category: 'walk-in' as const,
  ...more,
})

const placeOf = compileNetworks(
  [
    network('campus', ['10.0.0.0/8', '2001:db8::/32'], { site: 'Bishkek', treatment: 'direct' }),
    network('robots', ['10.9.0.1-10.9.0.9'], { treatment: 'reject' }),
    network('halls', ['10.9.0.0/16'], { channel: 'remote' }),
    network('reading-room', ['10.9.1.7', '10.9.1.9'], { treatment: 'auto-login' }),
    network('vpn', ['192.0.2.0-192.0.2.255', '::ffff:198.51.100.0/120'], { channel: 'vpn' }),
    network('low', ['::/127'], { site: 'Osh' }),
  ],
  'networks',
)

const cases = [
  ['10.1.2.3', 'campus', 'direct', '10.1.2.3'],
  ['10.0.0.0', 'campus', 'direct', '10.0.0.0'],
  ['10.255.255.255', 'campus', 'direct', '10.255.255.255'],
  ['9.255.255.255', undefined, 'authenticate', '9.255.255.255'],
  ['11.0.0.0', undefined, 'authenticate', '11.0.0.0'],
  ['10.9.0.0', 'halls', 'authenticate', '10.9.0.0'],
  ['10.9.0.1', 'robots', 'reject', '10.9.0.1'],
  ['10.9.0.9', 'robots', 'reject', '10.9.0.9'],
  ['10.9.0.10', 'halls', 'authenticate', '10.9.0.10'],
  ['10.9.1.7', 'reading-room', 'auto-login', '10.9.1.7'],
  ['10.9.1.8', 'halls', 'authenticate', '10.9.1.8'],
  ['::ffff:10.1.2.3', 'campus', 'direct', '10.1.2.3'],
  ['::FFFF:0A01:0203', 'campus', 'direct', '10.1.2.3'],
  ['0:0:0:0:0:ffff:10.1.2.3', 'campus', 'direct', '10.1.2.3'],
  ['198.51.100.255', 'vpn', 'authenticate', '198.51.100.255'],
  ['::ffff:198.51.101.0', undefined, 'authenticate', '198.51.101.0'],
  ['192.0.2.255', 'vpn', 'authenticate', '192.0.2.255'],
  ['2001:DB8:0::1', 'campus', 'direct', '2001:db8::1'],
  ['2001:db9::', undefined, 'authenticate', '2001:db9::'],
  ['::1', 'low', 'authenticate', '::1'],
  ['0.0.0.1', undefined, 'authenticate', '0.0.0.1'],
  ['::2', undefined, 'authenticate', '::2'],
] as const

for (const [address, name, treatment, canonical] of cases) {
  test(`${address} is of ${name ?? 'no network'}: ${treatment}`, (t) => {
    const place = placeOf(address)
    t.is(place.network, name)
    t.is(place.treatment, treatment)
    t.is(place.address, canonical)
  })
}

test('a place tells all that its network says, and the category only where it admits', (t) => {
  t.deepEqual(placeOf('10.1.1.1'), {
    address: '10.1.1.1',
    network: 'campus',
    site: 'Bishkek',
    channel: 'onsite',
    treatment: 'direct',
  })
  t.deepEqual(placeOf('10.9.1.9'), {
    address: '10.9.1.9',
    network: 'reading-room',
    channel: 'onsite',
    treatment: 'auto-login',
    category: 'walk-in',
  })
  t.deepEqual(placeOf('203.0.113.1'), {
    address: '203.0.113.1',
    channel: 'remote',
    treatment: 'authenticate',
  })
})

const unreadable = [
  ['', ' ', '010.1.1.1', '10.1.1', '10.1.1.1.1', '0x0a.1.1.1', '167837953', '10.1.1.256'],
  ['10.1.1.1 ', '10.1.1.1:80', '[::1]', 'fe80::1%eth0', '::ffff:10.1.1.1%1', '1::2::3'],
  ['::ffff:010.1.1.1', '::ffff:0x0a.1.1.1', 'localhost', '10.1.1.1/32', '10.1.1.1,10.1.1.2'],
].flat()
for (const address of unreadable) {
  test(`"${address}" is not an address and is rejected`, (t) => {
    const place = { address: 'unreadable', channel: 'remote', treatment: 'reject' } as const
    t.deepEqual(placeOf(address), place)
  })
}

const faulty = [
  unreadable.filter((text) => text !== '10.1.1.1/32'),
  ['10.0.0.9-10.0.0.1', '10.0.0.1-::1', '10.0.0.1-', '-10.0.0.1', '10.0.0.1-10.0.0.2-10.0.0.3'],
  ['10.0.0.1/8', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/', '10.0.0.0/8/8'],
  ['2001:db8::1/32', '::/129', '::ffff:10.0.0.0/95', '::ffff:10.0.0.0/102', '/8', '*', '10.*'],
].flat()
for (const range of faulty) {
  test(`the range "${range}" is an error that tells its place`, (t) => {
    const networks = [network('a', ['10.0.0.0/8']), network('b', ['::1', range])]
    t.throws(() => compileNetworks(networks, 'gateway.yaml networks'), {
      code: 'ERR_ADDRESS_RANGE',
      message: /^gateway\.yaml networks\[1\]\.ranges\[1\]: /,
    })
  })
}

const shapes = compileNetworks(
  [
    network('campus', ['192.0.2.0/24', '2002:c633:6400::/40'], { treatment: 'direct' }),
    network('blocked', ['198.51.100.7'], { treatment: 'reject' }),
    network('translated', ['64:ff9b::203.0.113.0/120'], { channel: 'vpn' }),
    network('prefix', ['64:ff9b:1::/48']),
  ],
  'networks',
)
for (const [text, expected, why] of [
  ['::ffff:192.0.2.1', 'campus', 'mapped'],
  ['64:ff9b::192.0.2.1', 'campus', 'shown by a translator'],
  ['64:ff9b::c000:201', 'campus', 'shown by a translator, in hexadecimal'],
  ['64:ff9b::198.51.100.7', 'blocked', 'shown by a translator, rejected'],
  ['203.0.113.9', 'translated', 'a range as a translator shows it'],
  ['64:ff9b::203.0.113.9', 'translated', 'both'],
  ['64:ff9b:1::192.0.2.1', 'prefix', 'a prefix of the library’s own is IPv6'],
  ['2002:c000:201::1', undefined, 'a 6to4 tunnel from campus is not on campus'],
  ['2001:0:4136:e378:8000:63bf:3fff:fdfe', undefined, 'nor is a Teredo tunnel'],
  ['2002:c633:6407::1', 'blocked', 'a 6to4 tunnel from a rejected address is rejected'],
  ['2002:c633:6408::1', 'campus', 'a listed 6to4 range is as listed'],
  ['2001:0:4136:e378:8000:63bf:39cc:9bf8', 'blocked', 'a Teredo tunnel from a rejected address'],
] as const) {
  test(`IPv4 within IPv6: ${text} (${why}): ${expected ?? 'no network'}`, (t) => {
    t.is(shapes(text).network, expected)
  })
}

test('whom a translator shows has the address that the translator met', (t) => {
  t.is(shapes('64:ff9b::192.0.2.1').address, '192.0.2.1')
})

const exceptions = [
  { networks: ['campus'], ranges: ['203.0.113.0/24'], treatment: 'direct', category: 'walk-in' },
  { networks: [], ranges: ['10.1.0.0/16'], treatment: 'auto-login', category: 'member' },
  { networks: [], ranges: ['10.1.1.0/24'], treatment: 'authenticate', category: 'walk-in' },
  { networks: [], ranges: ['10.1.9.9'], treatment: 'reject', category: 'walk-in' },
  { networks: [], ranges: ['10.1.9.0/24'], treatment: 'direct', category: 'walk-in' },
] as const
const own = { ...resourceWith({}), addresses: exceptions }
const placeAt = compilePlaces(
  [
    network('campus', ['10.0.0.0/8'], { site: 'Bishkek' }),
    network('robots', ['10.1.0.66', '203.0.113.66'], { treatment: 'reject' }),
    network('kiosks', ['10.2.0.0/16'], { treatment: 'auto-login' }),
  ],
  [own, resourceWith({})],
  'networks',
)
for (const [address, treatment, entry, category] of [
  ['10.3.0.1', 'direct', 0, undefined],
  ['203.0.113.1', 'direct', 0, undefined],
  ['10.1.0.1', 'auto-login', 1, 'member'],
  ['::ffff:10.1.0.1', 'auto-login', 1, 'member'],
  ['10.1.1.1', 'authenticate', 2, undefined],
  ['10.1.9.9', 'reject', 3, undefined],
  ['10.1.9.8', 'direct', 4, undefined],
  ['10.1.0.66', 'reject', undefined, undefined],
  ['203.0.113.66', 'reject', undefined, undefined],
  // In the range of campus, but of another network.
  ['10.2.0.1', 'auto-login', undefined, 'walk-in'],
  ['198.51.100.1', 'authenticate', undefined, undefined],
  ['nonsense', 'reject', undefined, undefined],
] as const) {
  test(`a list of the resource's own: ${address}: ${treatment}`, (t) => {
    const place = placeAt(address, own)
    t.is(place.treatment, treatment)
    t.is(place.entry, entry)
    t.is(place.category, category)
    t.is(placeAt(address, own), place, 'the same object')
    const elsewhere = placeAt(address)
    t.is(placeAt(address, resourceWith({})), elsewhere)
    t.is(elsewhere.entry, undefined)
    t.like(place, { channel: elsewhere.channel, address: elsewhere.address })
    t.is(place.network, elsewhere.network)
  })
}

test('no networks, and networks without ranges, leave everybody to sign in', (t) => {
  for (const networks of [[], [network('empty', [])]]) {
    t.is(compileNetworks(networks, 'x')('10.0.0.1').treatment, 'authenticate')
  }
})

// Few bits vary, so that ranges overlap and addresses hit their edges.
const v4 = fc
  .tuple(fc.constantFrom(10, 11), fc.constant(0), fc.integer({ min: 0, max: 3 }), fc.nat(255))
  .map((octets) => new ipaddr.IPv4(octets))
const v6 = fc
  .tuple(fc.constantFrom(0, 0x2003), fc.constantFrom(0, 0xffff), fc.nat(3), fc.nat(0xffff))
  .map(
    ([first, sixth, seventh, last]) => new ipaddr.IPv6([first, 0, 0, 0, 0, sixth, seventh, last]),
  )
const anyAddress = fc.oneof(v4, v6)

const block = fc
  .oneof(
    fc.tuple(v4, fc.integer({ min: 0, max: 32 })),
    fc.tuple(
      v6.filter((address) => !address.isIPv4MappedAddress()),
      fc.oneof(fc.integer({ min: 0, max: 128 }), fc.integer({ min: 104, max: 128 })),
    ),
  )
  .map(([address, bits]) => {
    const family = address.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
    const first = family.networkAddressFromCIDR(`${address.toString()}/${bits}`)
    return `${first.toString()}/${bits}`
  })
const pair = fc
  .tuple(anyAddress, anyAddress)
  .map((ends) => ends.map((end) => ipaddr.process(end.toString())).toSorted(compareBytes))
  .filter(([first, last]) => first!.kind() === last!.kind())
  .map((ends) => ends.join('-'))
const someNetworks = fc.array(
  fc.record({
    ranges: fc.array(fc.oneof(block, pair, v4.map(String)), { maxLength: 4 }),
    treatment: fc.constantFrom('authenticate', 'auto-login', 'direct', 'reject'),
  }),
  { maxLength: 8 },
)

type Parsed = ReturnType<typeof ipaddr.process>

function compareBytes(a: Parsed, b: Parsed): number {
  return Buffer.compare(Buffer.from(a.toByteArray()), Buffer.from(b.toByteArray()))
}

/** Whether ipaddr.js itself finds the address in the range. */
function isIn(address: Parsed, range: string): boolean {
  if (range.includes('/')) {
    const [base, bits] = ipaddr.parseCIDR(range)
    return base.kind() === address.kind() && address.match(base, bits)
  }
  const [first = '', last = first] = range.split('-')
  const [low, high] = [ipaddr.process(first), ipaddr.process(last)]
  return (
    low.kind() === address.kind() &&
    compareBytes(low, address) <= 0 &&
    compareBytes(address, high) <= 0
  )
}

test('any networks decide as ipaddr.js finds addresses in their ranges, one by one', (t) => {
  fc.assert(
    fc.property(someNetworks, fc.array(anyAddress, { minLength: 1 }), (networks, addresses) => {
      const named = networks.map(({ ranges, treatment }, index) =>
        network(String(index), ranges, { treatment }),
      )
      const decide = compileNetworks(named, 'networks')
      for (const each of addresses) {
        const address = ipaddr.process(each.toString())
        const hits = named.filter(({ ranges }) => ranges.some((range) => isIn(address, range)))
        const rejects = hits.filter(({ treatment }) => treatment === 'reject')
        const winner = rejects.at(-1) ?? hits.at(-1)
        const place = decide(each.toString())
        t.is(place.network, winner?.name)
        t.is(place.treatment, winner?.treatment ?? 'authenticate')
      }
    }),
    { numRuns: 1000 },
  )
})

const withList = (id: string, treatment: 'auto-login' | 'direct') => ({
  ...resourceWith({}),
  id,
  addresses: [{ networks: [], ranges: ['10.0.0.0/8'], treatment, category: 'alum' as const }],
})

test('an address has its place in each resource, in whatever order they are entered', (t) => {
  const places = [
    [undefined, 'authenticate'],
    [resourceWith({}), 'authenticate'],
    [withList('one', 'auto-login'), 'auto-login'],
    [withList('two', 'direct'), 'direct'],
  ] as const
  const resources = places.flatMap(([resource]) => resource ?? [])
  const placeIn = compilePlaces([network('here', ['10.0.0.0/8'])], resources, 'networks')
  const visits = fc.array(fc.tuple(fc.constantFrom('10.0.0.1', '10.0.0.2'), fc.nat(3)))
  fc.assert(
    fc.property(visits, (all) =>
      all.every(([address, index]) => {
        const [resource, treatment] = places[index]!
        const place = placeIn(address, resource)
        return place.treatment === treatment && place.address === address
      }),
    ),
  )
  t.pass()
})

test('fifty thousand ranges cost a lookup little more than one', (t) => {
  const ranges = Array.from({ length: 50_000 }, (_, index) => {
    const third = `${index >> 8}.${index & 255}`
    return index % 2 === 0 ? `100.${third}.0/25` : `100.${third}.9-100.${third}.200`
  })
  const startedAt = performance.now()
  const many = compileNetworks(
    [
      network('all', ['100.0.0.0/8']),
      network('many', ranges),
      network('odd', ranges.slice(0, 999)),
    ],
    'networks',
  )
  const compileMs = performance.now() - startedAt
  const one = compileNetworks([network('one', ['100.0.0.0/9'])], 'networks')
  const addresses = Array.from({ length: 20_000 }, (_, n) => `100.${n % 200}.${n % 251}.${n % 256}`)
  const timeOf = (decide: typeof one) => {
    const startMs = performance.now()
    for (const address of addresses) decide(address)
    return performance.now() - startMs
  }
  timeOf(one)
  timeOf(many)
  const [oneMs, manyMs] = [timeOf(one), timeOf(many)]
  t.log(
    `compile ${compileMs.toFixed()} ms; per lookup ${(oneMs / 20).toFixed(2)} µs with one range`,
  )
  t.log(`${(manyMs / 20).toFixed(2)} µs with 50,000`)
  t.is(many('100.0.1.100').network, 'odd')
  // A linear search would be thousands of times slower; the margin is for a busy machine.
  t.true(manyMs < oneMs * 10)
})
