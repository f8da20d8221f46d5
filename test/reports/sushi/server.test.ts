/** The COUNTER API of the library: who may ask, what may be asked, and what is answered. */
import { gunzipSync } from 'node:zlib'

import test from 'ava'

import { exceptionFacts } from '../../../src/reports/counter/exceptions.ts'
import type { CounterReport } from '../../../src/reports/counter/report.ts'
import { faultsOf } from '../counter/checks.ts'
import { shapes } from '../counter/shape.ts'
import {
  consortiumKey,
  counter,
  monthOfRefusals,
  queryOf,
  startHouse,
  statisticsKey,
} from './house.ts'

const autumn = { begin_date: '2026-08', end_date: '2026-10' }

let house: Awaited<ReturnType<typeof startHouse>>
test.before(async () => {
  house = await startHouse()
})
test.after.always(async () => {
  await house?.close()
})

/** An address of its own for each test, so that no other one's failures count. */
let addresses = 0
function elsewhere(): { 'x-forwarded-for': string } {
  addresses += 1
  return { 'x-forwarded-for': `198.51.100.${addresses}` }
}

async function exceptionsOf(query: string, id = 'dr'): Promise<string[]> {
  const { text } = await house.ask(`/r51/reports/${id}?${query}`, elsewhere())
  const { Report_Header: header } = JSON.parse(text) as CounterReport
  return header.Exceptions.slice(1).map(({ Code, Data }) => `${Code} ${Data ?? ''}`.trim())
}

const key = `api_key=${consortiumKey}`
for (const [what, query, status, code] of [
  ['nothing', '', 400, 1030],
  ['no key', 'customer_id=main', 400, 1030],
  ['an empty key', 'customer_id=main&api_key=', 400, 1030],
  ['no customer', key, 400, 1030],
  ['a wrong key', 'customer_id=main&api_key=wrong', 401, 2020],
  ['the beginning of a key', `customer_id=main&api_key=${consortiumKey.slice(0, -1)}`, 401, 2020],
  ['a key with more', `customer_id=main&${key}x`, 401, 2020],
  ['a key in other letters', `customer_id=main&${key.toUpperCase()}`, 400, 1030],
  ['a wrong key and a wrong customer', 'customer_id=1&api_key=wrong', 401, 2020],
  ['another customer', `customer_id=77&${key}`, 403, 2010],
  ['the world', `customer_id=0000000000000000&${key}`, 403, 2011],
  ['a right key without its requestor', `customer_id=77&api_key=${statisticsKey}`, 400, 1030],
  [
    'a right key with another requestor',
    `customer_id=77&api_key=${statisticsKey}&requestor_id=stat-2`,
    401,
    2000,
  ],
  [
    'a wrong requestor and a wrong customer: the lowest code',
    `customer_id=78&api_key=${statisticsKey}&requestor_id=stat-2`,
    401,
    2000,
  ],
  [
    'a right requestor and a wrong customer',
    `customer_id=main&api_key=${statisticsKey}&requestor_id=stat-1`,
    403,
    2010,
  ],
] as const) {
  test(`nobody is let in with ${what}, at any path but /status`, async (t) => {
    for (const path of ['members', 'reports', 'reports/dr_d2']) {
      const answer = await house.ask(`/r51/${path}?${query}`, elsewhere())
      t.is(answer.status, status, path)
      const exception = JSON.parse(answer.text) as Record<string, unknown>
      t.is(exception['Code'], code)
      t.is(exception['Message'], exceptionFacts[code].message)
      t.false(answer.text.includes('canary'))
    }
  })
}

