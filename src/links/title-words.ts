/**
 * What pages say of themselves in their titles, where a status does not: that they are not there, that
 * the domain is for sale, that the library's subscription is over, that programs are not let in.
 *
 * Only what is sure stands here: a title that merely has such words in it is an article about them.
 * @module
 */

/** A whole title, or a part between marks: `Page not found | Press`. */
const gone =
  /^(?:(?:error|ошибка|ката)\s*)?404(?:\s*(?:error|ошибка|ката|not found|page not found))?$|^(?:(?:sorry )?(?:the |this )?(?:requested )?(?:page|file|resource|url)(?: you requested)? )?(?:was |is |could |can)?(?: be )?not (?:be )?found$|^(?:http )?(?:status |error )?404 ?(?:-|:)? ?(?:page |file )?not found$|^page (?:does not|doesn t) exist$|^страница не (?:найдена|существует)$|^(?:бет|барак|баракча) табылган жок$/
const parked =
  /^(?:[a-z0-9-]+\.)+[a-z]{2,} (?:is for sale|domain (?:name )?(?:is )?for sale|is parked)|^(?:this )?domain (?:name )?(?:is|may be) for sale|^(?:this )?domain (?:name )?(?:has )?expired|^buy this domain|^parked domain|^домен (?:продается|не оплачен|истек)/
const lapsed =
  /^(?:your )?subscription (?:has )?expired$|^institution (?:is )?not recogni[sz]ed$|^no (?:active )?subscription$|^подписка (?:истекла|закончилась|не найдена)$/
const wall =
  /^just a moment$|^attention required(?: cloudflare)?$|^access denied$|^pardon our interruption|^client challenge$|^validate user$|^human verification$|^(?:please )?verify (?:that )?you are (?:a )?human|^are you (?:a robot|human)\b|^robot check$|^ddos guard$|^radware |^checking your browser|^security (?:check|verification)$|^(?:captcha|recaptcha)\b|^проверка браузера|^вы не робот/

/** What the title of a page says; undefined for what is no such title. */
export function titleSays(title: string): 'gone' | 'parked' | 'lapsed' | 'wall' | undefined {
  const parts = [title, ...title.split(/\s+[|\-–—:·»•]+\s+/)].map(plain)
  if (parts.some((part) => wall.test(part))) return 'wall'
  if (parts.some((part) => gone.test(part))) return 'gone'
  if (parts.some((part) => parked.test(part))) return 'parked'
  return parts.some((part) => lapsed.test(part)) ? 'lapsed' : undefined
}

/** In small letters, with single blanks, without the marks around words. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[!?…,'’"«»()|]+|\.+(?=\s|$)/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
