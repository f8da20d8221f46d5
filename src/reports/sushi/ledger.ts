/**
 * What publishers have reported, by month and resource, and how the last harvest of each went. The
 * figures are kept for good, beside those that the gateway made; how it went, for a good year.
 * @module
 */
import { z } from 'zod'

import { GatewayError } from '../../core/errors.ts'
import { harvestStates } from '../../core/harvest.ts'
import { limits } from '../../core/limits.ts'
import type { Store } from '../../store/contract.ts'
import type { Month } from '../counter/months.ts'
import type { ReportedMonth } from './outcome.ts'

const at = z.int().min(0)

const monthSchema = z.record(
  z.string(),
  z.strictObject({
    status: z.enum(['had', 'partial', 'not-ready', 'gone']),
    counts: z.record(z.string(), z.int().min(0)),
    at,
  }),
)

const progressSchema = z.strictObject({
  state: z.enum(harvestStates),
  detail: z.string().optional(),
  remarks: z.array(z.enum(['numbers-as-text', 'contradictory'])),
  at,
  nextAt: at,
  failures: z.int().min(0),
  lastDoneAt: at.optional(),
  source: z.string(),
})

/** How the last harvest of a resource went. */
export type HarvestProgress = z.output<typeof progressSchema>

/** What one month brought, by resource. */
export type ReportedMonths = ReadonlyMap<Month, Readonly<Record<string, ReportedMonth>>>

/** The books of the harvest. Everything may reject with `ERR_STORE_AWAY` or `ERR_STORE_DATA`. */
export interface Ledger {
  progressOf(resourceId: string): Promise<HarvestProgress | undefined>
  setProgress(resourceId: string, progress: HarvestProgress): Promise<void>
  /** Months from one to another, both included; those of which nothing is known are missing. */
  months(from: Month, to: Month): Promise<ReportedMonths>
  /**
   * Puts what is known of a resource's months in the place of what was. One process writes at a time:
   * that of the job's lease.
   */
  setMonths(resourceId: string, months: ReadonlyMap<Month, ReportedMonth>): Promise<void>
}

function keyOf(resourceId: string): string {
  return `sushi:progress:${resourceId}`
}

/**
 * Months from one to another, of the figures of a store: all that reports need of the books. Rejects
 * with `ERR_STORE_AWAY` or `ERR_STORE_DATA`.
 */
export async function reportedMonths(
  figures: Pick<Store['figures'], 'read'>,
  from: Month,
  to: Month,
): Promise<ReportedMonths> {
  const documents = await figures.read('publisher', from, to)
  return new Map(documents.map(({ period, body }) => [period, read(monthSchema, body)]))
}

/** The books in a store. */
export function createLedger({ records, figures }: Pick<Store, 'records' | 'figures'>): Ledger {
  return {
    months: (from, to) => reportedMonths(figures, from, to),
    async progressOf(resourceId) {
      const text = await records.read(keyOf(resourceId))
      return text === undefined ? undefined : read(progressSchema, text)
    },
    setProgress: (resourceId, progress) =>
      records.write(keyOf(resourceId), JSON.stringify(progress), limits.sushi.rememberedMs),
    async setMonths(resourceId, found) {
      const names = [...found.keys()].toSorted()
      const [first = '', last = ''] = [names[0], names.at(-1)]
      const before = await reportedMonths(figures, first, last)
      await figures.write(
        [...found].map(([period, month]) => {
          const all = { ...before.get(period), [resourceId]: month }
          const madeFrom = Object.keys(all).length
          return { kind: 'publisher', period, madeFrom, body: JSON.stringify(all) }
        }),
      )
    },
  }
}

function read<Output>(schema: z.ZodType<Output>, text: string): Output {
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    const message = 'what publishers reported cannot be read'
    throw new GatewayError('ERR_STORE_DATA', message, { cause })
  }
}
