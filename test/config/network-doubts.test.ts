/** The report on networks that overlap: against the decision itself, and at the size of big lists. */
import test from 'ava'
import * as fc from 'fast-check'

import type { NetworkConfig } from '../../src/config/config.ts'
import { overlapDoubts } from '../../src/config/network-doubts.ts'
import { limits } from '../../src/core/limits.ts'
import { compileNetworks } from '../../src/policy/networks.ts'

const network = (name: string, ranges: string[], treatment = 'authenticate' as const) => ({
  name,
  ranges,
  channel: 'onsite' as const,
  treatment,
  category: 'walk-in' as const,
})

const address = (last: number) => `10.0.0.${last}`
const range = fc
  .tuple(fc.nat(31), fc.nat(31))
  .map((ends) => ends.toSorted((a, b) => a - b))
  .map(([first = 0, last = 0]) => `${address(first)}-${address(last)}`)
const someNetworks = fc
  .array(
    fc.record({
      ranges: fc.array(range, { minLength: 1, maxLength: 4 }),
      treatment: fc.constantFrom('authenticate', 'direct', 'reject'),
    }),
    { maxLength: 6 },
  )
  .map((lists) => lists.map((list, index) => ({ ...network(String(index), []), ...list })))

const everywhere = Array.from({ length: 40 }, (_, last) => address(last))

type Networks = readonly NetworkConfig[]

function decisions(networks: Networks) {
  const placeOf = compileNetworks(networks, 'networks')
  return everywhere.map((text) => placeOf(text).network)
}

/** The networks without the ranges at these paths. */
function without(networks: Networks, paths: readonly string[]): Networks {
  return networks.map((each, index) => ({
    ...each,
    ranges: each.ranges.filter((_, position) => !paths.includes(`${index} ${position}`)),
  }))
}

test('what is found never to decide can be taken away, all at once; nothing else can', (t) => {
  fc.assert(
    fc.property(someNetworks, (networks) => {
      const doubts = overlapDoubts(networks)
      const hidden = doubts
        .filter(({ number }) => number === 'C015' || number === 'C017')
        .map(({ path: [, index, , position] }) => `${String(index)} ${String(position)}`)
      const rest = without(networks, hidden)
      t.deepEqual(decisions(rest), decisions(networks))
      t.deepEqual(
        overlapDoubts(rest).filter(({ number }) => number === 'C015' || number === 'C017'),
        [],
      )
    }),
    { numRuns: 500 },
  )
})

test('two networks that decide differently at some address are told, unless one is hidden', (t) => {
  fc.assert(
    fc.property(range, range, fc.boolean(), (one, other, isReject) => {
      const treatment = isReject ? 'reject' : 'direct'
      const networks = [network('a', [one]), { ...network('b', [other]), treatment } as const]
      const [first, second] = [one, other].map((text) => decisions([network('x', [text])]))
      const overlap = everywhere.filter((_, index) => first?.[index] && second?.[index])
      const numbers = overlapDoubts(networks).map(({ number }) => number)
      t.is(numbers.length, overlap.length > 0 ? 1 : 0, `${one} ${other}`)
    }),
    { numRuns: 500 },
  )
})

test('networks that decide alike may overlap', (t) => {
  t.deepEqual(overlapDoubts([network('a', ['10.0.0.0/8']), network('b', ['10.9.0.0/16'])]), [])
})

/** Networks of a thousand ranges each, every second one an exception within the one before. */
function listOf(count: number): Networks {
  const lists = Array.from({ length: count / 1000 }, (_, list) => ({
    ...network(
      `n${list}`,
      Array.from({ length: 1000 }, (_each, index) => {
        const at = list * 1000 + index
        return `10.${at >> 8}.${at & 255}.0/${index % 2 === 0 ? 24 : 25}`
      }),
    ),
    treatment: list % 2 === 0 ? ('direct' as const) : ('authenticate' as const),
  }))
  return [...lists, { ...network('all', ['10.0.0.0/8']), treatment: 'direct' }]
}

test('fifty thousand ranges are looked through in little more than ten times five thousand', (t) => {
  const timeOf = (count: number) => {
    const networks = listOf(count)
    const startedAt = performance.now()
    const found = overlapDoubts(networks)
    const ms = performance.now() - startedAt
    t.is(found.length, limits.config.networkFindings + 1)
    t.regex(found.at(-1)?.message ?? '', /^has \d+ more overlaps/)
    return ms
  }
  timeOf(5000)
  const [few, many] = [timeOf(5000), timeOf(50_000)]
  t.log(`${few.toFixed()} ms for 5,000, ${many.toFixed()} ms for 50,000`)
  // The square would be a hundred times; the margin is for a busy machine.
  t.true(many < few * 40)
})