test('status is public, members and the list of reports are for those with a key', async (t) => {
  const status = await house.ask('/r51/status')
  t.deepEqual(JSON.parse(status.text), [
    {
      Description: 'Usage at Library Gateway, by release 5.1 of the COUNTER API.',
      Service_Active: true,
      Note: 'COUNTER-formatted, gateway-observed, not audited',
    },
  ])
  const members = await house.ask(
    `/r51/members?customer_id=77&api_key=${statisticsKey}&requestor_id=stat-1`,
  )
  t.deepEqual(JSON.parse(members.text), [
    {
      Institution_Name: 'University of Examples',
      Institution_ID: {
        ISNI: ['0000 0001 2150 090X'],
        ROR: ['02mhbdp94'],
        Proprietary: ['kgu:77'],
      },
      Customer_ID: '77',
      Requestor_ID: 'stat-1',
      Notes: 'COUNTER-formatted, gateway-observed, not audited',
    },
  ])
  const reports = JSON.parse((await house.ask(`/r51/reports?${queryOf()}`)).text)
  t.deepEqual(
    reports.map((each: Record<string, string>) =>
      ['Report_ID', 'Path', 'First_Month_Available', 'Last_Month_Available']
        .map((name) => each[name])
        .join(' '),
    ),
    ['pr', 'pr_p1', 'dr', 'dr_d1', 'dr_d2', 'kgu:ga1'].map((id) => {
      const name = id === 'kgu:ga1' ? 'kgu:GA1' : id.toUpperCase()
      return `${name} /r51/reports/${id} 2026-08 2026-10`
    }),
  )
})

test('each report that is listed is answered, and has no fault', async (t) => {
  for (const id of ['PR', 'PR_P1', 'DR', 'DR_D1', 'DR_D2', 'GA1'] as const) {
    const name = id === 'GA1' ? 'kgu:ga1' : id.toLowerCase()
    const { status, text } = await house.ask(`/r51/reports/${name}?${queryOf(autumn)}`, elsewhere())
    t.is(status, 200)
    const report = JSON.parse(text)
    t.deepEqual(faultsOf(id, report), [])
    if (id !== 'GA1') t.deepEqual(shapes[id].safeParse(report).error?.issues ?? [], [])
  }
})

test('the numbers are those of the figures', async (t) => {
  const { text } = await house.ask(`/r51/reports/dr_d2?${queryOf(autumn)}`, elsewhere())
  const report = JSON.parse(text) as CounterReport
  t.is(report.Report_Items.length, 3)
  t.deepEqual(report.Report_Items[0]?.Attribute_Performance, [
    { Performance: { Limit_Exceeded: { '2026-08': 3, '2026-10': 4 } } },
  ])
})

for (const [what, begin, end, status, code] of [
  ['no begin', '', '2026-10', 400, 3020],
  ['a month that is none', '2026-13', '2026-10', 400, 3020],
  ['a begin in this month', '2026-11', '2026-11', 400, 3020],
  ['a begin in the future', '2027-01', '2027-02', 400, 3020],
  ['an end before the begin', '2026-10', '2026-08', 400, 3020],
] as const) {
  test(`dates that cannot be: ${what}`, async (t) => {
    const query = queryOf({ begin_date: begin, end_date: end })
    const answer = await house.ask(`/r51/reports/dr?${query}`, elsewhere())
    t.is(answer.status, status)
    t.is(JSON.parse(answer.text).Code, code)
  })
}

test('without dates the question is not complete', async (t) => {
  const answer = await house.ask(`/r51/reports/dr?${queryOf()}`, elsewhere())
  t.is(answer.status, 400)
  t.is(JSON.parse(answer.text).Code, 1030)
})

