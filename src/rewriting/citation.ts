/**
 * The citation of a page, read from its tags while these are looked at for addresses anyway: Highwire's
 * `citation_*`, PRISM, Dublin Core, and schema.org in JSON-LD.
 *
 * Of each field one value is kept, of a bounded length; of a bounded number of tags and scripts. So a
 * page that is nothing but tags costs and stores no more than another. What cannot be read is as if it
 * were not there.
 *
 * Sources: Google Scholar, "Inclusion Guidelines for Webmasters"; DCMI, "Expressing Dublin Core in
 * HTML"; PRISM 3.0; schema.org ScholarlyArticle, Book, Chapter, Dataset.
 * @module
 */
import { decodeHTML } from 'entities'

import type { PageCitation } from '../core/citation.ts'
import { doiOf, isbnOf, issnOf } from '../core/identifiers.ts'
import { limits } from '../core/limits.ts'
import type { DataType } from '../core/use.ts'
import type { Attributes } from './element.ts'
import { readLinkedData } from './linked-data.ts'
import type { Scanner } from './scanner.ts'

/** What a field of a citation is; `identifier` is any of the three numbers. */
export type CitationField =
  'container' | 'doi' | 'fullText' | 'identifier' | 'isbn' | 'issn' | 'pdf' | 'title'

/** What a name of a tag means: its field, and what kind of title the work stands in. */
type Meaning = readonly [CitationField, DataType?]

/** In the order of precedence. */
type Vocabulary = 'citation' | 'prism' | 'dc' | 'schema'

const ranks: Readonly<Record<Vocabulary, number>> = { citation: 0, prism: 1, dc: 2, schema: 3 }

const meanings: Readonly<Record<string, Meaning>> = {
  citation_book_title: ['container', 'Book'],
  citation_conference: ['container', 'Conference'],
  citation_conference_title: ['container', 'Conference'],
  citation_dissertation_institution: ['container', 'Thesis_or_Dissertation'],
  citation_doi: ['doi'],
  citation_full_html_url: ['fullText'],
  citation_fulltext_html_url: ['fullText'],
  citation_inbook_title: ['container', 'Book'],
  citation_isbn: ['isbn', 'Book'],
  citation_issn: ['issn'],
  citation_journal_title: ['container', 'Journal'],
  citation_pdf_url: ['pdf'],
  citation_technical_report_institution: ['container', 'Report'],
  citation_title: ['title'],
  'dc.identifier': ['identifier'],
  'dc.identifier.doi': ['doi'],
  'dc.identifier.isbn': ['isbn'],
  'dc.identifier.issn': ['issn'],
  'dc.source': ['container'],
  'dc.source.issn': ['issn'],
  'dc.title': ['title'],
  'dcterms.identifier': ['identifier'],
  'dcterms.ispartof': ['container'],
  'dcterms.title': ['title'],
  'prism.doi': ['doi'],
  'prism.eissn': ['issn'],
  'prism.isbn': ['isbn', 'Book'],
  'prism.issn': ['issn'],
  'prism.publicationname': ['container'],
}

/** Names a field: authors, dates and keywords, most tags of a citation, are not taken apart. */
const ofCitation = new RegExp(
  `[\\s"'=](?:${Object.keys(meanings).join('|').replaceAll('.', '\\.')})(?![\\w.-])`,
  'i',
)

interface Word {
  readonly rank: number
  readonly text: string
}

/** Reads one page; knows the charset from `begin` on. */
export class CitationReader {
  #toUnicode: (text: string) => string = (text) => text
  #tags = 0
  readonly #scripts: Script[] = []
  readonly #words = new Map<'container' | 'fullText' | 'pdf' | 'title', Word>()
  readonly #numbers = new Map<'doi' | 'isbn' | 'issn', string>()
  #dataType: { readonly rank: number; readonly type: DataType } | undefined

  /** @param toUnicode Reads a stretch of the text as scanned. */
  begin(toUnicode: (text: string) => string): void {
    this.#toUnicode = toUnicode
  }

