/**
 * Figures of use for commands that report: counted anew first, so that a report from the command line
 * tells what has happened until now.
 * @module
 */
import type { ControlParts } from '../control/published.ts'
import type { Store } from '../store/contract.ts'
import { createFigures, type UsageFigures } from '../usage/figures.ts'

/** The figures of the store, up to date. Rejects with `ERR_STORE_AWAY` or `ERR_STORE_DATA`. */
export async function freshFigures(
  { config, clock }: Pick<ControlParts, 'config' | 'clock'>,
  store: Store,
): Promise<UsageFigures> {
  const figures = createFigures({
    store,
    clock,
    timeZone: config.institution.timeZone,
    keepDays: config.usage.keepDays,
    onUnreadable: (day, count) => {
      console.error(`${count} usage events of ${day} cannot be read and are not counted`)
    },
  })
  await figures.refresh('now')
  return figures
}
