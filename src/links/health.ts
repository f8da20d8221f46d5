/**
 * How the links of all resources stand, for staff, reports and metrics: what was found of each, and
 * whether it is enough to call it broken.
 * @module
 */
import {
  linkStates,
  worstFirst,
  type LinkBooks,
  type LinkedResource,
  type LinkHealth,
  type LinkStanding,
  type ResourceLinks,
} from '../core/links.ts'
import { limits } from '../core/limits.ts'
import { addressesOf, shownAddress, type LinkAddress } from './addresses.ts'
import type { LinkRecord, LinkRecords, ResourceRecord } from './books.ts'

/** Opens the books of the link checker. */
export function createLinkHealth(records: LinkRecords): LinkBooks {
  return {
    async standings(asked) {
      const resources = [...asked]
      const { recordsAtOnce } = limits.links
      const standings: ResourceLinks[] = []
      // A page of staff must not fill the store's queue before readers' own questions.
      for (let at = 0; at < resources.length; at += recordsAtOnce) {
        const some = resources.slice(at, at + recordsAtOnce)
        const found = some.map(async (each) => linksOf(each, await records.recordOf(each.id)))
        standings.push(...(await Promise.all(found)))
      }
      return standings
    },
    lastDoneAt: () => records.doneAt(),
  }
}

/** How the links of a resource stand, by what is known of them. */
export function linksOf(
  resource: LinkedResource,
  record: ResourceRecord | undefined,
): ResourceLinks {
  const known = new Map(record?.links.map((link) => [link.source, link]))
  const links = addressesOf(resource)
    .map((address) => healthOf(address, known.get(address.source)))
    .toSorted(worstFirst)
  const [worst] = links
  return {
    resourceId: resource.id,
    standing: worst?.standing ?? 'unchecked',
    links,
    ...(record && { nextAt: record.nextAt }),
  }
}

function healthOf({ kind, url }: LinkAddress, record: LinkRecord | undefined): LinkHealth {
  return {
    kind,
    url: shownAddress(new URL(url)),
    standing: record === undefined ? 'unchecked' : standingOf(record),
    failures: record?.failures ?? 0,
    ...(record?.failingSinceAt !== undefined && { failingSinceAt: record.failingSinceAt }),
    ...(record && { last: record.last }),
  }
}

/**
 * A link is broken once it has failed often enough in a row, and stays so until a look finds that it
 * works: a publisher that is busy in between has not mended anything.
 */
export function standingOf({ last, failures, failedAs }: LinkRecord): LinkStanding {
  const { failuresOfName, failuresInRow } = limits.links
  const verdict = linkStates[last.state]
  if (failures >= (failedAs === 'nameless' ? failuresOfName : failuresInRow)) return 'broken'
  return verdict === 'broken' ? 'suspect' : verdict
}
