/** What groups are told of, and that nobody computes the others. */
import test from 'ava'
import fc from 'fast-check'

import {
  personDimensions,
  type Cut,
  type PersonDimension,
  type ReaderFigures,
} from '../../src/core/figures.ts'
import { GroupCounts } from '../../src/reports/masking.ts'
import { canBeZero, countsOf, worldOf, type Company, type Known } from './attacker.ts'

const least = 5
/** A group that the library may have as well, for all that is told. */
const stranger = 'somebody else'

/** What persons are told apart by beside it. */
const anybody: Pick<Cut, PersonDimension> = { category: 'student', unit: 'Physics', site: 'main' }

/**
 * The mask of a world, and what somebody knows who has every report of the month; its companies are
 * groups of the dimension.
 */
function look(companies: readonly Company[], by: PersonDimension = 'category') {
  const { persons, openings } = worldOf(companies)
  const resources = [...persons.keys()].filter((id) => id !== '')
  const groups = [...(persons.get('')?.keys() ?? [])]
  const readers: ReaderFigures[] = [...persons].flatMap(([resourceId, row]) => {
    const sum = [...row.values()].reduce((all, each) => all + each, 0)
    return [
      { resourceId, by: '' as const, key: '', readers: sum },
      ...[...row].map(([key, count]) => {
        return { resourceId, by, key, readers: count }
      }),
    ]
  })
  const counts = new GroupCounts()
  for (const [resourceId, row] of openings) {
    for (const [group, count] of row) {
      const visits = resourceId === '' ? persons.get('')?.get(group) : count
      const numbers = { sessions: visits ?? 0, ...(resourceId !== '' && { openings: count }) }
      counts.add(resourceId, { ...anybody, [by]: group }, countsOf(numbers))
    }
  }
  const mask = counts.mask(by, readers)
  const told = (numbers: typeof persons) =>
    new Map(
      resources.map((id) => {
        const hidden = mask.of(id)
        const all = new Map<string, number>()
        // What a resource does not have is seen where nothing is hidden.
        if (hidden.size === 0) all.set(stranger, 0)
        for (const group of groups) {
          const number = numbers.get(id)?.get(group) ?? 0
          if (hidden.size === 0 || (number > 0 && !hidden.has(group))) all.set(group, number)
        }
        return [id, all] as const
      }),
    )
  const together = groups.filter((group) => mask.of('').has(group))
  const columnsOf = (numbers: typeof persons): Known['columns'] => {
    const sumOf = (group: string) =>
      resources.reduce((sum, id) => sum + (numbers.get(id)?.get(group) ?? 0), 0)
    return [
      ...groups.filter((group) => !together.includes(group)).map((group) => [group]),
      // Who it is of is not told, nor who it is not of.
      ...(together.length === 0 ? [] : [[...together, stranger]]),
    ].map((own) => ({ groups: own, sum: own.reduce((sum, group) => sum + sumOf(group), 0) }))
  }
  const knownOf = (numbers: typeof persons, hasMost: boolean): Known => ({
    rows: new Map(
      resources.map((id) => [
        id,
        [...(numbers.get(id)?.values() ?? [])].reduce((sum, each) => sum + each, 0),
      ]),
    ),
    columns: columnsOf(numbers),
    told: told(numbers),
    ...(hasMost && {
      most: (group: string) => (together.includes(group) ? undefined : persons.get('')?.get(group)),
    }),
  })
  return {
    mask,
    persons,
    resources,
    groups,
    // Openings add up; readers and sessions are bounded by those of the library as well.
    tables: [knownOf(openings, false), knownOf(persons, true)],
  }
}

