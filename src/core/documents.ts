/**
 * Documents that operators write: YAML 1.2 (core schema) read into plain values, strictly, with the
 * line of every key.
 *
 * What makes YAML surprising is refused with its line: aliases, merge keys, tags, keys that stand
 * twice or are not words, several documents in one file, and the key `__proto__`. A file that is too
 * long, too deep or not UTF-8 is refused whole. Nothing throws: a mistake is a problem in the list.
 *
 * Source: YAML 1.2.2 section 10.3 (core schema); section 3.2.1.3 (keys are unique).
 * @module
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'

import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
  type Pair,
} from 'yaml'

import { systemCodeOf } from './errors.ts'
import { limits } from './limits.ts'

/** Keys and list positions from the root of a document. */
export type DocumentPath = readonly PropertyKey[]

/** What kind of mistake a problem is; each reader has its own number for it. */
export type ProblemKind =
  | 'unreadable' // the file is missing, too long, or not UTF-8
  | 'syntax' // the text is not YAML
  | 'refused' // YAML that this reader does not take: aliases, merge keys, tags
  | 'duplicate-key'
  | 'unknown-key'
  | 'value' // missing, of the wrong kind or out of its range

/** A mistake within a document. */
export interface Problem {
  readonly kind: ProblemKind
  readonly line?: number
  readonly path: DocumentPath
  readonly message: string
}

/** A document as read. */
export interface OperatorDocument {
  readonly file: string
  /** Plain objects, arrays and scalars; undefined when the file could not be read as YAML. */
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** Line of a key or list item, or of the nearest one around it that stands in the file. */
  lineOf(path: DocumentPath): number | undefined
}

/** Reads and parses a file of at most `limits.core.documentBytes`. */
export function readDocument(file: string): OperatorDocument {
  return documentOf(readText(file), file)
}

/** The document of a text, or of the reason why there is none. */
export function documentOf(text: string | Problem, file: string): OperatorDocument {
  if (typeof text === 'string') return parseText(text, file)
  return { file, value: undefined, problems: [text], lineOf: () => undefined }
}

/** Parses the text of a document; `file` is only carried along. */
export function parseText(text: string, file: string): OperatorDocument {
  const reading = new Reading()
  const value = reading.read(text)
  const { lines, problems } = reading
  return {
    file,
    value,
    problems,
    lineOf(path) {
      for (let length = path.length; length >= 0; length--) {
        const line = lines.get(pathText(path.slice(0, length)))
        if (line !== undefined) return line
      }
      return undefined
    },
  }
}

/** `licence.seats`, `hosts[2]`; empty for the root. */
export function pathText(path: DocumentPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')
}

/** The text of a file of at most `limits.core.documentBytes`, or why it cannot be read. */
export function readText(file: string): string | Problem {
  const { documentBytes } = limits.core
  try {
    const descriptor = openSync(file, 'r')
    try {
      const stat = fstatSync(descriptor)
      if (!stat.isFile()) return unreadable('found something that is not a file')
      if (stat.size > documentBytes) {
        return unreadable(`found ${stat.size} bytes, expected at most ${documentBytes}`)
      }
      return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(descriptor))
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    if (error instanceof TypeError) return unreadable('expected UTF-8 text')
    const code = systemCodeOf(error) ?? 'unknown error'
    return unreadable(`cannot be read (${code})`)
  }
}

function unreadable(message: string): Problem {
  return { kind: 'unreadable', path: [], message }
}

/** One pass over a document; collects lines and problems on its way. */
class Reading {
  readonly lines = new Map<string, number>()
  readonly problems: Problem[] = []
  readonly #lineCounter = new LineCounter()

  read(text: string): unknown {
    try {
      const document = parseDocument(text, {
        schema: 'core',
        merge: false,
        // Checked here, in linear time and with the line of the first one.
        uniqueKeys: false,
        prettyErrors: false,
        // At `silent` the parser takes a second document without a word.
        logLevel: 'error',
        lineCounter: this.#lineCounter,
      })
      for (const { pos, message } of document.errors) this.#add('syntax', pos[0], [], message)
      if (this.problems.length > 0) return undefined
      this.lines.set('', 1)
      return this.#value(document.contents, [])
    } catch (error) {
      // The parser recurses; a file of nothing but brackets exhausts the stack.
      if (!(error instanceof RangeError)) throw error
      this.problems.push({ kind: 'syntax', path: [], message: 'is nested too deeply' })
      return undefined
    }
  }

  #add(kind: ProblemKind, offset: number, path: DocumentPath, message: string): void {
    this.problems.push({ kind, line: this.#lineCounter.linePos(offset).line, path, message })
  }

  #refuse(node: Node, path: DocumentPath, message: string): void {
    this.#add('refused', node.range?.[0] ?? 0, path, message)
  }

  #value(node: Node | null, path: DocumentPath): unknown {
    if (node === null) return null
    if (path.length > limits.core.documentDepth) {
      this.#refuse(node, path, `is nested deeper than ${limits.core.documentDepth} levels`)
      return undefined
    }
    if (isAlias(node)) {
      this.#refuse(node, path, `found the alias *${node.source}, expected the value written out`)
      return undefined
    }
    this.#checkTag(node, path)
    if (isMap<Node, Node | null>(node)) return this.#map(node.items, path)
    if (isSeq<Node>(node))
      return node.items.map((item, index) => this.#item(item, [...path, index]))
    return isScalar(node) ? node.value : undefined
  }

  #item(node: Node, path: DocumentPath): unknown {
    this.#mark(node, path)
    return this.#value(node, path)
  }

  #map(pairs: readonly Pair<Node, Node | null>[], path: DocumentPath): Record<string, unknown> {
    const map: Record<string, unknown> = {}
    for (const { key, value } of pairs) {
      const name = this.#key(key, path)
      if (name === undefined) continue
      const at = [...path, name]
      if (Object.hasOwn(map, name)) {
        const first = this.lines.get(pathText(at))
        this.#add('duplicate-key', key.range?.[0] ?? 0, at, `stands twice, first in line ${first}`)
        continue
      }
      this.#mark(key, at)
      map[name] = this.#value(value, at)
    }
    return map
  }

  /** The name of a key, or undefined after a problem was noted. */
  #key(key: Node, path: DocumentPath): string | undefined {
    const isWord = isScalar(key) && key.value !== null
    const name = isWord ? String(key.value) : ''
    if (name !== '' && name !== '<<' && name !== '__proto__') return name
    const found = name === '' ? 'a key that is not a word' : `the key ${name}`
    this.#refuse(key, path, `found ${found}, which is not taken here`)
    return undefined
  }

  /** Explicit tags change what a value is behind the reader's back; the schema knows better. */
  #checkTag(node: Node, path: DocumentPath): void {
    const isImplicit = node.tag === undefined || isStandardTag(node.tag)
    if (!isImplicit) this.#refuse(node, path, `found the tag ${node.tag}, expected a plain value`)
  }

  #mark(node: Node, path: DocumentPath): void {
    this.lines.set(pathText(path), this.#lineCounter.linePos(node.range?.[0] ?? 0).line)
  }
}

/** The tags of the core schema that a value may name although they change nothing here. */
function isStandardTag(tag: string): boolean {
  return /^tag:yaml\.org,2002:(?:map|seq|str|int|float|bool|null)$/.test(tag)
}
