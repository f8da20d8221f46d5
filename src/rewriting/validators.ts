/**
 * Validators of rewritten bodies: weak, and bound to the rules that rewrote them.
 *
 * A rewritten body is another representation than the publisher's, and yet another under other
 * rules. Its entity tag is `W/"dz:<rule version>:<kind>:<publisher's tag>"`; on the way back to the
 * publisher it becomes the publisher's own again, or is left out when the rules have changed.
 *
 * Source: RFC 9110 sections 8.8.3 and 13.1.
 * @module
 */
import { rememberLately } from '../core/lately.ts'
import { limits } from '../core/limits.ts'

/** What became of a list of entity tags. */
export interface TranslatedTags {
  /** For the publisher; undefined when nothing is left to ask. */
  readonly value?: string
  /** Whether the browser holds a body that was rewritten, under whatever rules. */
  readonly isRewritten: boolean
  /** Whether one of the tags belongs to other rules: then dates say nothing either. */
  readonly isStale: boolean
}

const tagPattern = /^(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/
const listPattern = /(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g
/** The kinds: strong, weak, and none (the publisher sent no tag that could be given back). */
const ownPattern = /^W\/"dz:([^:"]*):([swn]):(.*)"$/

/** Versions are few at a time. */
const encoded = rememberLately(limits.rewriting.headerValues, encodeURIComponent)

/** The tag of a rewritten body, whether or not the publisher gave it one. */
export function rewrittenTag(version: string, tag: string | undefined): string {
  const [, weak, opaque] = tagPattern.exec(tag?.trim() ?? '') ?? []
  const kind = opaque === undefined ? 'n' : weak === undefined ? 's' : 'w'
  return `W/"dz:${encoded(version)}:${kind}:${opaque ?? ''}"`
}

/** Turns an If-None-Match, If-Match or If-Range value into what the publisher understands. */
export function translateTags(version: string, value: string): TranslatedTags {
  const tags = value.match(listPattern)?.map((tag) => readTag(version, tag))
  if (tags === undefined || tags.every(({ isOwn }) => !isOwn)) {
    return { value, isRewritten: false, isStale: false }
  }
  const texts = tags.flatMap(({ text }) => text ?? [])
  return {
    ...(texts.length === 0 ? {} : { value: texts.join(', ') }),
    isRewritten: true,
    isStale: tags.some(({ isStale }) => isStale),
  }
}

function readTag(version: string, tag: string) {
  const [, found, kind, opaque] = ownPattern.exec(tag) ?? []
  if (kind === undefined) return { text: tag, isOwn: false, isStale: false }
  const isStale = found !== encoded(version)
  if (isStale || kind === 'n') return { isOwn: true, isStale }
  return { text: kind === 'w' ? `W/"${opaque}"` : `"${opaque}"`, isOwn: true, isStale }
}
