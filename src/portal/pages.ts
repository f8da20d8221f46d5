/**
 * The pages of the portal as complete HTML documents.
 * @module
 */
import { join } from 'node:path'

import type { Frame } from '../pages/models.ts'
import type { Shell } from '../pages/shell.ts'
import type {
  AccountModel,
  ChooserModel,
  DeadLinkModel,
  HelpModel,
  HomeModel,
  LinkReportModel,
  LinkThanksModel,
  ResourceModel,
  WaitingModel,
} from './models.ts'

/** Each page from its model. */
export interface PortalPages {
  home(frame: Frame, model: HomeModel): string
  resource(frame: Frame, model: ResourceModel): string
  account(frame: Frame, model: AccountModel): string
  chooser(frame: Frame, model: ChooserModel): string
  signedOut(frame: Frame): string
  help(frame: Frame, model: HelpModel): string
  deadLink(frame: Frame, model: DeadLinkModel): string
  waiting(frame: Frame, model: WaitingModel): string
  linkReport(frame: Frame, model: LinkReportModel): string
  linkThanks(frame: Frame, model: LinkThanksModel): string
}

/**
 * Compiles the views.
 *
 * @throws {GatewayError} `ERR_CONFIG` when a view cannot be read or compiled.
 */
export function createPortalPages(shell: Shell): PortalPages {
  const render = shell.views(join(import.meta.dirname, 'views'))
  return {
    home: (frame, model) => render('home', frame, model),
    resource: (frame, model) => render('resource', frame, model),
    account: (frame, model) => render('account', frame, model),
    chooser: (frame, model) => render('chooser', frame, model),
    signedOut: (frame) => render('signed-out', frame, {}),
    help: (frame, model) => render('help', frame, model),
    deadLink: (frame, model) => render('dead-link', frame, model),
    waiting: (frame, model) => render('waiting', frame, model),
    linkReport: (frame, model) => render('link-report', frame, model),
    linkThanks: (frame, model) => render('link-thanks', frame, model),
  }
}
