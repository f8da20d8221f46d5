/**
 * Header values that hold URLs among other things: each function changes the URLs of known hosts
 * and keeps every other byte.
 * @module
 */

/** Maps a URL of a known host; undefined for any other. */
export type MapUrl = (url: string) => string | undefined

/** Links that name a work rather than lead to it (RFC 6596, RFC 8574). */
const identityRelations = new Set(['canonical', 'cite-as'])

/** `5; url=https://…` (HTML Standard, shared declarative refresh steps). */
export function mapRefresh(value: string, mapUrl: MapUrl): string {
  const [, before = '', quote = '', rest = ''] =
    /^(\s*[\d.]*\s*[;,\s]\s*(?:url\s*=\s*)?)(["']?)(.*)$/is.exec(value) ?? []
  const end = quote === '' ? rest.length : rest.indexOf(quote)
  const url = rest.slice(0, end === -1 ? rest.length : end)
  const mapped = url === '' ? undefined : mapUrl(url)
  return mapped === undefined ? value : before + quote + mapped + rest.slice(url.length)
}

/**
 * A list of links (RFC 8288 section 3). Identity stays; a link whose body the gateway may change
 * loses its integrity, as the same attribute of HTML does.
 */
export function mapLinks(value: string, mapUrl: MapUrl): string {
  // No URL has "<" in it: to look beyond one would take a time that grows with the square.
  const link = /<([^<>]*)>((?:[^<,"]|"(?:[^"\\]|\\.)*")*)/g
  return value.replace(link, (whole, url: string, parameters: string) => {
    if (isIdentity(parameters)) return whole
    const mapped = mapUrl(url)
    const isRelative = !/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(url.trim())
    const kept =
      mapped === undefined && !isRelative
        ? parameters
        : parameters.replace(/;\s*integrity\s*=\s*(?:"[^"]*"|[^;,\s]*)/gi, '')
    return `<${mapped ?? url}>${mapAnchor(mapImageSet(kept, mapUrl), mapUrl)}`
  })
}

/** Every double-quoted string that is a URL: Permissions-Policy, Speculation-Rules. */
export function mapQuoted(value: string, mapUrl: MapUrl): string {
  return value.replace(/"([^"]*)"/g, (whole, url: string) => {
    const mapped = mapUrl(url)
    return mapped === undefined ? whole : `"${mapped}"`
  })
}

/** A comma-separated list of origins: Timing-Allow-Origin. */
export function mapList(value: string, mapUrl: MapUrl): string {
  return value.replace(/[^\s,]+/g, (item) => mapUrl(item) ?? item)
}

/** `ALLOW-FROM https://…` (RFC 7034 section 2.1). */
export function mapFrameOptions(value: string, mapUrl: MapUrl): string {
  return value.replace(
    /^(\s*ALLOW-FROM\s+)(\S+)/i,
    (_whole, word: string, url: string) => word + (mapUrl(url) ?? url),
  )
}

/**
 * Only the reader's own browser may keep a licensed body. A stored body beside other directives of
 * the publisher stays as fresh as the publisher says (RFC 9111 section 5.2.2).
 */
export function privateCaching(value: string): string {
  const shared = /^(?:public|private|s-maxage|proxy-revalidate)\b/i
  const directives = value.match(/(?:[^,"]|"[^"]*")+/g)?.map((text) => text.trim()) ?? []
  return ['private', ...directives.filter((text) => text !== '' && !shared.test(text))].join(', ')
}

/**
 * Without `"cookies"`, which would clear the whole zone and sign the reader out, and without what
 * contains it (W3C Clear Site Data section 4.2.4).
 */
export function narrowClearing(value: string): string | undefined {
  const types = value.split(',').map((type) => type.trim())
  const wanted = types.includes('"*"')
    ? ['"cache"', '"storage"']
    : types.filter((type) => type !== '"cookies"')
  return wanted.length === 0 ? undefined : wanted.join(', ')
}

/** Whether a Clear-Site-Data value asks for the publisher's cookies to go. */
export function clearsCookies(value: string): boolean {
  return value.split(',').some((type) => ['"*"', '"cookies"'].includes(type.trim()))
}

/** The codings that the gateway can undo, in the browser's order and with its weights. */
export function knownCodings(value: string): string {
  const known = /^\s*(?:gzip|x-gzip|deflate|br|zstd|identity)\s*(?:;|$)/i
  const kept = value.split(',').filter((coding) => known.test(coding))
  return kept.length === 0 ? 'identity' : kept.map((coding) => coding.trim()).join(', ')
}

function isIdentity(parameters: string): boolean {
  const [, quoted, plain] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(parameters) ?? []
  const relations = (quoted ?? plain ?? '').toLowerCase().split(/\s+/)
  return relations.some((relation) => identityRelations.has(relation))
}

/** What a link is about (RFC 8288 section 3.2): browsers follow none that is about another page. */
function mapAnchor(parameters: string, mapUrl: MapUrl): string {
  return parameters.replace(
    /(;\s*anchor\s*=\s*")([^"]*)/i,
    (_whole, name: string, url: string) => name + (mapUrl(url) ?? url),
  )
}

/** Preloaded pictures name their candidates in `imagesrcset`. */
function mapImageSet(parameters: string, mapUrl: MapUrl): string {
  return parameters.replace(
    /(;\s*imagesrcset\s*=\s*")([^"]*)/i,
    (_whole, name: string, set: string) =>
      name + set.replace(/[^\s,]+/g, (item) => mapUrl(item) ?? item),
  )
}
