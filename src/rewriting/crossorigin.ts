/**
 * Elements that fetch a sister host without credentials: they ask with the gateway's cookie instead,
 * since without it the gateway knows nobody. `anonymity.ts` keeps the publisher's cookies out of it.
 *
 * Source: HTML Standard, "CORS settings attributes"; modules are asked for without credentials even
 * when the attribute is missing ("fetch a module script graph"), and hand theirs on to imports.
 * @module
 */
import type { AttributeReader } from './attributes.ts'
import type { Edit } from './scanner.ts'
import type { Attribute } from './tag.ts'

const withCredentials = ' crossorigin="use-credentials"'
/** What a script will ask for is marked by the shim; asked for before, nothing tells how it is meant. */
const unasked = ' media="not all"'
const targets: Readonly<Record<string, string>> = {
  audio: 'src',
  img: 'src',
  link: 'href',
  script: 'src',
  video: 'src',
}

/**
 * The edit at one attribute of an element, if any.
 *
 * @param leadsToSister Whether an address names a known host, which may be another than the page's.
 */
export function crossoriginEdits(
  element: string,
  attribute: Attribute,
  read: AttributeReader,
  leadsToSister: (address: string) => boolean,
): Edit[] {
  const { name, start, end } = attribute
  const target = Object.hasOwn(targets, element) ? targets[element] : undefined
  if (target === undefined || (name !== 'crossorigin' && name !== target)) return []
  const address = read(target)
  if (address === undefined || !leadsToSister(address) || isFont(element, read)) return []
  if (name === 'crossorigin') {
    return [{ start, end, text: isEarlyFetch(element, read) ? unasked : withCredentials }]
  }
  const isMissing = read('crossorigin') === undefined && isModule(element, read)
  return isMissing ? [{ start, end: start, text: withCredentials }] : []
}

/** Fonts are asked for without credentials whatever stands here (CSS Fonts 4, section 4.9). */
function isFont(element: string, read: AttributeReader): boolean {
  return element === 'link' && read('as')?.trim().toLowerCase() === 'font'
}

/** A preload only saves time; one that is meant to have credentials goes on. */
function isEarlyFetch(element: string, read: AttributeReader): boolean {
  const isFetch = element === 'link' && read('as')?.trim().toLowerCase() === 'fetch'
  return isFetch && read('crossorigin')?.trim().toLowerCase() !== 'use-credentials'
}

function isModule(element: string, read: AttributeReader): boolean {
  if (element === 'link') return /\bmodulepreload\b/i.test(read('rel') ?? '')
  return element === 'script' && read('type')?.trim().toLowerCase() === 'module'
}
