/**
 * Attributes: what the value of each is, by its name and its element. Prose, form values and the
 * page's own identity are no addresses.
 *
 * Source: HTML Standard, "Attributes" index; SVG 2; the attributes of HTML 4 that browsers still
 * fetch; `data-*` and framework attributes that scripts read as addresses.
 * @module
 */

/** How a value is read. */
export type ValueKind =
  | 'blank-list'
  | 'comma-list'
  | 'data' // a whole URL, JSON, markup, or nothing of these
  | 'digest'
  | 'document' // of a frame, with a window of its own
  | 'markup'
  | 'policy'
  | 'refresh'
  | 'script'
  | 'semicolon-list'
  | 'srcset'
  | 'style'
  | 'url'
  | 'whole-url' // an address only when there is nothing else in it

/** Looks up another attribute of the same element; undefined when it is not there. */
export type AttributeReader = (name: string) => string | undefined

const byName: Readonly<Record<string, ValueKind>> = {
  action: 'url',
  archive: 'comma-list',
  attributionsrc: 'blank-list',
  background: 'url',
  cite: 'url',
  classid: 'url',
  codebase: 'url',
  data: 'url',
  dynsrc: 'url',
  formaction: 'url',
  href: 'url',
  icon: 'url',
  imagesrcset: 'srcset',
  integrity: 'digest',
  longdesc: 'url',
  lowsrc: 'url',
  manifest: 'url',
  movie: 'url',
  ping: 'blank-list',
  pluginspage: 'url',
  poster: 'url',
  profile: 'blank-list',
  src: 'url',
  srcdoc: 'markup',
  srcset: 'srcset',
  style: 'style',
  usemap: 'url',
  'xlink:href': 'url',
  'xml:base': 'url',
  // AngularJS: text with holes, no expressions.
  'ng-href': 'url',
  'ng-src': 'url',
  'ng-srcset': 'srcset',
}

/** Attributes of SVG whose values are those of CSS properties (SVG 2, 6.6), where they may load. */
const presentation =
  /^(?:clip-path|color-profile|cursor|fill|filter|marker|marker-(?:start|mid|end)|mask|mask-image|stroke)$/

/** Hyphenated names that are no custom elements (HTML Standard, valid custom element names). */
const reservedName = /^(?:annotation-xml|color-profile|font-face.*|missing-glyph)$/

const addressAttributes = new Set(Object.keys(byName).filter((name) => byName[name] === 'url'))

/** Metadata that tools of the reader fetch in the reader's session; the rest names the work. */
const fetchedMeta =
  /^(?:citation_(?!public).*_url|(?:og|twitter):(?:image|video|audio|player)(?::(?:src|url|secure_url|stream))?|msapplication-.*|thumbnail)$/i

/** Relations that name the work wherever it is read (RFC 6596, RFC 8574). */
const identityRelation = /(?:^|[ \t\n\r\f])(?:canonical|cite-as)(?:$|[ \t\n\r\f])/i

/** Attributes of scripting frameworks whose values are expressions. */
const expression = /^(?:on[a-z]|[:@]|v-|x-|ng-|\(|\[)/

/** Whether a value is one address whatever the element and its other attributes; in lower case. */
export function isAddressAttribute(name: string): boolean {
  return addressAttributes.has(name)
}

/** What a value is; undefined when it stays as it is. */
export function valueKindOf(
  element: string,
  name: string,
  read: AttributeReader,
): ValueKind | undefined {
  if (element === 'meta') return name === 'content' ? metaKind(read) : undefined
  if (element === 'param') return name === 'value' ? 'whole-url' : undefined
  const animated = animatedKind(element, name, read)
  if (animated !== undefined) return animated
  if (element === 'link' && name === 'href') {
    return identityRelation.test(read('rel') ?? '') ? undefined : 'url'
  }
  if (element === 'iframe' && name === 'srcdoc') return 'document'
  const kind = Object.hasOwn(byName, name) ? byName[name] : undefined
  if (kind !== undefined) return kind
  if (name.startsWith('data-')) return name.endsWith('srcset') ? 'srcset' : 'data'
  if (presentation.test(name)) return 'style'
  if (expression.test(name)) return 'script'
  if (name.startsWith('hx-')) return 'whole-url'
  return element.includes('-') &&
    !reservedName.test(element) &&
    /(?:src|href|ur[il]|endpoint)$/.test(name)
    ? 'whole-url'
    : undefined
}

/** Addresses that an animation puts into a link one after the other (SVG Animations 2). */
export function animatedKind(
  element: string,
  name: string,
  read: AttributeReader,
): ValueKind | undefined {
  if (element !== 'animate' && element !== 'set') return undefined
  const isValue = name === 'values' || name === 'from' || name === 'to' || name === 'by'
  if (!isValue || !/^(?:xlink:)?href$/.test((read('attributename') ?? '').trim())) return undefined
  return name === 'values' ? 'semicolon-list' : 'url'
}

function metaKind(read: AttributeReader): ValueKind | undefined {
  const directive = (read('http-equiv') ?? '').trim().toLowerCase()
  if (directive === 'refresh') return 'refresh'
  if (directive === 'content-security-policy') return 'policy'
  const name = read('name') ?? read('property') ?? read('itemprop') ?? ''
  return fetchedMeta.test(name.trim()) ? 'whole-url' : undefined
}

/** Whether the content of a script element is data about the page, by its type. */
export function isLinkedData(type: string | undefined): boolean {
  return /^\s*application\/ld\+json\s*(?:;|$)/i.test(type ?? '')
}

/** What the content of a script element is, by its type; undefined stays as it is. */
export function scriptKindOf(
  type: string | undefined,
): 'import-map' | 'json' | 'markup' | 'script' | undefined {
  const essence = (type ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  // The two others are those of loaders for browsers without import maps.
  if (/^(?:importmap|importmap-shim|systemjs-importmap)$/.test(essence)) return 'import-map'
  if (isLinkedData(essence)) return undefined
  if (/json|speculationrules/.test(essence)) return 'json'
  if (/html|template|tmpl|handlebars|mustache/.test(essence)) return 'markup'
  if (/^(?:math|x-shader)\//.test(essence)) return undefined
  // With consent managers, scripts wait under text/plain; unknown types hold scripts as a rule.
  return 'script'
}

/** What a `data-*` value is when the whole of it is something. */
export function dataKindOf(value: string): 'json' | 'markup' | 'style' | 'url' | undefined {
  const text = value.trim()
  if (/^[{[]/.test(text)) return 'json'
  if (/^<[a-z!]/i.test(text)) return 'markup'
  if (/^url\(/i.test(text)) return 'style'
  return /[ \t\n\r]/.test(text) ? undefined : 'url'
}

/** Whether the value is that of a CSS property. */
export function isPresentationAttribute(name: string): boolean {
  return presentation.test(name)
}

/** Attributes of XML that are identifiers: namespaces, schemas, and what RDF speaks about. */
export function isIdentifierOfXml(name: string): boolean {
  return /^(?:xmlns(?::.*)?|xsi:.*|rdf:.*|targetnamespace|schemalocation)$/i.test(name)
}

/** Elements of XML whose text is an identifier: feeds would look new if it changed. */
export function isIdentifierElement(name: string): boolean {
  return /^(?:[\w-]+:)?(?:guid|id|identifier)$/i.test(name)
}
