/**
 * What a rule changes by hand in a publisher's text, before anything is mapped: entries of `replace`
 * and percent-encoded URLs.
 *
 * Rules are written in Unicode and bodies come in any charset, so rules are put into the body's
 * characters, not the other way round: every byte that no rule finds stays. One that the body's
 * charset cannot spell finds nothing there.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'
import type { HostMap } from '../core/resource.ts'
import type { Found, Replacement, Stretch, TextKind } from '../core/rewriting-options.ts'
import { createReplacer, type Replacer, type TextRule } from '../core/text-replacer.ts'
import type { TextCodec } from './charset.ts'
import type { Edit, Scanner, Window } from './scanner.ts'
import type { BodyKind, PageFacts } from './transform.ts'

const textKindOf: Readonly<Partial<Record<BodyKind, TextKind>>> = {
  css: 'css',
  flight: 'json',
  html: 'html',
  javascript: 'javascript',
  json: 'json',
  xhtml: 'html',
  xml: 'xml',
}

/** Texts whose reader waits for each line. */
const isByLine = (kind: BodyKind | undefined): boolean =>
  kind === 'event-stream' || kind === 'flight' || kind === 'lines'

/** The replacer of one body; undefined when its resource asks for nothing here. */
export function createBodyReplacer(
  page: PageFacts,
  kind: BodyKind | undefined,
  codec: TextCodec,
): Replacer | undefined {
  const options = page.upstream.resource.rewriting
  if (options?.replace === undefined && options?.encodedUrls === undefined) return undefined
  const textKind = (kind && textKindOf[kind]) ?? 'text'
  const path = pathOf(page.url)
  const { write, viewOf } = alphabetOf(codec)
  const rules = (options.replace ?? [])
    .filter(
      ({ kinds, scope }) => kinds.includes(textKind) && scope.covers(page.upstream.host, path),
    )
    .flatMap((replacement) => ruleOf(replacement, write) ?? [])
  if (options.encodedUrls === true && textKind !== 'css') rules.push(encodedUrlRule(page))
  return rules.length === 0
    ? undefined
    : createReplacer({ rules, viewOf, isByLine: isByLine(kind) })
}

/** The path of a page as it was asked for. */
export function pathOf(url: string): string {
  return /^\w+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? ''
}

/** A scanner that leaves alone what a rule keeps, and an address that begins right behind it. */
export function guardKept(scanner: Scanner, replacer: Replacer | undefined): Scanner {
  if (replacer === undefined) return scanner
  const { kept } = replacer
  return {
    scan(window, edits) {
      const found: Edit[] = []
      const next = scanner.scan(window, found)
      for (const edit of found) if (kept.length === 0 || !isKept(edit, window)) edits.push(edit)
      replacer.forget(window.base + window.from - addressStartChars)
      return next
    },
  }

  function isKept({ start, end }: Edit, { text, base }: Window): boolean {
    const stretch = kept[lastBefore(kept, base + end)]
    if (stretch === undefined) return false
    const keptTo = stretch[1] - base
    return keptTo >= start || addressStart.test(text.slice(keptTo, start))
  }
}

/** `https:` and two slashes in their longest spelling are shorter. */
const addressStartChars = 64
/** Scheme and slashes, in whatever escapes, before the host that an edit moves. */
const addressStart = /^(?:https?|wss?)?(?::|\\+(?:u00|x)3a)?(?:[\\/]|(?:u00|x)2f){0,20}$/i

/** Index of the last stretch that begins at or before a place; -1 when there is none. */
function lastBefore(stretches: readonly Stretch[], place: number): number {
  let [low, high] = [0, stretches.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stretches[middle]?.[0] ?? 0) <= place) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** A replacement in the characters of the body; undefined when they cannot spell it. */
function ruleOf(
  { find, finder, template }: Replacement,
  write: (text: string) => string | undefined,
): TextRule | undefined {
  const put = template?.map((part) => (typeof part === 'string' ? write(part) : part))
  const isSpelt = put?.every((part) => part !== undefined) ?? true
  if (!isSpelt) return undefined
  const parts = put?.filter((part) => part !== undefined)
  if (finder !== undefined) return { kind: 'pattern', finder, put: parts }
  const literal = write(find)
  return literal === undefined ? undefined : { kind: 'literal', find: literal, put: parts }
}

