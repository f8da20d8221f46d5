/**
 * The pages of refusals and failures, which can stand on any host.
 * @module
 */
import { join } from 'node:path'

import type { FailurePage, Pages, RefusalPage } from '../core/pages.ts'
import type { Frame } from './models.ts'
import { failureModel, refusalModel, type Destinations } from './problems.ts'
import { contactOf, signInUrl, type Shell } from './shell.ts'

/**
 * Makes the pages.
 *
 * @throws {GatewayError} `ERR_CONFIG` when a view cannot be read or compiled.
 */
export function createProblemPages(shell: Shell): Pages {
  const render = shell.views(join(import.meta.dirname, 'views'))
  return {
    refusal: (page) =>
      render('problem', frameOf(page), refusalModel(page, destinations(shell, page), shell)),
    failure: (page) =>
      render('problem', frameOf(page), failureModel(page, destinations(shell, page), shell.words)),
  }
}

/** Nothing is known of the session where a refusal or failure is shown: it may be on any host. */
function frameOf({ language, returnUrl }: RefusalPage | FailurePage): Frame {
  const url = URL.parse(returnUrl)
  const path = url === null ? '/' : url.pathname + url.search
  return {
    language,
    path,
    afterSignIn: '/',
    visitor: 'unknown',
    isProviderAway: false,
    isStaff: false,
  }
}

function destinations(shell: Shell, page: RefusalPage | FailurePage): Destinations {
  const { portalOrigin, institution } = shell
  const home = `${portalOrigin}/`
  const help = `${portalOrigin}/help`
  const wanted = /^https?:$/.test(URL.parse(page.returnUrl)?.protocol ?? '') ? page.returnUrl : home
  const contact = contactOf(institution.contact).url ?? help
  return {
    home,
    help,
    problem: `${portalOrigin}/problem`,
    wanted,
    signIn: signInUrl(portalOrigin, wanted),
    contact: contact.startsWith('mailto:')
      ? `${contact}?subject=${encodeURIComponent(page.reference)}`
      : contact,
  }
}