for (const [what, more, expected, id] of [
  ['nothing more', {}, []],
  ['an end in this month', { end_date: '2026-11' }, ['3031 after 2026-10']],
  ['an end far away', { end_date: '2027-11-30' }, ['3031 after 2026-10']],
  ['months before the first', { begin_date: '2026-01' }, ['3032 before 2026-08']],
  [
    'both',
    { begin_date: '2026-01', end_date: '2026-12' },
    ['3031 after 2026-10', '3032 before 2026-08'],
  ],
  [
    'only months before the first',
    { begin_date: '2025-01', end_date: '2025-02' },
    ['3032 before 2026-08'],
  ],
  ['a month without use', { begin_date: '2026-09', end_date: '2026-09' }, ['3030']],
  ['unknown parameters', { color: 'red', Format: 'x\ny' }, ['3050 color, Format']],
  ['a parameter of another report', { yop: '2020' }, ['3050 yop']],
  [
    'a filter of full reports at a view',
    { metric_type: 'No_License' },
    ['3050 metric_type'],
    'dr_d2',
  ],
  ['a database at a platform report', { database: 'JSTOR' }, ['3030', '3050 database'], 'pr'],
  ['a metric that is none', { metric_type: 'Limit_Exceeded|Likes' }, ['3060 metric_type=Likes']],
  ['only metrics that are none', { metric_type: 'Likes' }, ['3060 metric_type=Likes']],
  [
    'a data type of another report',
    { data_type: 'Platform|Journal' },
    ['3030', '3060 data_type=Platform'],
  ],
  ['an extension', { country_code: 'KG' }, ['3060 country_code is not offered']],
  ['another platform', { platform: 'Elsewhere' }, ['3060 platform=Elsewhere']],
  ['this platform', { platform: 'library gateway' }, []],
  [
    'a metric and a type that do not go together',
    { metric_type: 'Limit_Exceeded', data_type: 'Journal' },
    ['3030', '3061 no metric_type goes with a data_type'],
  ],
  ['totals', { granularity: 'Totals' }, ['3062 granularity=Totals']],
  ['months', { granularity: 'Month' }, []],
  ['attributes', { attributes_to_show: 'Access_Method|YOP' }, ['3062 attributes_to_show=YOP']],
  ['text mining', { access_method: 'TDM' }, ['3030']],
  ['a database that is not there', { database: 'Nowhere' }, ['3030']],
  [
    'several things',
    { x: '1', end_date: '2026-12', metric_type: 'a' },
    ['3031 after 2026-10', '3050 x', '3060 metric_type=a'],
  ],
] as const satisfies readonly (readonly [
  string,
  Record<string, string>,
  readonly string[],
  string?,
])[]) {
  test(`what is asked and what is said of it: ${what}`, async (t) => {
    t.deepEqual(await exceptionsOf(queryOf({ ...autumn, ...more }), id), [...expected])
  })
}

test('a long list of nonsense is cut, and stays one line', async (t) => {
  const nonsense = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`p${n}`, 'x']))
  const [found = ''] = await exceptionsOf(
    queryOf({ ...autumn, ...nonsense, [`${'a'.repeat(500)}\n`]: '' }),
  )
  t.is(found.split(', ').length, 10)
  t.true(found.length < 200)
})

for (const path of ['/r51/reports/tr_j1', '/r51/reports/xx', '/r51/reports/other:ga1']) {
  test(`a report that is not offered is not there: ${path}`, async (t) => {
    const answer = await house.ask(`${path}?${queryOf(autumn)}`, elsewhere())
    t.is(answer.status, 404)
    t.is(answer.headers['content-type'], 'text/plain; charset=utf-8')
  })
}

test('another release is not there', async (t) => {
  t.is((await house.ask(`/r50/reports/dr?${queryOf(autumn)}`)).status, 404)
  t.is((await house.ask(`/reports/dr?${queryOf(autumn)}`)).status, 404)
})

test('JSON without a byte order mark, not kept by anybody, for no other site', async (t) => {
  const { headers, bytes } = await house.ask(`/r51/reports/dr?${queryOf(autumn)}`, {
    ...elsewhere(),
    origin: 'https://elsewhere.example',
  })
  t.is(bytes[0], '{'.charCodeAt(0))
  t.is(headers['content-type'], 'application/json; charset=utf-8')
  t.is(headers['cache-control'], 'no-store')
  t.is(headers['x-content-type-options'], 'nosniff')
  t.is(headers['cross-origin-resource-policy'], 'same-origin')
  t.is(headers['access-control-allow-origin'], undefined)
  t.is(headers['set-cookie'], undefined)
})

function withoutTime(text: string): string {
  return text.replace(/"Created":"[^"]*"/, '')
}

test('compressed for who takes it', async (t) => {
  const path = `/r51/reports/dr?${queryOf(autumn)}`
  const plain = await house.ask(path, { ...elsewhere(), 'accept-encoding': 'identity' })
  const small = await house.ask(path, { ...elsewhere(), 'accept-encoding': 'br;q=0, gzip' })
  t.is(plain.headers['content-encoding'], undefined)
  t.is(small.headers['content-encoding'], 'gzip')
  t.is(small.headers['vary'], 'Accept-Encoding')
  t.is(withoutTime(gunzipSync(small.bytes).toString()), withoutTime(plain.text))
})

