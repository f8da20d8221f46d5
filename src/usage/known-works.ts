/**
 * What addresses were found to be, for answers that do not say it themselves: a browser that has a page
 * already gets no page, and a PDF carries no citation, but the page that leads to it does.
 *
 * One process remembers what it met last; another one may know less. Nothing is stored.
 * @module
 */
import type { PageCitation } from '../core/citation.ts'
import { limits } from '../core/limits.ts'
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
  const works = new Map<string, UseFacts>()

  function put(place: Place, use: UseFacts): void {
    const key = keyOf(place)
    if (key.length > limits.usage.works.chars) return
    // Put in again at the end: the first is the one that was not met for longest.
    works.delete(key)
    works.set(key, use)
    if (works.size <= limits.usage.works.entries) return
    const [oldest] = works.keys()
    if (oldest !== undefined) works.delete(oldest)
  }

  return {
    of: (place) => works.get(keyOf(place)),
    note(place, use, citation) {
      put(place, use)
      const { host, path } = place
      const pdf = citation?.pdfUrl && URL.parse(citation.pdfUrl, `https://${host}${path}`)
      if (!pdf) return
      const { hostname, pathname, search } = pdf
      // Of this resource alone: a page says nothing of what others sell.
      const there = { ...place, host: hostname, path: pathname, query: search.slice(1) }
      put(there, { ...use, kind: 'request', format: 'pdf' })
    },
  }
}

function keyOf({ resourceId, host, path, query }: Place): string {
  return `${resourceId} ${host}${path}?${query}`
}
