/**
 * What the address, the session and policy with a seat add to an exchange, in a small library and in a
 * large one: the stages as the gateway has them, on the embedded store, for readers at work. CPU time
 * of this process, a few milliseconds at a time in turn with the same exchanges without any stage, which is taken off.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { systemClock } from '../../src/core/clock.ts'
import type { Resource } from '../../src/core/resource.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { resourceWith } from '../policy/fixtures.ts'
import { buildStages, type Exchange } from '../support/stages.ts'
import type { Effort } from './chapters.ts'
import { libraryNetworks, libraryResources } from './library.ts'
import { spreadOf } from './measure.ts'
import type { Result } from './result.ts'

const readers = 200
/** Exchanges at a time, one of each reader: some milliseconds, so that a busy moment hits few. */
const exchanges = readers
/** Of their figures a round is the median. */
const partsOfRound = 150
const sizes = ['small', 'large'] as const

/** A library whose readers are all at work, each in a resource of theirs with seats. */
async function openLibrary(folder: string, ranges: number, count: number) {
  const store = createEmbeddedStore({ file: join(folder, `${count}.sqlite`), clock: systemClock })
  const resources = libraryResources(count).map((resource, index): Resource => ({
    ...resource,
    hosts: [{ host: `www.r${index}.example`, match: 'exact', scheme: 'https' }],
    licence: {
      ...resource.licence,
      ...resourceWith({ seats: readers }).licence,
      pool: resource.id,
    },
  }))
  const networks = libraryNetworks(ranges)
  const stages = buildStages({ store, clock: systemClock, resources, networks })
  const asked: Exchange[] = []
  for (let reader = 0; reader < readers; reader++) {
    const resource = resources[reader * Math.floor(resources.length / readers)]
    if (resource === undefined) throw new Error('no resource')
    const token = await stages.signIn(`reader ${reader}`)
    asked.push({ host: stages.hostOf(resource), token, clientAddress: `10.0.${reader}.7` })
  }

  async function round(stage: 'all' | 'none', times: number): Promise<number> {
    const startedAt = process.cpuUsage()
    for (let each = 0; each < times; each++) {
      const exchange = asked[each % readers]
      const isThrough = exchange && (await stages.pass(stages[stage], exchange))
      if (isThrough !== true) throw new Error('a reader was not let in')
    }
    const { user, system } = process.cpuUsage(startedAt)
    return (user + system) / times
  }
  return {
    round,
    async close() {
      await stages.stop()
      await store.close()
    },
  }
}

/** Microseconds that the stages add, and what the size of a library does to them. */
export async function measureStages({ rounds, share }: Effort): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-stages-'))
  // As many resources as readers, so that the size of the library alone differs.
  const small = await openLibrary(folder, 1, readers)
  const large = await openLibrary(folder, 50_000, 5000)
  const added: { small: number; large: number }[] = []
  for (let round = 0; round <= rounds; round++) {
    const parts: Record<'small' | 'large' | 'smallNone' | 'largeNone', number>[] = []
    for (let number = 0; number < Math.ceil(partsOfRound * share); number++) {
      const part = { small: 0, smallNone: 0, large: 0, largeNone: 0 }
      // By turns the one and the other comes first: what one leaves to collect, the next pays for.
      for (const which of number % 2 === 0 ? sizes : sizes.toReversed()) {
        const library = which === 'small' ? small : large
        part[`${which}None`] = await library.round('none', exchanges)
        part[which] = await library.round('all', exchanges)
      }
      parts.push(part)
    }
    const medianOf = (figure: keyof (typeof parts)[number]) =>
      spreadOf(parts.map((part) => part[figure])).median
    // The first round compiles what the others run, and fills the memories.
    if (round === 0) continue
    added.push({
      small: medianOf('small') - medianOf('smallNone'),
      large: medianOf('large') - medianOf('largeNone'),
    })
  }
  await small.close()
  await large.close()
  rmSync(folder, { recursive: true })
  return {
    title: 'address, session, policy and seat: added to an exchange on the embedded store',
    rows: [],
    costs: [
      { what: '200 resources, one range, us', cost: spreadOf(added.map((each) => each.small)) },
      {
        what: '5,000 resources, 50,000 ranges, us',
        cost: spreadOf(added.map((each) => each.large)),
      },
      {
        what: 'the second to the first',
        cost: spreadOf(added.map((each) => each.large / each.small)),
      },
    ],
  }
}
