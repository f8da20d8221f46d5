/**
 * Every page of the gateway as a complete HTML document. Refusals and failures can stand on any
 * host: links lead to the portal by their full address, style and pictures come from the host itself.
 * @module
 */
import type { GatewayConfig } from '../config/config.ts'
import type { FailurePage, Pages, RefusalPage } from '../core/pages.ts'
import { languages, type Language } from '../core/resource.ts'
import type { Words } from '../locales/words.ts'
import type { Assets } from './assets.ts'
import { languageSwitchUrl } from './language.ts'
import type {
  AccountModel,
  DeadLinkModel,
  Frame,
  HelpModel,
  HomeModel,
  ProblemModel,
  ResourceModel,
  View,
} from './models.ts'
import { failureModel, refusalModel, type Destinations } from './problems.ts'
import { createViews } from './views.ts'

/** The pages of the gateway and those of the portal. */
export interface PortalPages extends Pages {
  home(frame: Frame, model: HomeModel): string
  resource(frame: Frame, model: ResourceModel): string
  account(frame: Frame, model: AccountModel): string
  signedOut(frame: Frame): string
  help(frame: Frame, model: HelpModel): string
  deadLink(frame: Frame, model: DeadLinkModel): string
}

/** What the pages are made of. */
export interface PagesOptions {
  readonly words: Words
  readonly assets: Pick<Assets, 'url'>
  readonly institution: GatewayConfig['institution']
  readonly portalOrigin: string
  /** Folder with the library's own views. */
  readonly viewsFolder?: string
}

/**
 * Compiles the views.
 *
 * @throws {GatewayError} `ERR_CONFIG` when a view cannot be read or compiled.
 */
export function createPages(options: PagesOptions): PortalPages {
  const render = createViews(options.viewsFolder)
  const show = (view: string, frame: Frame, model: object): string =>
    render(view, surroundings(options, frame, model))
  const problem = (page: RefusalPage | FailurePage, model: ProblemModel): string =>
    show('problem', problemFrame(page), model)

  return {
    home: (frame, model) => show('home', frame, model),
    resource: (frame, model) => show('resource', frame, model),
    account: (frame, model) => show('account', frame, model),
    signedOut: (frame) => show('signed-out', frame, {}),
    help: (frame, model) => show('help', frame, model),
    deadLink: (frame, model) => show('dead-link', frame, model),
    refusal: (page) =>
      problem(page, refusalModel(page, destinations(options, page), options.words)),
    failure: (page) =>
      problem(page, failureModel(page, destinations(options, page), options.words)),
  }
}

/** The portal's page that begins sign-in and comes back to `to`. */
export function signInUrl(portalOrigin: string, to: string): string {
  return `${portalOrigin}/sign-in?to=${encodeURIComponent(to)}`
}

function surroundings(options: PagesOptions, frame: Frame, model: object): View<object> {
  const { words, assets, institution, portalOrigin } = options
  const { language, path } = frame
  return {
    say: (key, facts) => words.say(language, key, facts),
    frame,
    model,
    site: {
      name: words.textOf(institution.name, language),
      portal: portalOrigin,
      contact: contactOf(institution.contact),
      signInUrl: signInUrl(portalOrigin, frame.afterSignIn),
      style: assets.url('style.css'),
      icon: assets.url('icon.svg'),
      languages: languages.map((other: Language) => ({
        language: other,
        url: languageSwitchUrl(other, path),
        name: words.say(other, 'language.name'),
      })),
    },
  }
}

/** Nothing is known of the session where a refusal or failure is shown: it may be on any host. */
function problemFrame({ language, returnUrl }: RefusalPage | FailurePage): Frame {
  const url = URL.parse(returnUrl)
  const path = url === null ? '/' : url.pathname + url.search
  return { language, path, afterSignIn: '/', visitor: 'unknown', isProviderAway: false }
}

function destinations(options: PagesOptions, page: RefusalPage | FailurePage): Destinations {
  const { portalOrigin, institution } = options
  const home = `${portalOrigin}/`
  const help = `${portalOrigin}/help`
  const wanted = /^https?:$/.test(URL.parse(page.returnUrl)?.protocol ?? '') ? page.returnUrl : home
  const contact = contactOf(institution.contact).url ?? help
  return {
    home,
    help,
    wanted,
    signIn: signInUrl(portalOrigin, wanted),
    contact: contact.startsWith('mailto:')
      ? `${contact}?subject=${encodeURIComponent(page.reference)}`
      : contact,
  }
}

/** The contact of the configuration may be a mail address, a page, or words such as a telephone. */
function contactOf(contact: string): { readonly text: string; readonly url?: string } {
  if (/^https?:\/\//.test(contact)) return { text: contact, url: contact }
  if (/^[^\s@:/?]+@[^\s@:/?]+$/.test(contact)) return { text: contact, url: `mailto:${contact}` }
  return { text: contact }
}
