/**
 * The words of every page in Kyrgyz, Russian and English: flat files for each language, whole
 * sentences only, plural forms by the rules of each language (CLDR, through `Intl.PluralRules`).
 *
 * A key that does not exist is refused by the type checker. At run time, where a library's own view
 * may name one, the key itself is shown: a page with an odd word is better than no page.
 * @module
 */
import { createInstance } from 'i18next'

import { languages, type Language, type Text } from '../core/languages.ts'
import en from './en.json' with { type: 'json' }
import ky from './ky.json' with { type: 'json' }
import reportsEn from './reports-en.json' with { type: 'json' }
import reportsKy from './reports-ky.json' with { type: 'json' }
import reportsRu from './reports-ru.json' with { type: 'json' }
import ru from './ru.json' with { type: 'json' }

/** All words by language: those of the pages, and those of the reports, which have files of their own. */
export const wordFiles = {
  ky: { ...ky, ...reportsKy },
  ru: { ...ru, ...reportsRu },
  en: { ...en, ...reportsEn },
} as const

type Singular<Key extends string> = Key extends `${infer Base}_${'one' | 'other'}` ? Base : Key

/** A key of the locale files, without the suffix of its plural form. */
export type WordKey = Singular<keyof typeof wordFiles.en>

/** What is put into the words; `count` chooses the plural form. */
export type Facts = Readonly<Record<string, string | number>>

/** Words by key and language. Nothing is escaped here: the views do it. */
export interface Words {
  say(language: Language, key: WordKey, facts?: Facts): string
  /** The text in the asked language, else in the first of `languages` that has one. */
  textOf(text: Text, language: Language): { readonly text: string; readonly language: Language }
}

/** Loads the three files into an instance of its own; nothing global, nothing fetched. */
export function createWords(): Words {
  const i18next = createInstance()
  void i18next.init({
    resources: {
      ky: { translation: wordFiles.ky },
      ru: { translation: wordFiles.ru },
      en: { translation: wordFiles.en },
    },
    fallbackLng: [...languages],
    // Synchronous, since the resources are at hand.
    initAsync: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { escapeValue: false, skipOnVariables: true },
    missingInterpolationHandler: () => '–',
  })
  const speakers = new Map(languages.map((language) => [language, i18next.getFixedT(language)]))

  return {
    say: (language, key, facts = {}) => speakers.get(language)?.(key, { ...facts }) ?? key,
    textOf(text, language) {
      const found = [language, ...languages].find((candidate) => text[candidate])
      return { text: found === undefined ? '' : (text[found] ?? ''), language: found ?? language }
    },
  }
}