/** What can be computed of the few, in words. */
function leaksOf({ mask, persons, resources, tables }: ReturnType<typeof look>): string[] {
  const found: string[] = []
  for (const id of ['', ...resources]) {
    for (const [group, count] of persons.get(id) ?? []) {
      if (count >= least) continue
      const name = `${count} of ${group} in "${id}"`
      if (!mask.of(id).has(group)) found.push(`${name} told`)
      else if (id !== '' && tables.some((known) => !canBeZero(known, id, group))) {
        found.push(`${name} computed`)
      }
    }
  }
  // The library's number less those that are told is theirs where the group is hidden, together.
  for (const group of persons.get('')?.keys() ?? []) {
    const having = resources.filter((id) => persons.get(id)?.has(group))
    const hiding = having.filter((id) => mask.of(id).has(group))
    const isRest = !mask.of('').has(group) && 0 < hiding.length && hiding.length < having.length
    const most = Math.max(...hiding.map((id) => persons.get(id)?.get(group) ?? 0))
    if (isRest && most < least) found.push(`${group} where it is hidden`)
  }
  return found
}

const subsets = (all: readonly string[]) =>
  Array.from({ length: 2 ** all.length - 1 }, (_, at) =>
    all.filter((_each, place) => ((at + 1) >> place) % 2 === 1),
  )

/** Every world of these categories and resources with each company one of these sizes. */
function* worlds(categories: string[], resources: string[], sizes: number[]): Generator<Company[]> {
  const companies = categories.flatMap((category) =>
    subsets(resources).map((own) => ({ category, resources: own })),
  )
  for (let number = 0; number < sizes.length ** companies.length; number++) {
    let rest = number
    yield companies.map((company) => {
      const persons = sizes[rest % sizes.length] ?? 0
      rest = Math.floor(rest / sizes.length)
      return { ...company, persons }
    })
  }
}

for (const [categories, resources, sizes] of [
  [
    ['student', 'staff', 'alum'],
    ['a', 'b'],
    [0, 2, 6],
  ],
  [
    ['student', 'staff'],
    ['a', 'b', 'c'],
    [0, 3],
  ],
  [
    ['student', 'staff'],
    ['a', 'b'],
    [0, 1, 4, 7],
  ],
] as const) {
  const name = `${categories.length} groups in ${resources.length} resources of ${sizes.join(', ')}`
  test(`of few persons nothing can be computed: all worlds of ${name}`, (t) => {
    let count = 0
    let told = 0
    for (const world of worlds([...categories], [...resources], [...sizes])) {
      const seen = look(world)
      const leaks = leaksOf(seen)
      if (leaks.length > 0) {
        t.deepEqual(leaks, [], JSON.stringify(world))
        return
      }
      count++
      if (seen.groups.some((group) => !seen.mask.of('a').has(group))) told++
    }
    // Not by telling nothing.
    t.log(`${count} worlds, of resource a groups are told in ${told}`)
    t.true(told > count / 20)
  })
}

const resources = ['a', 'b', 'c', 'd', 'e']
const largerWorld = fc.array(
  fc.record({
    category: fc.constantFrom('student', 'faculty', 'staff', 'alum'),
    resources: fc.subarray(resources, { minLength: 1 }),
    persons: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 40 })),
  }),
  { maxLength: 16 },
)

for (const by of personDimensions) {
  test(`of few persons nothing can be computed: larger worlds, by ${by}`, (t) => {
    fc.assert(
      fc.property(largerWorld, (world) => {
        t.deepEqual(leaksOf(look(world, by)), [])
      }),
      { numRuns: 300 },
    )
  })
}

function hiddenIn({ mask }: ReturnType<typeof look>) {
  return ['', ...resources].map((id) => [...mask.of(id)].toSorted())
}

function turned(world: readonly Company[]): Company[] {
  return world.toReversed().map((company) => {
    return { ...company, resources: company.resources.toReversed() }
  })
}

test('in which order figures are read decides nothing', (t) => {
  fc.assert(
    fc.property(largerWorld, (world) => {
      t.deepEqual(hiddenIn(look(world)), hiddenIn(look(turned(world))))
    }),
    { numRuns: 500 },
  )
})
