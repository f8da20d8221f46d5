/**
 * The work of a page in its JSON-LD, in the vocabulary of schema.org: what stands at the top, in a graph
 * or as the page's main entity. A page that tells of several, as lists do, is about none of them.
 * @module
 */
import { jsonOf } from '../core/decoding.ts'
import type { DataType } from '../core/use.ts'

/** What a field of a citation is; `identifier` is any of the three numbers. */
export type CitationField =
  'container' | 'doi' | 'fullText' | 'identifier' | 'isbn' | 'issn' | 'pdf' | 'title'

/** A work in fields as tags have them, the likeliest first. */
export interface LinkedWork {
  readonly dataType: DataType
  readonly fields: readonly (readonly [CitationField, string])[]
}

const workTypes: Readonly<Record<string, DataType>> = {
  Book: 'Book',
  Chapter: 'Book',
  Dataset: 'Other',
  MedicalScholarlyArticle: 'Journal',
  Report: 'Report',
  ScholarlyArticle: 'Journal',
  Thesis: 'Thesis_or_Dissertation',
}

type Node = Readonly<Record<string, unknown>>

/** Of a list of names or numbers, the first count. */
const valuesMax = 20
/** Article, issue, volume, journal. */
const levelsMax = 4

/** Reads the content of a script; undefined when it is none or tells of no one work. */
export function readLinkedData(text: string): LinkedWork | undefined {
  const works = topNodes(jsonOf(text.replace(/^\s*<!--|-->\s*$/g, ''))).filter(
    (node) => typeOf(node) !== undefined,
  )
  const [work] = works
  const dataType = work && typeOf(work)
  if (work === undefined || dataType === undefined || works.length > 1) return undefined
  return { dataType, fields: fieldsOf(work) }
}

function topNodes(data: unknown): Node[] {
  const nodes = listOf(data).filter(isNode)
  return nodes.flatMap((node) => [
    node,
    ...listOf(node['@graph']).filter(isNode),
    ...listOf(node['mainEntity']).filter(isNode),
  ])
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value.slice(0, valuesMax) : [value]
}

function typeOf(node: Node): DataType | undefined {
  for (const type of listOf(node['@type'])) {
    const name = typeof type === 'string' ? type.replace(/^https?:\/\/schema\.org\//, '') : ''
    if (Object.hasOwn(workTypes, name)) return workTypes[name]
  }
  return undefined
}

function fieldsOf(work: Node): (readonly [CitationField, string])[] {
  const fields: (readonly [CitationField, string])[] = []
  const put = (field: CitationField, value: unknown): void => {
    for (const each of listOf(value)) {
      const text = isNode(each) ? each['value'] : each
      if (typeof text === 'string') fields.push([field, text])
    }
  }
  put('title', work['headline'])
  put('title', work['name'])
  for (const name of ['doi', 'identifier', 'sameAs', '@id']) put('identifier', work[name])
  put('isbn', work['isbn'])
  put('issn', work['issn'])
  let whole = listOf(work['isPartOf']).find(isNode)
  for (let level = 1; whole !== undefined && level < levelsMax; level += 1) {
    put('issn', whole['issn'])
    put('isbn', whole['isbn'])
    const inner: Node = whole
    whole = listOf(inner['isPartOf']).find(isNode)
    // Volumes and issues have names as well; the outermost is that of the journal.
    if (whole === undefined) put('container', inner['name'])
  }
  return fields
}
