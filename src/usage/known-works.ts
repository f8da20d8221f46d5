/**
 * What addresses were found to be, for answers that do not say it themselves: a browser that has a page
 * already gets no page, and a PDF carries no citation, but the page that leads to it does.
 *
 * One process remembers what it met last; another one may know less. Nothing is stored.
 * @module
 */
import type { PageCitation } from '../core/citation.ts'
import { limits } from '../core/limits.ts'
import { RecentMap } from '../core/recent-map.ts'
import type { UseFacts } from '../core/use.ts'

/** An address of a resource. */
export interface Place {
  readonly resourceId: string
  readonly host: string
  readonly path: string
  readonly query: string
}

/** A memory of addresses. */
export interface KnownWorks {
  of(place: Place): UseFacts | undefined
  /** Notes what an address was, and what the PDF is that its page leads to. */
  note(place: Place, use: UseFacts, citation: PageCitation | undefined): void
}

/** Makes an empty memory. */
export function createKnownWorks(): KnownWorks {
  const works = new RecentMap<UseFacts>(limits.usage.works.entries)

  function put(key: string, use: UseFacts): void {
    if (key.length <= limits.usage.works.chars) works.set(key, use)
  }

  return {
    of: (place) => works.get(keyOf(place)),
    note(place, use, citation) {
      put(keyOf(place), use)
      if (citation?.pdfUrl === undefined) return
      const there = placeWithin(place, citation.pdfUrl)
      if (there !== undefined) put(there, { ...use, kind: 'request', format: 'pdf' })
    },
  }
}

/** An address in which a parser of URLs changes nothing, unless a part of the path begins with a dot. */
const plainUrl =
  /^https?:\/\/((?:[a-z\d-]+\.)+[a-z]{2,})(\/[\w~:;,@()./-]*)(?:\?([\w~:;,@()./=&%-]*))?$/

/** The key of an address that a page of this resource leads to: a page says nothing of what others sell. */
function placeWithin({ resourceId, host, path }: Place, url: string): string | undefined {
  const plain = url.includes('/.') ? null : plainUrl.exec(url)
  if (plain !== null) return `${resourceId} ${plain[1]}${plain[2]}?${plain[3] ?? ''}`
  const parsed = URL.parse(url, `https://${host}${path}`)
  return parsed === null
    ? undefined
    : keyOf({
        resourceId,
        host: parsed.hostname,
        path: parsed.pathname,
        query: parsed.search.slice(1),
      })
}

function keyOf({ resourceId, host, path, query }: Place): string {
  return `${resourceId} ${host}${path}?${query}`
}