test('whoever has a wrong key too often waits; another address does not', async (t) => {
  const where = elsewhere()
  const wrong = () => house.ask('/r51/members?customer_id=main&api_key=guess', where)
  for (let turn = 0; turn < 10; turn++) t.is((await wrong()).status, 401)
  const refused = await wrong()
  t.is(refused.status, 429)
  t.is(JSON.parse(refused.text).Code, 1020)
  t.regex(String(refused.headers['retry-after']), /^\d+$/)
  t.is((await house.ask(`/r51/members?${queryOf()}`, where)).status, 429)
  t.is((await house.ask(`/r51/members?${queryOf()}`, elsewhere())).status, 200)
})

const from = (address: string) => ({ 'x-forwarded-for': address })

test('whoever has a /64 to choose from has wrong keys for one address', async (t) => {
  const wrong = (address: string) =>
    house.ask('/r51/members?customer_id=main&api_key=guess', from(address))
  for (let turn = 0; turn < 10; turn++) {
    t.is((await wrong(`2001:db8:7:9:${turn}::${turn}`)).status, 401)
  }
  t.is((await wrong('2001:db8:7:9:ffff::1')).status, 429)
  t.is((await house.ask(`/r51/members?${queryOf()}`, from('2001:db8:7:a::1'))).status, 200)
})

test('whoever asks too often waits, and the others do not', async (t) => {
  const own = await startHouse()
  try {
    for (let turn = 0; turn < 60; turn++) {
      t.is((await own.ask(`/r51/members?${queryOf()}`)).status, 200)
    }
    const refused = await own.ask(`/r51/members?${queryOf()}`)
    t.is(refused.status, 429)
    t.deepEqual(Object.keys(JSON.parse(refused.text)), ['Code', 'Message', 'Data'])
    const other = `customer_id=77&api_key=${statisticsKey}&requestor_id=stat-1`
    t.is((await own.ask(`/r51/members?${other}`)).status, 200)
  } finally {
    await own.close()
  }
})

test('the log knows who asked for what, and no key', async (t) => {
  const own = await startHouse()
  try {
    await own.ask(`/r51/reports/dr?${queryOf(autumn)}`)
    await own.ask(`/r51/reports/dr?customer_id=main&api_key=canary-wrong`)
    const nobody = { kind: 'counter-request', id: '', at: 0, reference: '' }
    const told = own.events.filter(({ kind }) => kind === 'counter-request')
    t.deepEqual(
      told.map((event) => ({ ...event, id: '', at: 0, reference: '' })),
      [
        { ...nobody, path: '/r51/reports/dr', requestor: 'consortium' },
        { ...nobody, path: '/r51/reports/dr', code: 2020 },
      ],
    )
    t.false(JSON.stringify(own.events).includes('canary'))
  } finally {
    await own.close()
  }
})

test('without requestors there is nothing; without figures there is no use', async (t) => {
  const closed = await startHouse({ counter: { ...counter, requestors: [] } })
  t.is((await closed.ask('/r51/status')).status, 404)
  await closed.close()
  const empty = await startHouse({ months: [] })
  const { text } = await empty.ask(`/r51/reports/dr?${queryOf(autumn)}`)
  t.deepEqual(
    (JSON.parse(text) as CounterReport).Report_Header.Exceptions.map(({ Code }) => Code),
    [0, 3030],
  )
  const [list] = JSON.parse((await empty.ask(`/r51/reports?${queryOf()}`)).text)
  t.is(list.First_Month_Available, '2026-10')
  await empty.close()
})

test('a store that is away is told as such', async (t) => {
  const own = await startHouse({ months: [monthOfRefusals('2026-10', 1)] })
  await own.store.close()
  const answer = await own.ask(`/r51/reports/dr?${queryOf(autumn)}`)
  t.is(answer.status, 503)
  t.is(JSON.parse(answer.text).Code, 1000)
  t.is(JSON.parse((await own.ask('/r51/status')).text)[0].Service_Active, false)
  await own.close()
})
