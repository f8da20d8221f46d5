/** Who may enter the staff console, by whom, path and method; and what its forms take. */
import test from 'ava'

import { entryOf } from '../../src/control/audit.ts'
import { verifyAudit } from '../../src/control/verify.ts'
import { systemClock } from '../../src/core/clock.ts'
import { startConsole, staff, type Ask, type Reader } from './house.ts'

type House = Awaited<ReturnType<typeof startConsole>>
let house: House
test.before(async () => {
  house = await startConsole()
})
test.after.always(() => house.close())

const pages = [
  '/staff',
  '/staff/',
  '/STAFF',
  '/staff/explain',
  '/staff/seats',
  '/staff/seats/scopus',
  '/staff/rules',
  '/staff/claims',
  '/staff/links',
]
const release = '/staff/seats/scopus/release'

/** For editors alone, and for a viewer a page that says so. */
const actions = [
  release,
  '/staff/rules/override',
  '/staff/rules/override/end',
  '/staff/rules/rollback',
  '/staff/links/end',
  '/staff/links/check',
]

/** What each one is answered on pages, on the action, and on paths and methods that are not there. */
const table: readonly [
  who: Reader,
  page: number,
  action: number,
  noPath: number,
  noMethod: number,
][] = [
  ['nobody', 303, 303, 303, 303],
  ['computer', 303, 303, 303, 303],
  ['student', 404, 404, 404, 404],
  ['colleague', 404, 404, 404, 404],
  ['foreigner', 404, 404, 404, 404],
  ['viewer', 200, 403, 404, 405],
  ['editor', 200, 403, 404, 405], // 403: without the token of a form
  ['director', 200, 403, 404, 405],
]

async function statusOf(path: string, ask: Ask): Promise<number> {
  return (await house.ask(path, ask)).status
}

for (const [as, page, action, noPath, noMethod] of table) {
  test(`${as}: pages ${page}, actions ${action}, elsewhere ${noPath} and ${noMethod}`, async (t) => {
    for (const path of pages) {
      t.is(await statusOf(path, { as }), page, path)
      t.is(await statusOf(path, { as, method: 'HEAD' }), page, `HEAD ${path}`)
    }
    for (const path of actions)
      t.is(await statusOf(path, { as, form: { holder: '0' } }), action, path)
    t.is(await statusOf('/staff/nothing', { as }), noPath)
    t.is(await statusOf(release, { as }), noPath === 303 ? 303 : noMethod)
    t.is(await statusOf('/staff', { as, method: 'DELETE' }), noMethod)
    t.is(await statusOf('/staffroom', { as }), 404)
  })
}

test('without a configuration there is no console, for nobody', async (t) => {
  const bare = await startConsole({ staff: 'none' })
  t.teardown(() => bare.close())
  for (const [as] of table) {
    for (const path of [...pages, release]) t.is((await bare.ask(path, { as })).status, 404, as)
  }
})

test('outside the named networks there is no console, not even the way to sign in', async (t) => {
  const inside = await startConsole({ staff: { ...staff, networks: ['office'] } })
  t.teardown(() => inside.close())
  for (const [as, page] of table) {
    t.is((await inside.ask('/staff', { as })).status, 404, as)
    t.is((await inside.ask('/staff', { as, address: '198.18.5.9' })).status, page, as)
  }
})