/** How Unicode is spelt in a body's text, and how its text reads for patterns, place by place. */
interface Alphabet {
  write(text: string): string | undefined
  viewOf(text: string): string | Uint8Array
}

const beyondAscii = /[^\0-\x7f]/

function alphabetOf(codec: TextCodec): Alphabet {
  // A character that no byte holds comes back as it is where text is Unicode already.
  if (!codec.isBytewise && codec.toUnicode('\u0416') === '\u0416') {
    return { write: (text) => text, viewOf: (text) => text }
  }
  if (codec.toUnicode('\u00c3\u00a9') === '\u00e9') {
    return {
      write: (text) => (beyondAscii.test(text) ? Buffer.from(text).toString('latin1') : text),
      viewOf: (text) => (beyondAscii.test(text) ? Buffer.from(text, 'latin1') : text),
    }
  }
  return byteAlphabet(codec)
}

/** One byte, one character; what a charset spells in pairs of bytes is not looked for. */
function byteAlphabet(codec: TextCodec): Alphabet {
  const bytes = new Map<string, string>()
  for (let code = 0x80; code <= 0xff; code += 1) {
    const byte = String.fromCharCode(code)
    const character = codec.toUnicode(byte)
    if (character.length === 1 && character !== '\ufffd') bytes.set(character, byte)
  }
  return {
    write(text) {
      const spelt = Array.from(text, (character) =>
        beyondAscii.test(character) ? bytes.get(character) : character,
      )
      return spelt.includes(undefined) ? undefined : spelt.join('')
    },
    viewOf(text) {
      const read = codec.toUnicode(text)
      return read.length === text.length ? read : text
    },
  }
}

/**
 * `https%3A%2F%2Fwww.jstor.org`, encoded once or more; not where two parties compare it literally
 * (OpenID Connect Core 3.1.2.1 and 15.5.2, SAML bindings 3.4.3).
 */
const encodedUrl =
  /(?<!(?:redirect_uri|iss|issuer|entityid|providerid|wtrealm|realm)(?:=|%(?:25)*3d))(https?|wss?)(%(?:25)*3a)(%(?:25)*2f%(?:25)*2f)([\w-]+(?:\.[\w-]+){1,126})(?:(%(?:25)*3a)(\d{1,5}))?(?![\w-]|%(?:25)*(?:40|2d|2e))/gi

function encodedUrlRule({ hosts }: PageFacts): TextRule {
  return {
    kind: 'source',
    finder(text, from): Found | undefined {
      encodedUrl.lastIndex = from
      const match = encodedUrl.exec(text)
      return match === null ? undefined : [[match.index, encodedUrl.lastIndex]]
    },
    put: (text) => mapEncodedUrls(text, hosts),
  }
}

function mapEncodedUrls(text: string, hosts: HostMap): string {
  const isSecure = hosts.zoneOrigin.startsWith('https:')
  return text.replace(encodedUrl, (whole, ...parts: (string | undefined)[]) => {
    const [scheme = '', colon = '', slashes = '', host = '', , port] = parts
    const authority = port === undefined ? host : `${host}:${port}`
    const proxied = hosts.proxiedAuthority(scheme, authority)
    if (proxied === undefined) return whole
    const secured = `${/^ws/i.test(scheme) ? 'ws' : 'http'}${isSecure ? 's' : ''}`
    const written = secured === scheme.toLowerCase() ? scheme : secured
    return written + colon + slashes + proxied.replace(':', colon)
  })
}

/** The lines with encoded URLs in redirects mapped as those of bodies, where the rule asks for it. */
export function withEncodedUrls(
  lines: HeaderLines,
  { hosts, upstream }: Pick<PageFacts, 'hosts' | 'upstream'>,
): HeaderLines {
  if (upstream.resource.rewriting?.encodedUrls !== true) return lines
  return lines.map(([name, value]) =>
    /^(?:location|refresh)$/i.test(name) ? [name, mapEncodedUrls(value, hosts)] : [name, value],
  )
}
