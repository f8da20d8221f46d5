/** The terms of a licence on the pages: what readers see, and what only staff may. */
import test from 'ava'

import { languages } from '../../src/core/languages.ts'
import { permissionTerms, type LicenceTerms } from '../../src/core/licence.ts'
import { resourceOf } from './collection.ts'
import { startPortal } from './gateway.ts'

/** Words of the contract; no page may hold one. */
const forStaff = [
  'HT-2026-17',
  'sales@secret.example',
  '98765',
  'CHF',
  'clause-seven',
  '2026-11-03',
]
const [number = '', contact = '', amount = '', currency = '', note = '', noticeOn = ''] = forStaff

const licence: Partial<LicenceTerms> = {
  categories: ['faculty'],
  units: ['philology', 'Медицина'],
  seats: 1200,
  fairUse: { items: 1500, bytes: 2_500_000_000, per: 'week', windowMs: 0, mode: 'enforce' },
  publicNote: { ky: 'Чыгарылышты бүтүндөй жүктөбөңүз', en: 'No whole issues' },
  permissions: {
    copyPrint: { value: 'permitted_interpreted', note },
    illPrint: { value: 'permitted_explicit_under_conditions', publicNote: { en: 'Within a week' } },
    textAndDataMining: { value: 'prohibited_explicit' },
    scholarlySharing: { value: 'unmentioned' },
    copyDigital: { value: 'not_applicable' },
  },
  contract: {
    number,
    contact,
    cost: { amount: Number(amount), currency, period: 'year' },
    noticeOn,
    noticeDays: 30,
    note,
  },
}

async function pagesOf(t: { teardown(fn: () => Promise<void>): void }) {
  const portal = await startPortal({ resources: [resourceOf('jstor', { licence })] })
  t.teardown(() => portal.close())
  return async (path: string, language: string, host?: string) => {
    const headers = { cookie: `reader=student; darbaza-language=${language}` }
    return (await portal.ask(path, { headers, ...(host !== undefined && { host }) })).text
  }
}

test('readers see who may read, how much, what for and the note', async (t) => {
  const page = await pagesOf(t)
  const text = await page('/db/jstor', 'en')
  for (const shown of [
    'Lecturers',
    'Faculty of Philology and Медицина',
    'In seven days: full texts: 1,500, megabytes: 2,500',
    'No whole issues',
    'Print a copy</dt><dd>Allowed</dd>',
    'Send to another library in print</dt><dd>On conditions, ask the library. Within a week</dd>',
    'Mine texts and data by program</dt><dd>Not allowed</dd>',
  ]) {
    t.true(text.includes(shown), shown)
  }
  t.false(text.includes('Share with colleagues'))
  t.false(text.includes('Keep a digital copy'))
})

test('the terms are told in each language, and none of the contract in any', async (t) => {
  const page = await pagesOf(t)
  for (const language of languages) {
    for (const [path, host] of [
      ['/'],
      ['/db/jstor'],
      ['/account'],
      ['/refuse/unit_not_entitled', 'www-jstor-org.proxy.localhost'],
    ] as const) {
      const text = await page(path, language, host)
      t.notRegex(text, /\{\{|undefined|permission\.|quota\.|\[object/, `${language} ${path}`)
      for (const secret of forStaff) t.false(text.includes(secret), `${language} ${path} ${secret}`)
    }
    t.true((await page('/db/jstor', language)).includes('Медицина'))
  }
})

test('every term of permission has a line of its own', async (t) => {
  const permissions = Object.fromEntries(
    permissionTerms.map((term) => [term, { value: 'permitted_explicit' }] as const),
  )
  const resources = [resourceOf('jstor', { licence: { permissions } })]
  const portal = await startPortal({ resources })
  t.teardown(() => portal.close())
  for (const language of languages) {
    const cookie = `darbaza-language=${language}`
    const { text } = await portal.ask('/db/jstor', { headers: { cookie } })
    const [, list = ''] = text.split('<dl>').slice(1)
    const names = [...list.matchAll(/<dt>([^<]+)<\/dt>/g)].map(([, name]) => name)
    t.is(new Set(names).size, permissionTerms.length, language)
  }
})

test('who has to come is told where and when, in the language of the text', async (t) => {
  const page = await pagesOf(t)
  const host = 'www-jstor-org.proxy.localhost'
  const refusal = await page('/refuse/place_not_entitled', 'ky', host)
  t.true(refusal.includes('<dd lang="ky">Манас көчөсү 1, 9–18</dd>'))
  t.true((await page('/refuse/place_not_entitled', 'ru', host)).includes('lang="ky">Манас'))
  t.false((await page('/refuse/category_not_entitled', 'ky', host)).includes('Манас'))
})

test('a faculty has the name that the configuration gives it, in each language', async (t) => {
  const page = await pagesOf(t)
  const host = 'www-jstor-org.proxy.localhost'
  t.true((await page('/refuse/unit_not_entitled', 'ky', host)).includes('Филология факультети'))
  t.true((await page('/refuse/unit_not_entitled', 'en', host)).includes('Faculty of Philology'))
})