/** Without what is of one request: its reference, and the way back to it. */
function lasting({ text }: { text: string }): string {
  return text.replaceAll(/<code class="reference">[^<]*|to=[^"]*/g, '')
}

test('only the provider that is named makes staff', async (t) => {
  for (const [provider, director, foreigner] of [
    ['university', 200, 404],
    ['elsewhere', 404, 200],
    ['nowhere', 404, 404],
  ] as const) {
    const own = await startConsole({ staff: { ...staff, provider } })
    t.is((await own.ask('/staff', { as: 'director' })).status, director, provider)
    t.is((await own.ask('/staff', { as: 'foreigner' })).status, foreigner, provider)
    await own.close()
  }
})

test('a page that is not there for a reader is the page of any address that is not there', async (t) => {
  const hidden = await house.ask('/staff', { as: 'student' })
  const missing = await house.ask('/nothing', { as: 'student' })
  t.is(lasting(hidden), lasting(missing))
})

test('who has not signed in comes back to the very page', async (t) => {
  const { headers } = await house.ask('/staff/explain?target=jstor&address=::1', {})
  t.is(
    headers['location'],
    `${house.portalOrigin}/sign-in?to=${encodeURIComponent('/staff/explain?target=jstor&address=::1')}`,
  )
})

test('pages of the console are kept by nobody, framed by nobody, and run nothing', async (t) => {
  const { headers } = await house.ask('/staff', { as: 'viewer' })
  t.is(headers['cache-control'], 'no-store')
  t.regex(String(headers['content-security-policy']), /^default-src 'none'; style-src 'self';/)
  t.regex(String(headers['content-security-policy']), /frame-ancestors 'none'/)
  t.is(headers['x-content-type-options'], 'nosniff')
  t.is(headers['referrer-policy'], 'same-origin')
})

/** Field and value of the form token, and the first holder's key, of a pool's page. */
async function formOf(ofHouse: House, pool: string, as: Reader) {
  const { text } = await ofHouse.ask(`/staff/seats/${pool}`, { as })
  const [, key = ''] = /\?release=([0-9a-f]{8})"/.exec(text) ?? []
  const asked = await ofHouse.ask(`/staff/seats/${pool}?release=${key}`, { as })
  const [, name = '', token = ''] =
    /<input type="hidden" name="(\w+)" value="([\w.-]+)">/.exec(asked.text) ?? []
  return { key, name, token }
}

test('an editor releases a seat: it is free, said once, and gone the second time', async (t) => {
  const own = await startConsole()
  t.teardown(() => own.close())
  await own.hold('scopus', 'holder-one')
  await own.hold('scopus', 'holder-two')
  const { key, name, token } = await formOf(own, 'scopus', 'editor')
  const form = { [name]: token, holder: key, why: 'asked\u202E for\nby the reader' }
  const first = await own.ask(release, { as: 'editor', form })
  t.is(first.status, 303)
  t.is(first.headers['location'], `${own.portalOrigin}/staff/seats/scopus?released`)
  t.deepEqual(
    (await own.store.seats.leases('scopus')).map(({ holder }) => holder),
    ['holder-two'],
  )
  const second = await own.ask(release, { as: 'editor', form })
  t.is(second.headers['location'], `${own.portalOrigin}/staff/seats/scopus?gone`)
  const said = own.events.filter(({ kind }) => kind === 'staff')
  t.is(said.length, 1)
  t.like(said[0], { action: 'seat-release', pool: 'scopus' })
  t.false(JSON.stringify(said).includes('holder-one'))
  const rows = await own.store.control.rows(1, 10)
  t.is(rows.length, 1)
  t.like(entryOf(rows[0] ?? { body: '' }), {
    action: 'seat-release',
    by: '(editor)',
    target: 'pool scopus',
    why: 'asked for by the reader',
  })
  t.is((await verifyAudit({ control: own.store.control, clock: systemClock })).broken, undefined)
})

for (const [title, ask] of [
  ['no token', { form: { form_token: '' } }],
  ['a token of another session', { form: { form_token: 'abc.def' } }],
  ['another site, by Fetch Metadata', { headers: { 'sec-fetch-site': 'cross-site' } }],
  ['another site, by Origin', { headers: { origin: 'https://evil.example' } }],
] as const) {
  test(`a seat is not released by a form with ${title}`, async (t) => {
    const own = await startConsole()
    t.teardown(() => own.close())
    await own.hold('scopus', 'holder-one')
    const { key, name, token } = await formOf(own, 'scopus', 'editor')
    const form = { [name]: token, holder: key, ...('form' in ask ? ask.form : {}) }
    const headers = 'headers' in ask ? ask.headers : {}
    t.is((await own.ask(release, { as: 'editor', form, headers })).status, 403)
    t.is((await own.store.seats.leases('scopus')).length, 1)
  })
}

test('without a reason a seat is not released, and the question stands', async (t) => {
  const own = await startConsole()
  t.teardown(() => own.close())
  await own.hold('scopus', 'holder-one')
  const { key, name, token } = await formOf(own, 'scopus', 'editor')
  const form = { [name]: token, holder: key, why: ' \n' }
  const { headers } = await own.ask(release, { as: 'editor', form })
  t.is(headers['location'], `${own.portalOrigin}/staff/seats/scopus?release=${key}`)
  t.is((await own.store.seats.leases('scopus')).length, 1)
  t.is((await own.store.control.rows(1, 10)).length, 0)
})

test('a viewer sees holders under keys that another session does not share, and no way to release', async (t) => {
  const own = await startConsole()
  t.teardown(() => own.close())
  await own.hold('scopus', 'holder-one')
  const seen = await own.ask('/staff/seats/scopus', { as: 'viewer' })
  t.false(seen.text.includes('release='))
  t.false(seen.text.includes('holder-one'))
  const [, key = ''] = /<code>([0-9a-f]{8})<\/code>/.exec(seen.text) ?? []
  t.is(key.length, 8)
  t.false((await own.ask('/staff/seats/scopus', { as: 'editor' })).text.includes(key))
  const asked = await own.ask(`/staff/seats/scopus?release=${key}`, { as: 'viewer' })
  t.false(asked.text.includes('<form method="post"'))
})

test('pools that do not exist have no page', async (t) => {
  for (const pool of ['nothing', 'jstor', '__proto__', 'a%2fb']) {
    t.is((await house.ask(`/staff/seats/${pool}`, { as: 'editor' })).status, 404, pool)
  }
})
