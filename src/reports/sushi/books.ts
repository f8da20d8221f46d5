/**
 * What staff see of the harvest: how each publisher stands, and both figures of its last months.
 * @module
 */
import type { Clock } from '../../core/clock.ts'
import type { HarvestBooks, HarvestStanding } from '../../core/harvest.ts'
import { limits } from '../../core/limits.ts'
import type { Store } from '../../store/contract.ts'
import type { MonthReader } from '../counter/figures.ts'
import { monthAfter, type Month } from '../counter/months.ts'
import { lastFullMonth } from '../counter/period.ts'
import { comparisonOf } from './comparison.ts'
import { createLedger, type ReportedMonths } from './ledger.ts'

/** What the books are read with. */
export interface BooksParts {
  readonly store: Pick<Store, 'records' | 'figures'>
  readonly months: MonthReader
  readonly clock: Clock
  readonly timeZone: string
}

/** Opens the books. */
export function createBooks({ store, months, clock, timeZone }: BooksParts): HarvestBooks {
  const ledger = createLedger(store)
  const lastMonths = (count: number): { readonly from: Month; readonly to: Month } => {
    const to = lastFullMonth(clock.now(), timeZone)
    return { from: monthAfter(to, 1 - count), to }
  }

  async function standingOf(id: string, reported: ReportedMonths): Promise<HarvestStanding> {
    const progress = await ledger.progressOf(id)
    const had = [...reported.values()].filter((by) => by[id]?.status === 'had').length
    return { resourceId: id, months: had, ...(progress && { last: progress }) }
  }

  return {
    async standings(resourceIds) {
      const { from, to } = lastMonths(limits.sushi.monthsBack)
      const reported = await ledger.months(from, to)
      return await Promise.all(resourceIds.map((id) => standingOf(id, reported)))
    },
    async comparison(resourceId) {
      const span = lastMonths(limits.sushi.monthsShown)
      const [figures, reported] = await Promise.all([
        months(span, 'dataType'),
        ledger.months(span.from, span.to),
      ])
      return comparisonOf(resourceId, span, { figures, reported }, clock.now())
    },
  }
}
