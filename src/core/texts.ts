/**
 * Words as people write them: those for readers, one text for all languages or one for each, and what is
 * typed into a form.
 * @module
 */
import { z } from 'zod'

import { expected, shortText } from './expectations.ts'
import type { Text } from './languages.ts'

/** `JSTOR`, or `{ ky: …, ru: …, en: … }` with at least one language. */
export function textSchema(charsMax: number, description: string) {
  const phrase = expected(`text of at most ${charsMax} characters, or { ky: …, ru: …, en: … }`)
  const language = shortText(charsMax).optional()
  const byLanguage = z
    .strictObject({ ky: language, ru: language, en: language }, { error: phrase })
    .refine((text) => Object.keys(text).length > 0, { error: phrase })
  return z.union([shortText(charsMax), byLanguage], { error: phrase }).describe(description)
}

/** A single text stands for every language: the fallback finds it from each of them. */
export function textOf(
  written: string | { ky?: string | undefined; ru?: string | undefined; en?: string | undefined },
): Text {
  if (typeof written === 'string') return { en: written }
  const { ky, ru, en } = written
  return {
    ...(ky === undefined ? {} : { ky }),
    ...(ru === undefined ? {} : { ru }),
    ...(en === undefined ? {} : { en }),
  }
}

/** Control and format characters could pass for something else in a terminal or a log. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ').trim()
}
