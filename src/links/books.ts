/**
 * What the link checker knows, in the store: one record for each resource, which is forgotten by
 * itself some time after nobody checks it any more, and one for when all was checked.
 * @module
 */
import { z } from 'zod'

import { jsonAs } from '../core/decoding.ts'
import { linkStates, type LinkState } from '../core/links.ts'
import { limits } from '../core/limits.ts'
import type { RecordStore } from '../store/contract.ts'

const at = z.int().min(0)
const state = z.string().refine((text): text is LinkState => Object.hasOwn(linkStates, text))

const lookSchema = z.strictObject({
  state,
  at,
  sinceAt: at,
  status: z.int().optional(),
  detail: z.string().optional(),
  leadsTo: z.string().optional(),
})

const linkSchema = z.strictObject({
  /** Digest of the address, with its query, and of what is expected there. */
  source: z.string(),
  last: lookSchema,
  /** Failures in a row: how many, since when, when the last one was that counted, and what the last one was. */
  failures: z.int().min(0),
  failingSinceAt: at.optional(),
  failedAt: at.optional(),
  failedAs: state.optional(),
})

const recordSchema = z.strictObject({ links: z.array(linkSchema), nextAt: at })

/** What is known of a link. */
export type LinkRecord = z.output<typeof linkSchema>

/** What is known of the links of a resource. */
export type ResourceRecord = z.output<typeof recordSchema>

/** The records. Everything may reject with `ERR_STORE_AWAY`. */
export interface LinkRecords {
  /** Undefined before the first check, and for what cannot be read: the next check makes it anew. */
  recordOf(resourceId: string): Promise<ResourceRecord | undefined>
  setRecord(resourceId: string, record: ResourceRecord): Promise<void>
  doneAt(): Promise<number | undefined>
  setDoneAt(at: number): Promise<void>
}

const doneKey = 'links:done'

/** The records in a store. */
export function createLinkRecords(records: Pick<RecordStore, 'read' | 'write'>): LinkRecords {
  const { rememberedMs } = limits.links
  return {
    async recordOf(resourceId) {
      const text = await records.read(keyOf(resourceId))
      return text === undefined ? undefined : jsonAs(recordSchema, text)
    },
    setRecord: (resourceId, record) =>
      records.write(keyOf(resourceId), JSON.stringify(record), rememberedMs),
    async doneAt() {
      const text = await records.read(doneKey)
      return text === undefined ? undefined : Number(text)
    },
    setDoneAt: (doneAt) => records.write(doneKey, String(doneAt), rememberedMs),
  }
}

function keyOf(resourceId: string): string {
  return `links:of:${resourceId}`
}
