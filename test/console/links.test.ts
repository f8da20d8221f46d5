/** `/staff/links`: what is shown of links and of readers' reports, and what editors do about them. */
import test from 'ava'

import { entryOf } from '../../src/control/audit.ts'
import { verifyAudit } from '../../src/control/verify.ts'
import { beginOverride } from '../../src/control/overrides.ts'
import { systemClock } from '../../src/core/clock.ts'
import { languages } from '../../src/core/languages.ts'
import { linkStates, type LinkState } from '../../src/core/links.ts'
import { createWords } from '../../src/locales/words.ts'
import { until } from '../support/gateway.ts'
import { startConsole } from './house.ts'
import { linked, looked } from './linked.ts'

async function houseOf(t: { teardown(fn: () => Promise<void>): void }) {
  const house = await startConsole()
  t.teardown(() => house.close())
  return house
}

function tokenIn(text: string): string {
  return /name="form_token" value="([^"]*)"/.exec(text)?.[1] ?? ''
}

/** Ids of databases in the order of the list. */
function listed(text: string): string[] {
  return [...text.matchAll(/<h3><a href="[^"]*\/db\/([^"]*)"/g)].map(([, id = '']) => id)
}

test('the worst stands first, with what was found and what to do; the query narrows it', async (t) => {
  const house = await houseOf(t)
  await linked(house, 'lanbook', 'the words of a reader')
  const { text } = await house.ask('/staff/links', { as: 'viewer' })
  t.is(listed(text)[0], 'lanbook')
  t.is(listed(text).at(-1), 'jstor')
  t.true(text.includes('1 of 2 of which it is known'))
  t.true(text.includes('The certificate is not good'))
  t.true(text.includes('Readers cannot get through either. Tell the publisher.'))
  t.is([...text.matchAll(/<blockquote><p>the words of a reader</g)].length, 1)
  t.true(text.includes('6, the oldest of'))
  t.true(text.includes('at most 4 days (mended in a year: 1)'))
  const broken = await house.ask('/staff/links?standing=broken', { as: 'viewer' })
  t.deepEqual(listed(broken.text), ['lanbook'])
  const one = await house.ask('/staff/links?resource=jstor', { as: 'viewer' })
  t.deepEqual(listed(one.text), ['jstor'])
  t.true(one.text.includes('No report is open.'))
})

test('every state is told in words, with what to do unless it works', async (t) => {
  const house = await houseOf(t)
  const words = createWords()
  for (const state of Object.keys(linkStates) as LinkState[]) {
    await looked(house, 'jstor', state)
    for (const language of languages) {
      const { text } = await house.ask('/staff/links?resource=jstor', {
        as: 'viewer',
        headers: { 'accept-language': language },
      })
      const found = words.say(language, `links.state_${state}`)
      t.true(text.includes(`>${found}</p>`), `${language} ${state}`)
      const todo = `<strong>${words.say(language, 'links.todo')}:</strong>`
      t.is(text.includes(todo), state !== 'works', `${language} ${state}`)
    }
  }
})

test('what was found of a database that is closed now counts no more', async (t) => {
  const house = await houseOf(t)
  await looked(house, 'jstor', 'gone')
  t.true((await house.ask('/staff/links', { as: 'viewer' })).text.includes('0 of 1 of which'))
  const what = { kind: 'closure', resource: 'jstor', message: { en: 'Closed' } } as const
  const doer = { by: 'Aida', why: 'it is broken' }
  await beginOverride(house.control, { what, endsAt: systemClock.now() + 3_600_000 }, doer)
  await until(() => house.rules.current().resources.get('jstor')?.isOpen === false, 'is open')
  const { text } = await house.ask('/staff/links', { as: 'viewer' })
  t.true(text.includes('0 of 0 of which'))
  t.true(text.includes('Not checked: the database is closed'))
})

test('a viewer sees no form; an editor ends a report with a reason, once, and it is in the log', async (t) => {
  const house = await houseOf(t)
  const [id = ''] = await linked(house, 'jstor', 'no PDF')
  const path = `/staff/links?end=${id}`
  t.is(tokenIn((await house.ask(path, { as: 'viewer' })).text), '')
  const { text } = await house.ask(path, { as: 'editor' })
  const form = {
    form_token: tokenIn(text),
    id,
    end: 'mended',
    why: 'the publisher let us in again',
  }

  for (const [missing, words] of [
    ['why', 'Say what was done'],
    ['end', 'Please choose what came of it'],
  ] as const) {
    const again = await house.ask('/staff/links/end', {
      as: 'editor',
      form: { ...form, [missing]: '' },
    })
    t.is(again.status, 400)
    t.true(again.text.includes(words))
  }
  t.is((await house.linkReports.open()).length, 6)

  const done = await house.ask('/staff/links/end', { as: 'editor', form })
  t.is(done.headers['location'], `${house.portalOrigin}/staff/links?ended`)
  t.is((await house.linkReports.open()).length, 5)
  const twice = await house.ask('/staff/links/end', { as: 'editor', form })
  t.is(twice.headers['location'], `${house.portalOrigin}/staff/links?gone`)

  const rows = await house.store.control.rows(1, 10)
  t.is(rows.length, 1)
  t.like(rows[0] && entryOf(rows[0]), {
    action: 'report-end',
    by: '(editor)',
    target: 'report 7K3M-QX2P-9DTF',
    why: 'the publisher let us in again',
    details: { resource: 'jstor', kind: 'unreachable', end: 'mended' },
  })
  t.is((await verifyAudit({ control: house.store.control, clock: systemClock })).broken, undefined)
  t.like(house.events.at(-1), { kind: 'staff', action: 'report-end', resourceId: 'jstor' })
})

test('forms of another session, of another site or of a viewer do nothing', async (t) => {
  const house = await houseOf(t)
  const [id = ''] = await linked(house, 'jstor', 'no PDF')
  const { text } = await house.ask('/staff/links', { as: 'editor' })
  const form = { form_token: tokenIn(text), id, end: 'mended', why: 'a reason', resource: 'jstor' }
  for (const path of ['/staff/links/end', '/staff/links/check']) {
    for (const ask of [
      { as: 'editor', form: { ...form, form_token: 'guessed' } },
      { as: 'editor', form, headers: { 'sec-fetch-site': 'cross-site' } },
      { as: 'director', form },
      { as: 'viewer', form },
    ] as const) {
      t.is((await house.ask(path, ask)).status, 403, `${path} ${ask.as}`)
    }
  }
  t.is((await house.linkReports.open()).length, 6)
  t.deepEqual(house.asked, [])
})

test('a look is asked for once in a while, of a database that there is', async (t) => {
  const house = await houseOf(t)
  const { text } = await house.ask('/staff/links', { as: 'editor' })
  const check = async (resource: string) => {
    const form = { form_token: tokenIn(text), resource }
    const { status, headers } = await house.ask('/staff/links/check', { as: 'editor', form })
    return [status, String(headers['location']).replace(house.portalOrigin, '')]
  }
  t.deepEqual(await check('jstor'), [303, '/staff/links?checked&resource=jstor'])
  t.deepEqual(await check('jstor'), [303, '/staff/links?busy&resource=jstor'])
  t.is((await check('nothing'))[0], 404)
  t.deepEqual(house.asked, ['jstor'])
})
