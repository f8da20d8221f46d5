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
import { attributesOf } from './element.ts'
import { readLinkedData, type CitationField } from './linked-data.ts'
import type { Scanner } from './scanner.ts'

/** What a name of a tag means: its field, and what kind of title the work stands in. */
type Meaning = readonly [CitationField, DataType?]

/** In the order of precedence. */
type Vocabulary = 'citation' | 'prism' | 'dc' | 'schema'

const ranks: Readonly<Record<Vocabulary, number>> = { citation: 0, prism: 1, dc: 2, schema: 3 }

const fields: Readonly<Record<string, Meaning>> = {
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

interface Known {
  readonly rank: number
  readonly meaning: Meaning
}

/** What a tag of each name means, and whose word it is. */
const meanings: ReadonlyMap<string, Known> = new Map(
  Object.entries(fields).map(([name, meaning]) => {
    const isPrism = name.startsWith('prism')
    const vocabulary = name.startsWith('citation') ? 'citation' : isPrism ? 'prism' : 'dc'
    return [name, { meaning, rank: ranks[vocabulary] }] as const
  }),
)

/** Names a field: authors, dates and keywords, most tags of a citation, are not taken apart. */
const ofCitation = new RegExp(
  `[\\s"'=](?:${Object.keys(fields).join('|').replaceAll('.', '\\.')})(?![\\w.-])`,
  'i',
)

/** As nearly all are written: it is taken apart at one look. */
const usualTag = /^<meta (?:name|property)="([\w.:-]+)" content="([^"]*)" ?\/?>$/i

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

  /** Takes a meta tag, from `<` to `>`. */
  meta(tag: string): void {
    if (this.#tags >= limits.rewriting.citationTags) return
    const usual = usualTag.exec(tag)
    if (usual === null) return this.#unusual(tag)
    const known = knownBy(usual[1])
    if (known !== undefined) this.#take(known, usual[2])
  }

  #unusual(tag: string): void {
    if (!ofCitation.test(tag)) return
    const attributes = attributesOf(tag, '<meta'.length, tag.length)
    const read = (name: string): string | undefined => {
      const found = attributes.get(name)
      return found && tag.slice(found.valueStart, found.valueEnd)
    }
    this.#take(knownBy(read('name') ?? read('property')), read('content'))
  }

  #take(known: Known | undefined, content: string | undefined): void {
    this.#tags += 1
    if (known === undefined || content === undefined) return
    const source = content.slice(0, limits.rewriting.citationSourceChars)
    this.#put(known.rank, known.meaning, plainText(this.#toUnicode(source)))
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
    const citation: { -readonly [Name in keyof PageCitation]: PageCitation[Name] } = {
      itemName: title.text,
    }
    const titleName = this.#words.get('container')
    const fullTextUrl = this.#words.get('fullText')
    const pdfUrl = this.#words.get('pdf')
    if (titleName !== undefined) citation.titleName = titleName.text
    for (const [kind, number] of this.#numbers) citation[kind] = number
    if (this.#dataType !== undefined) citation.dataType = this.#dataType.type
    if (fullTextUrl !== undefined) citation.fullTextUrl = fullTextUrl.text
    if (pdfUrl !== undefined) citation.pdfUrl = pdfUrl.text
    return citation
  }

  #readScripts(): boolean {
    if (this.#scripts.length === 0) return false
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

/** Nearly all names are written as they stand here. */
function knownBy(name = ''): Known | undefined {
  const most = limits.rewriting.citationSourceChars
  return meanings.get(name) ?? meanings.get(name.slice(0, most).trim().toLowerCase())
}

interface Script {
  readonly pieces: string[]
  chars: number
}

const readers = { doi: doiOf, isbn: isbnOf, issn: issnOf } as const

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
