/**
 * Elements: the edits of one start tag, from what its attributes mean.
 * @module
 */
import { isProxiedTarget, plainUrlEdits, urlEdits, type AddressMapper } from './address.ts'
import { crossoriginEdits } from './crossorigin.ts'
import {
  animatedKind,
  dataKindOf,
  isAddressAttribute,
  isIdentifierOfXml,
  isPresentationAttribute,
  valueKindOf,
  type ValueKind,
} from './attributes.ts'
import { createStyleScanner } from './css.ts'
import { placeEdits, unescapeMarkup, unescapePercent } from './escapes.ts'
import { createScriptScanner } from './javascript.ts'
import { createJsonScanner } from './json.ts'
import { linkAfter } from './plain-tags.ts'
import { editsOf, type Edit } from './scanner.ts'
import { parseAttributes, type Attribute } from './tag.ts'
import { refreshEdits, srcsetEdits, urlListEdits } from './values.ts'

/** What the elements of one document share. */
export interface ElementContext {
  readonly mapper: AddressMapper
  readonly dialect: 'html' | 'xhtml' | 'xml'
  readonly mapsBareHosts: boolean
  readonly asksWithCredentials: boolean
  readonly mapPolicy?: ((policy: string) => string | undefined) | undefined
  /** The edits of markup within a value. */
  markupEdits(text: string): Edit[]
  /** The edits of a value that is a document with a window of its own. */
  documentEdits(text: string): Edit[]
  /** Whether relative addresses lead away from the zone, because of a base element. */
  isBaseForeign: boolean
}

/** One start tag, by its attributes; the first of a name counts. */
export type Attributes = ReadonlyMap<string, Attribute>

/** Attributes of the start tag whose name ends at `from` and whose `>` stands before `end`. */
export function attributesOf(text: string, from: number, end: number): Attributes {
  const attributes = new Map<string, Attribute>()
  for (const attribute of parseAttributes(text, from, end)) {
    if (!attributes.has(attribute.name)) attributes.set(attribute.name, attribute)
  }
  return attributes
}

/** The value as the browser reads it. */
export function valueOf(text: string, attribute: Attribute | undefined): string | undefined {
  if (attribute === undefined) return undefined
  return unescapeMarkup(text.slice(attribute.valueStart, attribute.valueEnd)).text
}

/** The edits of all attributes of an element, in order. */
export function elementEdits(
  text: string,
  element: string,
  attributes: Attributes,
  context: ElementContext,
): Edit[] {
  const read = (name: string): string | undefined => valueOf(text, attributes.get(name))
  if (element === 'base') noteBase(read('href'), context)
  const leadsToSister = (address: string) => urlEdits(address, context.mapper).length > 0
  const edits: Edit[] = []
  for (const [name, attribute] of attributes) {
    if (!mayChange(text, element, attribute, context)) continue
    const kind = kindOf(element, name, read, context)
    if (context.asksWithCredentials) {
      edits.push(...crossoriginEdits(element, attribute, read, leadsToSister))
    }
    if (kind === 'digest') edits.push(...digestEdits(attribute, read, context))
    else if (kind !== undefined) edits.push(...attributeEdits(text, attribute, kind, context))
  }
  return edits
}

/**
 * Pushes the edits of a start tag in which nothing but addresses in quotes can change.
 *
 * @returns Index behind the tag; -1, with no edits, when it is of another kind or goes on behind `end`.
 */
export function pushLinkEdits(
  text: string,
  at: number,
  end: number,
  edits: Edit[],
  mapper: AddressMapper,
): number {
  const before = edits.length
  let link = linkAfter(text, at)
  while (typeof link === 'object') {
    const isAddress = isAddressAttribute(text.slice(link.nameStart, link.nameEnd))
    const found = isAddress ? plainUrlEdits(text, link.valueStart, link.quote, mapper) : undefined
    if (found === undefined) break
    for (const edit of found) edits.push(edit)
    link = linkAfter(text, at, link)
  }
  if (typeof link === 'number' && link !== -1 && link <= end) return link
  edits.length = before
  return -1
}

