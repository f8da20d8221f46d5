/**
 * Events as they are read back to be counted: parsed once, so that whatever stands in a store that
 * somebody has changed, or that another version wrote, spoils no figure but its own.
 * @module
 */
import { z } from 'zod'

import { denialReasons } from '../core/denials.ts'
import { categories, channels } from '../core/types.ts'
import { dataTypes, searchKinds, useFormats, useKinds } from '../core/use.ts'
import type { StoredEvent } from '../store/contract.ts'

const text = z.string()

const asker = {
  session: text.optional(),
  person: text.optional(),
  network24: text.optional(),
  categories: z.array(z.enum(categories)).optional(),
  unit: text.optional(),
  site: text.optional(),
  channel: z.enum(channels).default('remote'),
  url: text.optional(),
  userAgent: text.optional(),
}

const use = z.object({
  kind: z.enum(useKinds),
  format: z.enum(useFormats),
  item: text.optional(),
  title: text.optional(),
  itemName: text.optional(),
  titleName: text.optional(),
  dataType: z.enum(dataTypes).optional(),
  search: z.enum(searchKinds).exclude(['regular']).optional(),
})

const recorded = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('exchange'),
    ...asker,
    userAgent: text,
    resourceId: text,
    method: text,
    host: text,
    path: text,
    status: z.int(),
    bytes: z.int().min(0),
    isPrefetch: z.boolean().optional(),
    isMining: z.boolean().optional(),
    use: use.optional(),
  }),
  z.object({
    kind: z.literal('denial'),
    ...asker,
    resourceId: text.default(''),
    reason: z.enum(denialReasons),
  }),
  z.object({
    kind: z.literal('direct'),
    ...asker,
    resourceId: text,
    isPrefetch: z.boolean().optional(),
    use: use.optional(),
  }),
  z.object({
    kind: z.literal('wait'),
    // Earlier versions told of the first pool alone.
    pools: z.array(text).optional(),
    pool: text.optional(),
    outcome: z.enum(['joined', 'granted', 'left']),
    waitedMs: z.number().min(0).default(0),
  }),
  z.object({
    kind: z.literal('seats'),
    pool: text,
    seats: z.int().min(0),
    used: z.int().min(0),
  }),
])

/** What counts of an event, with its time. */
export type RecordedEvent = z.output<typeof recorded> & { readonly at: number }

/** An event of one of the kinds. */
export type Recorded<Kind extends RecordedEvent['kind']> = Extract<RecordedEvent, { kind: Kind }>

const kinds: ReadonlySet<unknown> = new Set(['exchange', 'denial', 'direct', 'wait', 'seats'])

/**
 * The event of a stored one: `other` when it is of a kind that nothing is counted from, `unreadable`
 * when it is none.
 */
export function recordedEventOf({ at, body }: StoredEvent): RecordedEvent | 'other' | 'unreadable' {
  try {
    const value: unknown = JSON.parse(body)
    const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : ''
    if (typeof kind === 'string' && kind !== '' && !kinds.has(kind)) return 'other'
    const { data } = recorded.safeParse(value)
    return data === undefined ? 'unreadable' : { ...data, at }
  } catch {
    return 'unreadable'
  }
}
