/**
 * The language of the pages: the reader's own choice (a cookie of each host), else what the browser
 * asks for, else Kyrgyz. The switch is a link that works without script on the portal and on
 * proxied hosts alike, and leads back to a path of the very host and nowhere else.
 * @module
 */
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { languages, type Language } from '../core/languages.ts'
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'
import { reservedPrefix } from '../core/pages.ts'
import { goTo } from './go-to.ts'

/** Name of the cookie; never sent to publishers, of no value to anybody. */
export const languageCookie = 'darbaza-language'

const switchPath = `${reservedPrefix}language`

/** The language to answer in. */
export function languageOf(context: GatewayContext): Language {
  const { cookie = '', 'accept-language': accepted = '' } = context.req.headers
  // Every exchange asks, and next to none has made a choice.
  const hasChosen = cookie.includes(languageCookie)
  const chosen = hasChosen ? languageNamed(context.cookies.get(languageCookie)) : undefined
  return chosen ?? acceptedLanguage(accepted, context)
}

const acceptedLanguage = rememberLately(
  limits.portal.languageHeaders,
  (_accepted, context: GatewayContext) =>
    // An absent or unusable header accepts everything, and the first of the list is then taken.
    languageNamed(context.acceptsLanguages([...languages])) ?? languages[0],
)

/** The link that shows the same page in another language. */
export function languageSwitchUrl(language: Language, path: string): string {
  const to = path.length > limits.portal.pathChars ? '/' : path
  return `${switchPath}?set=${language}&to=${encodeURIComponent(to)}`
}

/**
 * Answers the switch on any host.
 *
 * @param portalOrigin Tells by its scheme whether cookies can be `Secure`.
 */
export function createLanguageSwitch(portalOrigin: string): Stage {
  const attributes = [
    'Path=/',
    `Max-Age=${limits.portal.languageSeconds}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(portalOrigin.startsWith('https:') ? ['Secure'] : []),
  ].join('; ')

  return async (context, next) => {
    if (context.path !== switchPath) return next()
    if (context.method !== 'GET' && context.method !== 'HEAD') {
      throw new GatewayError('ERR_METHOD', `${context.method} ${switchPath}, expected GET`)
    }
    const query = new URLSearchParams(context.querystring)
    const language = languageNamed(query.get('set'))
    if (language !== undefined) {
      context.append('Set-Cookie', `${languageCookie}=${language}; ${attributes}`)
    }
    goTo(context, localPath(query.get('to')))
  }
}

/** Path and query of a link that stays on its host; `/` for anything else. */
export function localPath(text: string | null): string {
  // Browsers read `//host` and `/\host` as another host and drop tabs and line ends before they look.
  // eslint-disable-next-line no-control-regex
  if (text === null || !/^\/(?![/\\])[^\0-\x20\x7f]*$/.test(text)) return '/'
  const here = 'http://here.invalid'
  const url = URL.parse(text, here)
  // Dot segments may leave an empty first one: `/.//host` is `//host` once resolved.
  if (url?.origin !== here || url.pathname.startsWith('//')) return '/'
  return url.pathname + url.search
}

function languageNamed(text: string | false | null | undefined): Language | undefined {
  return languages.find((language) => language === text)
}