/** Something in a tag or an attribute that may have to change; all others are passed over. */
export const worthReading =
  /[/\\][/\\\t\n\r]|\\[ux\d]|&(?:#|sol|bsol|tab|newline)|integrity|srcdoc|content-sec|javascript:[^]*%/i

/** Whether an attribute may have to change: most have nothing in them that could. */
function mayChange(
  text: string,
  element: string,
  { name, start, end }: Attribute,
  { dialect, mapsBareHosts }: ElementContext,
): boolean {
  if (element === 'meta' || dialect === 'xml' || mapsBareHosts) return true
  return name === 'crossorigin' || worthReading.test(text.slice(start, end))
}

function kindOf(
  element: string,
  name: string,
  read: (name: string) => string | undefined,
  { dialect }: ElementContext,
): ValueKind | undefined {
  if (dialect !== 'xml') return valueKindOf(element, name, read)
  if (isIdentifierOfXml(name)) return undefined
  if (name === 'style') return 'style'
  if (isPresentationAttribute(name) && /url\(/i.test(read(name) ?? '')) return 'style'
  if (/^on[a-z]/.test(name)) return 'script'
  const animated = animatedKind(element, name, read)
  if (animated !== undefined) return animated
  const isIdentity = name === 'href' && /\b(?:canonical|cite-as)\b/.test(read('rel') ?? '')
  return isIdentity ? undefined : 'whole-url'
}

function noteBase(href: string | undefined, context: ElementContext): void {
  if (href !== undefined) context.isBaseForeign = !isProxiedTarget(href, context.mapper)
}

/** A digest goes when the text it speaks of may change on the way; any other still protects. */
function digestEdits(
  { start, end }: Attribute,
  read: (name: string) => string | undefined,
  { mapper, isBaseForeign }: ElementContext,
): Edit[] {
  const target = read('src') ?? read('href')
  if (target === undefined || !isProxiedTarget(target, mapper)) return []
  if (isBaseForeign && urlEdits(target, mapper).length === 0) return []
  return [{ start, end, text: '' }]
}

function attributeEdits(
  text: string,
  attribute: Attribute,
  kind: ValueKind,
  context: ElementContext,
): Edit[] {
  const source = text.slice(attribute.valueStart, attribute.valueEnd)
  if (source === '') return []
  if (kind === 'policy') return policyEdits(source, attribute, context)
  const unescaped = unescapeMarkup(source)
  return placeEdits(readers[kind](unescaped.text, context), unescaped, attribute.valueStart)
}

type Reader = (value: string, context: ElementContext) => Edit[]

const readScript: Reader = (value, context) => editsOf(createScriptScanner(context), value)

const readStyle: Reader = (value, { mapper }) => editsOf(createStyleScanner(mapper), value)

const readScriptUrl: Reader = (value, context) => {
  const unescaped = unescapePercent(value)
  return placeEdits(readScript(unescaped.text, context), unescaped, 0)
}

const readers: Readonly<Record<ValueKind, Reader>> = {
  'blank-list': (value, { mapper }) => urlListEdits(value, mapper, 'blank'),
  'comma-list': (value, { mapper }) => urlListEdits(value, mapper, 'comma'),
  data: dataEdits,
  digest: () => [],
  // A path of this host would lead away: the shim itself sees to the frame then.
  document: (value, context) =>
    context.isBaseForeign ? context.markupEdits(value) : context.documentEdits(value),
  markup: (value, context) => context.markupEdits(value),
  policy: () => [],
  refresh: (value, { mapper }) => refreshEdits(value, mapper),
  script: readScript,
  'semicolon-list': (value, { mapper }) => urlListEdits(value, mapper, 'semicolon'),
  srcset: (value, { mapper }) => srcsetEdits(value, mapper),
  style: readStyle,
  url: (value, context) =>
    /^[\0- ]*javascript:/i.test(value)
      ? readScriptUrl(value, context)
      : urlEdits(value, context.mapper),
  'whole-url': (value, { mapper }) =>
    /[^\0- ][ \t\n\r]+[^ \t\n\r]/.test(value) ? [] : urlEdits(value, mapper),
}

function dataEdits(value: string, context: ElementContext): Edit[] {
  const kind = dataKindOf(value)
  if (kind === 'json') return editsOf(createJsonScanner(context.mapper), value)
  if (kind === 'markup') return context.markupEdits(value)
  if (kind === 'style') return readStyle(value, context)
  return kind === 'url' ? urlEdits(value, context.mapper) : []
}

function policyEdits(
  source: string,
  { valueStart, valueEnd, quote }: Attribute,
  { mapPolicy }: ElementContext,
): Edit[] {
  if (mapPolicy === undefined) return []
  const policy = unescapeMarkup(source).text
  const mapped = mapPolicy(policy) ?? ''
  if (mapped === policy) return []
  const escaped = mapped.replaceAll('&', '&amp;').replaceAll(quote || '"', quoteReference(quote))
  return [{ start: valueStart, end: valueEnd, text: quote === '' ? `"${escaped}"` : escaped }]
}

function quoteReference(quote: string): string {
  return quote === "'" ? '&#39;' : '&quot;'
}
