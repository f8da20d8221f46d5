/**
 * The pages of the console as complete HTML documents.
 * @module
 */
import { join } from 'node:path'

import type { Frame } from '../pages/models.ts'
import type { Shell } from '../pages/shell.ts'
import type {
  ClaimsModel,
  CounterModel,
  ExplainModel,
  LinksModel,
  OverrideFormModel,
  OverviewModel,
  PoolPageModel,
  RestoreModel,
  RulesModel,
  SeatsModel,
} from './models.ts'

/** Each page from its model. */
export interface ConsolePages {
  overview(frame: Frame, model: OverviewModel): string
  explain(frame: Frame, model: ExplainModel): string
  seats(frame: Frame, model: SeatsModel): string
  pool(frame: Frame, model: PoolPageModel): string
  rules(frame: Frame, model: RulesModel): string
  override(frame: Frame, model: OverrideFormModel): string
  restore(frame: Frame, model: RestoreModel): string
  claims(frame: Frame, model: ClaimsModel): string
  counter(frame: Frame, model: CounterModel): string
  links(frame: Frame, model: LinksModel): string
}

/**
 * Compiles the views.
 *
 * @throws {GatewayError} `ERR_CONFIG` when a view cannot be read or compiled.
 */
export function createConsolePages(shell: Shell): ConsolePages {
  const render = shell.views(join(import.meta.dirname, 'views'))
  return {
    overview: (frame, model) => render('staff', frame, model),
    explain: (frame, model) => render('staff-explain', frame, model),
    seats: (frame, model) => render('staff-seats', frame, model),
    pool: (frame, model) => render('staff-pool', frame, model),
    rules: (frame, model) => render('staff-rules', frame, model),
    override: (frame, model) => render('staff-override', frame, model),
    restore: (frame, model) => render('staff-restore', frame, model),
    claims: (frame, model) => render('staff-claims', frame, model),
    counter: (frame, model) => render('staff-counter', frame, model),
    links: (frame, model) => render('staff-links', frame, model),
  }
}
