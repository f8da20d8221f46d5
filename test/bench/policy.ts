/**
 * `node test/bench/policy.ts`: what it costs to find the place of an address and to decide, with one
 * network and one resource and with 50,000 ranges and 5,000 resources, a third of them with a list of
 * their own. All in one process, round by round in turn; figures are medians of CPU time for one look-up,
 * with their spread.
 *
 * `place` is what an exchange costs whose reader is where they were: the stage remembers the decision with
 * the session. `place and decision` is the first one of a reader, and one in another resource; `new
 * address` one from an address that was not met before. Fair use and seats ask the store and are not in it.
 * @module
 */
import type { Patron } from '../../src/core/types.ts'
import { decide } from '../../src/policy/decide.ts'
import { compilePlaces } from '../../src/policy/networks.ts'
import { libraryNetworks, libraryResources } from './library.ts'
import { spreadOf } from './measure.ts'

const rounds = 31
/** Look-ups of one round: some milliseconds. */
const count = 20_000
const readers = 200

const patron: Patron = {
  issuer: 'https://id.example',
  subject: 'reader',
  categories: ['student'],
  groups: ['readers'],
  unit: 'Law',
}

interface Task {
  readonly addressOf: (turn: number) => string
  readonly isDecided: boolean
}

/** Decides for readers in turn, each in a resource of theirs. */
function work(ranges: number, number: number) {
  const resources = libraryResources(number)
  const placeOf = compilePlaces(libraryNetworks(ranges), resources, 'bench')
  let turn = 0
  return ({ addressOf, isDecided }: Task) => {
    const startedAt = process.cpuUsage()
    let allowed = 0
    for (let each = 0; each < count; each++) {
      turn += 1
      const resource = resources[(turn % readers) % resources.length]
      if (resource === undefined) throw new Error('no resource')
      const place = placeOf(addressOf(turn), resource)
      const isAllowed = isDecided
        ? decide({ resource, place, patron, todayOn: '2026-11-23' }).isAllowed
        : place.channel === 'onsite'
      if (isAllowed) allowed += 1
    }
    if (allowed !== count) throw new Error(`${allowed} of ${count} were let in`)
    const { user, system } = process.cpuUsage(startedAt)
    return ((user + system) * 1000) / count
  }
}

const known = (turn: number) => `10.0.${turn % readers}.7`
const fresh = (turn: number) => `10.${(turn >> 14) & 127}.${(turn >> 7) & 127}.${turn & 127}`
const tasks: Readonly<Record<string, Task>> = {
  place: { addressOf: known, isDecided: false },
  'place and decision': { addressOf: known, isDecided: true },
  'new address': { addressOf: fresh, isDecided: true },
}

const few = work(1, 1)
const many = work(50_000, 5000)
for (const [what, task] of Object.entries(tasks)) {
  const [small, large, ratios]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < rounds; round++) {
    const [one, other] = [few(task), many(task)]
    small.push(one)
    large.push(other)
    // The first rounds compile the functions that the others run.
    if (round >= rounds / 3) ratios.push(other / one)
  }
  const [a, b, ratio] = [small, large, ratios].map(spreadOf)
  process.stdout.write(
    `${what}: ${a?.median.toFixed(0)} ns with one of each, ${b?.median.toFixed(0)} ns with 50,000 ranges and 5,000 resources: ${ratio?.median.toFixed(2)} (${ratio?.least.toFixed(2)}-${ratio?.most.toFixed(2)})\n`,
  )
}