  /** Whether a meta tag is to be taken apart and handed to `meta`. */
  wants(tag: string): boolean {
    if (this.#tags >= limits.rewriting.citationTags || !ofCitation.test(tag)) return false
    this.#tags += 1
    return true
  }

  /** Takes a meta element. */
  meta(text: string, attributes: Attributes): void {
    const read = (name: string): string | undefined => {
      const found = attributes.get(name)
      if (found === undefined) return undefined
      const end = Math.min(found.valueEnd, found.valueStart + limits.rewriting.citationSourceChars)
      return text.slice(found.valueStart, end)
    }
    const name = (read('name') ?? read('property') ?? '').trim().toLowerCase()
    const [vocabulary] = /^(?:citation|prism|dc)/.exec(name) ?? []
    const meaning = Object.hasOwn(meanings, name) ? meanings[name] : undefined
    const content = read('content')
    if (meaning === undefined || content === undefined || !isVocabulary(vocabulary)) return
    this.#put(ranks[vocabulary], meaning, plainText(this.#toUnicode(content)))
  }

  /** A scanner for the content of a JSON-LD script, which changes nothing; undefined when enough were read. */
  script(): Scanner | undefined {
    if (this.#scripts.length >= limits.rewriting.citationScripts) return undefined
    const script: Script = { pieces: [], chars: 0 }
    this.#scripts.push(script)
    return {
      scan({ text, from, end }) {
        script.chars += end - from
        if (script.chars <= limits.rewriting.citationScriptChars) {
          script.pieces.push(text.slice(from, end))
        } else script.pieces.length = 0
        return end
      },
    }
  }

  /** What was read so far; undefined when the page is about no work. */
  citation(): PageCitation | undefined {
    const hasLinkedWork = this.#readScripts()
    const title = this.#words.get('title')
    if (title === undefined) return undefined
    // Dublin Core stands in pages of every kind: it tells of a work when there is a number.
    const hasNumber = this.#numbers.has('doi') || this.#numbers.has('isbn')
    const isWork = title.rank === ranks.citation || hasLinkedWork || hasNumber
    if (!isWork) return undefined
    const titleName = this.#words.get('container')?.text
    const fullTextUrl = this.#words.get('fullText')?.text
    const pdfUrl = this.#words.get('pdf')?.text
    const dataType = this.#dataType?.type
    return {
      itemName: title.text,
      ...(titleName !== undefined && { titleName }),
      ...Object.fromEntries(this.#numbers),
      ...(dataType && { dataType }),
      ...(fullTextUrl !== undefined && { fullTextUrl }),
      ...(pdfUrl !== undefined && { pdfUrl }),
    }
  }

  #readScripts(): boolean {
    let hasWork = false
    for (const { pieces } of this.#scripts.splice(0)) {
      const work = readLinkedData(this.#toUnicode(pieces.join('')))
      if (work === undefined) continue
      hasWork = true
      for (const [field, text] of work.fields) {
        this.#put(ranks.schema, [field, work.dataType], plainText(text))
      }
    }
    return hasWork
  }

  #put(rank: number, [field, dataType]: Meaning, text: string): void {
    const isTaken =
      field === 'doi' || field === 'isbn' || field === 'issn' || field === 'identifier'
        ? this.#putNumber(field, text)
        : this.#putWord(field, rank, text)
    if (!isTaken || dataType === undefined) return
    const isFirst = this.#dataType === undefined || rank < this.#dataType.rank
    // The book of a chapter and the journal of an article say more than an ISBN of proceedings.
    const isWord = field === 'container' && rank === this.#dataType?.rank
    if (isFirst || isWord) this.#dataType = { rank, type: dataType }
  }

  #putWord(field: 'container' | 'fullText' | 'pdf' | 'title', rank: number, text: string): boolean {
    if (text === '') return false
    if (field === 'container' && this.#putNumber('issn', text)) return true
    const most = isAddress(field)
      ? limits.rewriting.citationUrlChars
      : limits.rewriting.citationChars
    if (isAddress(field) && text.length > most) return false
    const known = this.#words.get(field)
    if (known !== undefined && known.rank <= rank) return false
    this.#words.set(field, { rank, text: ownText(text.slice(0, most)) })
    return true
  }

  /** The first that is one. */
  #putNumber(field: 'doi' | 'identifier' | 'isbn' | 'issn', text: string): boolean {
    const kinds = field === 'identifier' ? (['doi', 'isbn', 'issn'] as const) : [field]
    for (const kind of kinds) {
      const number = readers[kind](text)
      if (number === undefined) continue
      if (!this.#numbers.has(kind)) this.#numbers.set(kind, ownText(number))
      return true
    }
    return false
  }
}

interface Script {
  readonly pieces: string[]
  chars: number
}

const readers = { doi: doiOf, isbn: isbnOf, issn: issnOf } as const

function isVocabulary(name: string | undefined): name is Exclude<Vocabulary, 'schema'> {
  return name === 'citation' || name === 'prism' || name === 'dc'
}

function isAddress(field: string): boolean {
  return field === 'fullText' || field === 'pdf'
}

/** Printable ASCII with neither reference nor tag, and no blank beside another: most values. */
const isPlain = /^(?: ?[!-%'-;=?-~])* ?$/

/** Words as people read them: references undone, tags, control and formatting characters taken out. */
function plainText(source: string): string {
  if (isPlain.test(source)) return source.trim()
  return decodeHTML(source.slice(0, limits.rewriting.citationSourceChars))
    .replace(/<\/?[a-z][^<>]{0,200}>/gi, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Zs}]+/gu, ' ')
    .replace(/[\p{Bidi_Control}\ufeff]/gu, '')
    .trim()
}

/**
 * In memory of its own: a stretch of a text keeps the whole text alive. V8 writes a text out anew before it
 * takes a stretch of one that was put together. No half of a character is left.
 */
function ownText(text: string): string {
  const isHalved = (text.charCodeAt(text.length - 1) & 0xfc00) === 0xd800
  return ` ${isHalved ? text.slice(0, -1) : text}`.slice(1)
}
