/** The three languages: complete, spelled in one script, with plural forms as each needs them. */
import { readdirSync, readFileSync } from 'node:fs'

import test from 'ava'

import { denialFacts } from '../../src/core/denials.ts'
import { errorStatuses, type ErrorCode } from '../../src/core/errors.ts'
import { languages, type Language } from '../../src/core/languages.ts'
import { categories } from '../../src/core/types.ts'
import { createWords, wordFiles } from '../../src/locales/words.ts'
import { criterionWords } from '../../src/console/explanation.ts'
import { wordedCode } from '../../src/pages/problems.ts'
import { decide } from '../../src/policy/decide.ts'
import { resourceOf } from '../portal/collection.ts'

const files: Readonly<Record<Language, Readonly<Record<string, string>>>> = wordFiles

const words = createWords()

/** Names of the facts that a text has places for. */
function factsOf(text: string): string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).toSorted()
}

const pluralSuffix = /_(one|few|many|other)$/

/** Keys without the suffix of their plural form. */
function baseKeys(language: Language): string[] {
  return [...new Set(Object.keys(files[language]).map((key) => key.replace(pluralSuffix, '')))]
}

test('the three files have the same keys in the same order', (t) => {
  t.deepEqual(baseKeys('ru'), baseKeys('ky'))
  t.deepEqual(baseKeys('en'), baseKeys('ky'))
})

test('a plural key has every form of its language', (t) => {
  for (const language of languages) {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
    const bases = Object.keys(files[language]).filter((key) => pluralSuffix.test(key))
    for (const base of new Set(bases.map((key) => key.replace(pluralSuffix, '')))) {
      for (const form of pluralCategories) t.truthy(files[language][`${base}_${form}`], base)
    }
  }
})

test('no value is empty, and all name the same facts', (t) => {
  for (const language of languages) {
    for (const [key, value] of Object.entries(files[language])) {
      t.is(value.trim(), value, key)
      t.not(value, '', key)
      const sameInEnglish = files.en[key] ?? files.en[key.replace(pluralSuffix, '_other')] ?? ''
      t.deepEqual(factsOf(value), factsOf(sameInEnglish), `${language} ${key}`)
    }
  }
})

test('no word mixes Cyrillic and Latin letters', (t) => {
  for (const language of languages) {
    for (const [key, value] of Object.entries(files[language])) {
      const mixed = value
        .replaceAll(/\{\{\w+\}\}/g, ' ')
        .split(/[^\p{L}]+/u)
        .filter((word) => /\p{Script=Latin}/u.test(word) && /\p{Script=Cyrillic}/u.test(word))
      t.deepEqual(mixed, [], `${language} ${key}`)
    }
  }
})

test('Kyrgyz and Russian use Cyrillic for every word but names', (t) => {
  const names = new Set([
    'A',
    'Z',
    'Moodle',
    'VPN',
    'cookie',
    'Zotero',
    'Connector',
    'COUNTER',
    'eduPersonScopedAffiliation',
    'sub',
  ])
  for (const language of ['ky', 'ru'] as const) {
    for (const [key, value] of Object.entries(files[language])) {
      const latin = value.replaceAll(/\{\{\w+\}\}/g, ' ').match(/\p{Script=Latin}+/gu) ?? []
      t.deepEqual(
        latin.filter((word) => !names.has(word)),
        [],
        `${language} ${key}`,
      )
    }
  }
})

test('Kyrgyz letters stand in Kyrgyz alone', (t) => {
  for (const [key, value] of Object.entries({ ...files.ru, ...files.en })) {
    if (!key.startsWith('home.none_text')) t.notRegex(value, /[ңөү]/i, key)
  }
})

test('every denial reason has a title, a text and an action in each language', (t) => {
  for (const reason of Object.keys(denialFacts)) {
    for (const part of ['title', 'text', 'action']) {
      for (const language of languages) {
        t.truthy(files[language][`denial.${reason}.${part}`], `${language} ${reason} ${part}`)
      }
    }
  }
})

test('every error code is told in words in each language', (t) => {
  for (const code of Object.keys(errorStatuses).filter(isErrorCode)) {
    for (const language of languages) {
      t.truthy(files[language][`error.${wordedCode(code)}.title`], `${language} ${code}`)
      t.truthy(files[language][`error.${wordedCode(code)}.text`], `${language} ${code}`)
    }
  }
})

test('every category has a word', (t) => {
  for (const category of categories) {
    for (const language of languages) t.truthy(files[language][`category.${category}`], category)
  }
})

test('every criterion of access has a word', (t) => {
  const { trace } = decide({
    resource: resourceOf('jstor', {}),
    place: { address: '192.0.2.1', channel: 'remote', treatment: 'authenticate' },
    todayOn: '2026-11-30',
  })
  for (const { criterion } of trace) t.truthy(criterionWords[criterion], criterion)
})

test('every key is used by a view or a module', (t) => {
  const sources = [
    'pages',
    'pages/views',
    'portal',
    'portal/views',
    'console',
    'console/views',
    'reports',
    'reports/views',
  ]
    .flatMap((folder) => readFolder(new URL(`../../src/${folder}/`, import.meta.url)))
    .join('\n')
  const composed =
    /^(denial|error|category|remote|quota|permission|access|help\.badges|account|link_report\.(kind|problem)|links\.(standing|kind|state|todo|end|problem|notice)|bad_link|not_in|explain\.(channel|treatment|problem)|staff\.notice|harvest\.(state|remark|gap|metric)|rules\.(kind|add|effect|field_message|problem|notice))/
  const composedInReports =
    /^report\.(\w+\.(title|about)|by_|use_by_|format_|problem_|warning_|advice_|(titles|items|unopened|unread)$)/
  const unused = baseKeys('en').filter(
    (key) => !composed.test(key) && !composedInReports.test(key) && !sources.includes(key),
  )
  t.deepEqual(unused, [])
})

for (const [language, count, expected] of [
  ['ru', 1, '1 база данных'],
  ['ru', 2, '2 базы данных'],
  ['ru', 5, '5 баз данных'],
  ['ru', 21, '21 база данных'],
  ['ru', 0, '0 баз данных'],
  ['ky', 1, '1 маалымат базасы'],
  ['ky', 5, '5 маалымат базасы'],
  ['en', 1, '1 database'],
  ['en', 2, '2 databases'],
] as const) {
  test(`plural: ${expected}`, (t) => t.is(words.say(language, 'home.count', { count }), expected))
}

test('facts are put in as they are: no nesting, no escaping, no second interpolation', (t) => {
  const date = '<b>{{count}} $t(home.title) & "x"'
  t.is(words.say('en', 'access.not_started', { date }), `Opens ${date}`)
})

test('a fact that is missing leaves a dash', (t) => {
  t.is(words.say('en', 'access.not_started'), 'Opens –')
})

test('a text falls back along the languages and says which one it is in', (t) => {
  const both = { ru: 'Архив', en: 'Archive' }
  t.deepEqual(words.textOf(both, 'en'), { text: 'Archive', language: 'en' })
  t.deepEqual(words.textOf(both, 'ky'), { text: 'Архив', language: 'ru' })
  t.deepEqual(words.textOf({ en: 'Archive', ky: '' }, 'ky'), { text: 'Archive', language: 'en' })
  t.deepEqual(words.textOf({}, 'ru'), { text: '', language: 'ru' })
})

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorStatuses, text)
}

function readFolder(folder: URL): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(new URL(name, folder), 'utf8'))
}
