/** The page of publishers' reports: how the harvest stands, and both figures side by side. */
import test from 'ava'

import { languages } from '../../src/core/languages.ts'
import { harvested } from './harvested.ts'
import { startConsole } from './house.ts'

const rule = (id: string): string =>
  `title: Atlas of ${id}\nprovider: P\nstart: https://${id}.example/\nhosts: [${id}.example]\nlicence: {}\nsushi: { url: 'https://counter.example', customerId: '1' }\n`

test('staff see who is asked, how it went, and both figures of the one they choose', async (t) => {
  const house = await startConsole({ rules: { atlas: rule('atlas'), bloom: rule('bloom') } })
  try {
    await harvested(house.store, 'atlas')
    const list = await house.ask('/staff/counter', { as: 'viewer' })
    t.is(list.status, 200)
    for (const words of [
      'Atlas of atlas',
      'Some months are not ready',
      '3040 Partial Data Returned',
      'Numbers came as text; they were taken.',
      'Atlas of bloom',
      'Not asked yet',
    ]) {
      t.true(list.text.includes(words), words)
    }
    t.false(list.text.includes('Scopus'), 'only those with a source')
    t.false(list.text.includes('Both figures'))
    const chosen = await house.ask('/staff/counter?resource=atlas', { as: 'viewer' })
    for (const words of [
      'gateway 40, publisher 130',
      'Publisher more than twice',
      'Refused: no free seat',
      'Reported in part',
      'No longer kept by the publisher',
      'The publisher&#39;s report is overdue',
    ]) {
      t.true(chosen.text.includes(words), words)
    }
    for (const id of ['nowhere', 'scopus', '../atlas']) {
      const none = await house.ask(`/staff/counter?resource=${id}`, { as: 'viewer' })
      t.is(none.status, 200)
      t.false(none.text.includes('Both figures'))
    }
  } finally {
    await house.close()
  }
})

test('nobody but staff finds the page; every language has its words; a store that is away is told', async (t) => {
  const house = await startConsole({ rules: { atlas: rule('atlas') } })
  try {
    t.is((await house.ask('/staff/counter', { as: 'student' })).status, 404)
    for (const language of languages) {
      const headers = { 'accept-language': language }
      const { text } = await house.ask('/staff/counter?resource=atlas', { as: 'viewer', headers })
      t.notRegex(text, /harvest\./)
    }
  } finally {
    await house.close()
  }
})

test('without a source there is a hint where to say it', async (t) => {
  const house = await startConsole()
  try {
    const { text } = await house.ask('/staff/counter', { as: 'viewer' })
    t.regex(text, /No rule says where/)
  } finally {
    await house.close()
  }
})
