/**
 * Lists cut into pages.
 * @module
 */

/** One page of a list. */
export interface ListPage<Item> {
  readonly items: readonly Item[]
  /** Counted from 1. */
  readonly page: number
  readonly pages: number
}

/** The page that an address asks for; what is no page number means the first. */
export function pageOf<Item>(
  items: readonly Item[],
  wanted: string | null,
  size: number,
): ListPage<Item> {
  const pages = Math.max(1, Math.ceil(items.length / size))
  const page = Math.min(pages, Math.max(1, Math.trunc(Number(wanted ?? 1)) || 1))
  return { items: items.slice((page - 1) * size, page * size), page, pages }
}
