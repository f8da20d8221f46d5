/**
 * Readers' reports of what does not work, in the store. Open ones are fields of one key, ended ones of
 * another, so that two processes that write at once lose nothing; what is too old goes at the next
 * writing.
 *
 * Whoever tells is counted before anything is kept: by session and database, session, address, and all
 * together. What the counts let through in an hour is bounded, whoever they say they are.
 * @module
 */
import { hash } from 'node:crypto'

import { z } from 'zod'

import { customerOf } from '../core/address.ts'
import type { Clock } from '../core/clock.ts'
import { jsonAs } from '../core/decoding.ts'
import { limits } from '../core/limits.ts'
import {
  linkReportEnds,
  linkReportKinds,
  type LinkReport,
  type LinkReports,
} from '../core/link-reports.ts'
import { channels } from '../core/types.ts'
import type { RecordStore } from '../store/contract.ts'

/** What keeps them. */
export interface LinkReportParts {
  readonly records: Pick<RecordStore, 'count' | 'readFields' | 'writeFields'>
  readonly clock: Clock
}

const bounds = limits.linkReports
const keys = { open: 'link-reports:open', ended: 'link-reports:ended' } as const

const text = z.string()
const common = {
  resourceId: text,
  kind: z.enum(linkReportKinds),
  at: z.int(),
}
const openSchema = z.object({
  ...common,
  reference: text,
  channel: z.enum(channels),
  text: text.optional(),
  about: text.optional(),
})
const endedSchema = z.object({ ...common, endedAt: z.int(), end: z.enum(linkReportEnds) })

/** The reports of a store. */
export function createLinkReports({ records, clock }: LinkReportParts): LinkReports {
  const readOpen = () => rowsOf(records, keys.open, openSchema, clock.now() - bounds.openMs)
  const readEnded = () => rowsOf(records, keys.ended, endedSchema, clock.now() - bounds.endedMs)

  /** One more; undefined as long as it is within the bound. */
  async function isBeyond(key: string, name: string, bound: { most: number; windowMs: number }) {
    const { counts } = await records.count(key, new Map([[name, 1]]), bound.windowMs)
    return (counts.get(name) ?? 0) > bound.most
  }

  return {
    async take(report, { sessionId, address }) {
      const { again, session, address: fromOne, all } = bounds
      const mine = `link-reports:session:${sessionId}`
      if (await isBeyond(mine, report.resourceId, again)) return 'again'
      if (await isBeyond(mine, '*', session)) return 'often'
      const place = hash('sha256', customerOf(address), 'base64url')
      if (await isBeyond(`link-reports:address:${place}`, '*', fromOne)) return 'often'
      if (await isBeyond('link-reports:all', '*', all)) return 'full'
      const { rows, stale } = await readOpen()
      const before = beyondWith([...rows, report], report)
      if (before !== undefined) return before
      const { id, ...body } = report
      await records.writeFields(keys.open, fields(stale, id, body), bounds.openMs)
      // Others may have come at the same instant. Of those that stay the last to be written has seen
      // all the others, so that no more stay than may; of many at once all may have to go.
      const after = beyondWith((await readOpen()).rows, report)
      if (after !== undefined) await records.writeFields(keys.open, without([id]), bounds.openMs)
      return after ?? 'taken'
    },
    async open() {
      return (await readOpen()).rows
    },
    async ended() {
      return (await readEnded()).rows
    },
    async end(id, end) {
      const open = await readOpen()
      const found = open.rows.find((report) => report.id === id)
      if (found === undefined) return false
      const { resourceId, kind, at } = found
      const { rows, stale } = await readEnded()
      const beyond = rows.slice(0, Math.max(0, rows.length + 1 - bounds.ended))
      const old = [...stale, ...beyond.map((row) => row.id)]
      const body = { resourceId, kind, at, endedAt: clock.now(), end }
      // Kept as ended first: what breaks off in between is open still, and is ended again.
      await records.writeFields(keys.ended, fields(old, id, body), bounds.endedMs)
      await records.writeFields(keys.open, without([...open.stale, id]), bounds.openMs)
      return true
    },
  }
}

/** Why a report may not be among these, itself included. */
function beyondWith(
  rows: readonly Pick<LinkReport, 'resourceId'>[],
  { resourceId }: LinkReport,
): 'full' | 'known' | undefined {
  if (rows.length > bounds.open) return 'full'
  const same = rows.filter((row) => row.resourceId === resourceId)
  return same.length > bounds.openOfResource ? 'known' : undefined
}

/** One is set, old ones are removed. */
function fields(old: readonly string[], id: string, body: object): Map<string, string | undefined> {
  return without(old).set(id, JSON.stringify(body))
}

function without(ids: readonly string[]): Map<string, string | undefined> {
  return new Map(ids.map((id) => [id, undefined]))
}

/** Those of a key that can be read and are young enough, in order, and the ids of the others. */
async function rowsOf<Row extends { at: number; endedAt?: number }>(
  records: LinkReportParts['records'],
  key: string,
  schema: z.ZodType<Row>,
  fromAt: number,
): Promise<{ rows: (Row & { id: string })[]; stale: string[] }> {
  const rows: (Row & { id: string })[] = []
  const stale: string[] = []
  for (const [id, json] of await records.readFields(key)) {
    const row = jsonAs(schema, json)
    if (row === undefined || (row.endedAt ?? row.at) < fromAt) stale.push(id)
    else rows.push({ ...row, id })
  }
  return { rows: rows.toSorted((one, other) => timeOf(one) - timeOf(other)), stale }
}

function timeOf({ at, endedAt = at }: { at: number; endedAt?: number }): number {
  return endedAt
}
