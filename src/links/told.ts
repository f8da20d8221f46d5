/**
 * What metrics tell of links, asked of the store no more often than it changes: a scrape comes every
 * few seconds, of each process.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { LinkBooks, LinkedResource, LinkStanding } from '../core/links.ts'
import { limits } from '../core/limits.ts'

/** Which links are up, and when all had been checked. */
interface LinksTold {
  readonly isUp: ReadonlyMap<string, boolean>
  readonly doneAt: number
}

/** What it is asked of. */
export interface LinksToldParts {
  readonly books: LinkBooks
  readonly clock: Clock
  /** The resources in force. */
  readonly resources: () => Iterable<LinkedResource>
}

/** Makes the question; its answer is undefined when the store cannot tell. */
export function createLinksTold({
  books,
  clock,
  resources,
}: LinksToldParts): () => Promise<LinksTold | undefined> {
  let known: { readonly at: number; readonly told: LinksTold } | undefined

  async function ask(): Promise<LinksTold> {
    const [standings, doneAt = 0] = await Promise.all([
      books.standings(resources()),
      books.lastDoneAt(),
    ])
    const isUp = new Map<string, boolean>()
    for (const { resourceId, links } of standings) {
      const isKnown = links.some(({ standing }) => !saysNothing.has(standing))
      const isBroken = links.some(({ standing }) => standing === 'broken')
      if (isKnown) isUp.set(resourceId, !isBroken)
    }
    return { isUp, doneAt }
  }

  return async () => {
    const at = clock.steady()
    if (known !== undefined && at - known.at < limits.links.toldMs) return known.told
    try {
      const told = await ask()
      known = { at, told }
      return told
    } catch {
      return undefined
    }
  }
}

/** Of these nobody can tell; one failure may be an outage of an hour, so that `suspect` is up. */
const saysNothing: ReadonlySet<LinkStanding> = new Set(['unknown', 'unchecked'])
