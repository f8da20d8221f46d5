/**
 * What every page of the gateway stands in: layout, menu, languages, contact. Links lead to the
 * portal by their full address, style and pictures come from the host itself, so that a page can
 * stand on any host.
 * @module
 */
import { join } from 'node:path'

import type { GatewayConfig } from '../config/config.ts'
import { languages, type Language, type Text } from '../core/languages.ts'
import type { Words } from '../locales/words.ts'
import type { Assets } from './assets.ts'
import { languageSwitchUrl } from './language.ts'
import type { Frame, View } from './models.ts'
import { createViews } from './views.ts'

/** What the pages are made of. */
export interface ShellOptions {
  readonly words: Words
  readonly assets: Pick<Assets, 'url'>
  readonly institution: Pick<
    GatewayConfig['institution'],
    'name' | 'contact' | 'visit' | 'timeZone'
  >
  /** Names of faculties and departments, by the name that licences use. */
  readonly units?: Readonly<Record<string, Text>>
  readonly portalOrigin: string
  /** Folder with the library's own views. */
  readonly viewsFolder?: string
}

/** A view by name with its model, as a complete HTML document. */
export type Render = (view: string, frame: Frame, model: object) => string

/** What the pages are made of, and the views of those who make them. */
export interface Shell extends ShellOptions {
  /**
   * Compiles the views of a folder, with those that all share.
   *
   * @throws {GatewayError} `ERR_CONFIG` when a view cannot be read or compiled.
   */
  views(folder: string): Render
}

/** The shell of a gateway's pages. */
export function createShell(options: ShellOptions): Shell {
  const shared = join(import.meta.dirname, 'views')
  const { viewsFolder } = options
  return {
    ...options,
    views(folder) {
      const own = viewsFolder === undefined ? [] : [viewsFolder]
      const render = createViews([shared, folder, ...own])
      return (view, frame, model) => render(view, surroundings(options, frame, model))
    },
  }
}

/** The portal's page that begins sign-in and comes back to `to`. */
export function signInUrl(portalOrigin: string, to: string): string {
  return `${portalOrigin}/sign-in?to=${encodeURIComponent(to)}`
}

/** The contact of the configuration may be a mail address, a page, or words such as a telephone. */
export function contactOf(contact: string): { readonly text: string; readonly url?: string } {
  if (/^https?:\/\//.test(contact)) return { text: contact, url: contact }
  if (/^[^\s@:/?]+@[^\s@:/?]+$/.test(contact)) return { text: contact, url: `mailto:${contact}` }
  return { text: contact }
}

function surroundings(options: ShellOptions, frame: Frame, model: object): View<object> {
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
      waitingScript: assets.url('waiting.js'),
      languages: languages.map((other: Language) => ({
        language: other,
        url: languageSwitchUrl(other, path),
        name: words.say(other, 'language.name'),
      })),
    },
  }
}
