/**
 * What metrics tell of links, asked of the store no more often than it changes: a scrape comes every
 * few seconds, of each process.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { LinkBooks, LinkedResource, LinkStanding } from '../core/links.ts'
import { limits } from '../core/limits.ts'

/** Which links are up, and when all that was due had been checked, as far as anybody has looked. */
interface LinksTold {
  readonly isUp: ReadonlyMap<string, boolean>
  /** Epoch milliseconds. */
  readonly doneAt?: number
}

/** What it is asked of. */
export interface LinksToldParts {
  readonly books: LinkBooks
  readonly clock: Clock
  /** The resources whose links are checked. */
  readonly resources: () => Iterable<LinkedResource>
  /** False: nobody looks, and there is nothing to tell. */
  readonly isOn: boolean
}

/** Makes the question; its answer is undefined when the store cannot tell. */
export function createLinksTold(parts: LinksToldParts): () => Promise<LinksTold | undefined> {
  const { books, clock, resources, isOn } = parts
  let known: { readonly at: number; readonly told: LinksTold } | undefined

  async function ask(): Promise<LinksTold> {
    const [standings, doneAt] = await Promise.all([
      books.standings(resources()),
      books.lastDoneAt(),
    ])
    const isUp = new Map<string, boolean>()
    for (const { resourceId, links } of standings) {
      const isKnown = links.some(({ standing }) => !saysNothing.has(standing))
      const isBroken = links.some(({ standing }) => standing === 'broken')
      if (isKnown) isUp.set(resourceId, !isBroken)
    }
    return { isUp, ...(doneAt !== undefined && { doneAt }) }
  }

  return async () => {
    if (!isOn) return undefined
    const at = clock.steady()
    if (known !== undefined && at - known.at < limits.links.toldMs) return known.told
    try {
      const told = await ask()
      // The first check takes some seconds: it is waited for.
      known = told.doneAt === undefined ? undefined : { at, told }
      return told
    } catch {
      return undefined
    }
  }
}

/** Of these nobody can tell; one failure may be an outage of an hour, so that `suspect` is up. */
const saysNothing: ReadonlySet<LinkStanding> = new Set(['unknown', 'unchecked'])
