/** The harvest of publishers' reports, against a publisher that is wrong in every way there is. */
import { gzipSync } from 'node:zlib'

import test from 'ava'

import type { HarvestState } from '../../../src/core/harvest.ts'
import { monthsBetween } from '../../../src/reports/counter/months.ts'
import {
  askedMonths,
  exception,
  json,
  publisherKey,
  reportOf,
  startPublisher,
  type Handler,
} from './publisher.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const whole: Handler = (request, response, query) => {
  json(200, reportOf(monthsBetween(...askedMonths(query))))(request, response, query)
}

const plain =
  (status: number, text: string | Buffer, headers: Record<string, string> = {}): Handler =>
  (_request, response) => {
    response.writeHead(status, headers)
    response.end(text)
  }

const silent: Handler = () => undefined
const stalling: Handler = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.write('{"Report_Header":')
}
const endless: Handler = (_request, response) => {
  response.writeHead(200)
  const chunk = Buffer.alloc(1024 * 1024, ' ')
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}
const broken: Handler = (request) => request.socket.destroy()

for (const [what, handler, state, pauseMs, detail] of [
  ['an exception 1000', exception(503, 1000), 'unavailable', hour, '1000 Service Not Available'],
  ['an exception 1010', exception(503, 1010), 'unavailable', hour, '1010 Service Busy'],
  ['an exception 1011', exception(202, 1011), 'queued', hour, '1011 Report Queued for Processing'],
  ['a 202 without a word', plain(202, '{}'), 'queued', hour, 'status 202'],
  [
    'an exception 1020',
    exception(429, 1020),
    'told-to-wait',
    hour,
    '1020 Client has made too many requests',
  ],
  [
    'an exception 1020 with a time',
    exception(429, 1020, { 'retry-after': '7200' }),
    'told-to-wait',
    2 * hour,
  ],
  [
    'a time that is too short',
    exception(429, 1020, { 'retry-after': '1' }),
    'told-to-wait',
    5 * minute,
  ],
  [
    'a time that is too long',
    exception(429, 1020, { 'retry-after': '99999999' }),
    'told-to-wait',
    day,
  ],
  ['an exception 1030', exception(400, 1030), 'unusable', day],
  ['an exception 2000', exception(401, 2000), 'refused', 7 * day],
  ['an exception 2010', exception(403, 2010), 'refused', 7 * day],
  ['an exception 2020', exception(401, 2020), 'refused', 7 * day, '2020 APIKey Invalid'],
  ['an exception 2020 with the status 200', exception(200, 2020), 'refused', 7 * day],
  ['an exception in a list', json(200, [{ Code: '2020', Message: 'x' }]), 'refused', 7 * day],
  ['an exception in an object', json(401, { Exception: { Code: 2000 } }), 'refused', 7 * day],
  ['an exception 3020', exception(400, 3020), 'unusable', day, '3020 Invalid Date Arguments'],
  ['an exception that nobody knows', exception(400, 4711), 'unusable', day, 'exception 4711'],
  ['a 401 without JSON', plain(401, 'no'), 'unusable', day, 'status 401, no JSON'],
  ['a 403 with other JSON', json(403, { error: 'no' }), 'refused', 7 * day, 'status 403'],
  ['a 404', plain(404, '<h1>no</h1>'), 'unusable', day, 'status 404, no JSON'],
  ['a 500', plain(500, '<h1>oops</h1>'), 'unavailable', hour, 'status 500'],
  ['a 503 with a time', plain(503, '', { 'retry-after': '600' }), 'unavailable', 10 * minute],
  ['a broken connection', broken, 'unavailable', hour],
  ['no answer', silent, 'unavailable', hour],
  ['half an answer', stalling, 'unavailable', hour],
  ['an endless answer', endless, 'unusable', day],
  [
    'an answer that unpacks without end',
    plain(200, gzipSync(Buffer.alloc(17 * 1024 * 1024, ' ')), { 'content-encoding': 'gzip' }),
    'unusable',
    day,
  ],
  [
    'an answer that does not unpack',
    plain(200, 'x', { 'content-encoding': 'gzip' }),
    'unusable',
    day,
  ],
  [
    'a coding that was not asked for',
    plain(200, 'x', { 'content-encoding': 'br' }),
    'unavailable',
    hour,
  ],
  ['no JSON', plain(200, '{"Report_Header": {'), 'unusable', day, 'status 200, no JSON'],
  ['a page', plain(200, '<!doctype html>'), 'unusable', day, 'status 200, no JSON'],
  ['nothing', plain(200, ''), 'unusable', day, 'status 200, no JSON'],
  ['a number', json(200, 7), 'unusable', day, 'no Report_Header'],
  ['null', json(200, null), 'unusable', day, 'no Report_Header'],
  ['a list', json(200, []), 'unusable', day, 'no Report_Header'],
  ['a header alone', json(200, { Report_Header: {} }), 'unusable', day, 'Report_Items is no list'],
  [
    'a refusal in the header of a report',
    json(200, {
      Report_Header: { Exceptions: [{ Code: 2010, Message: 'x' }] },
      Report_Items: null,
    }),
    'refused',
    7 * day,
  ],
  [
    'items that are none',
    json(200, { Report_Header: {}, Report_Items: [1] }),
    'unusable',
    day,
    'an item that is none',
  ],
  [
    'a month that is none',
    json(200, reportOf(['2026-13'])),
    'unusable',
    day,
    '"Total_Item_Requests" of "2026-13"',
  ],
  [
    'a negative count',
    json(200, reportOf(['2026-10'], { count: -1 })),
    'unusable',
    day,
    '"Total_Item_Requests" of 2026-10 is no count',
  ],
  ['half a use', json(200, reportOf(['2026-10'], { count: 0.5 })), 'unusable', day],
  ['a count that is a word', json(200, reportOf(['2026-10'], { count: 'many' })), 'unusable', day],
  [
    'a redirect to inside',
    plain(302, '', { location: `http://127.0.0.1:1/admin?${publisherKey}` }),
    'unusable',
    day,
    '302, leads to http://127.0.0.1:1',
  ],
  ['a redirect to itself', plain(307, '', { location: '/elsewhere' }), 'unusable', day],
] as const satisfies readonly (readonly [string, Handler, HarvestState, number, string?])[]) {
  test(`${what} is a state of its own, nothing is believed, and it is asked again in time`, async (t) => {
    const publisher = await startPublisher()
    try {
      publisher.answer(handler)
      const harvested = await publisher.run()
      t.is(harvested?.progress.state, state, harvested?.progress.detail)
      if (detail !== undefined) t.is(harvested?.progress.detail, detail)
      t.is((harvested?.progress.nextAt ?? 0) - publisher.now(), pauseMs)
      t.is(publisher.asked.length, 1, 'one question, no hammering')
      t.deepEqual(await publisher.known(), [])
      t.false(JSON.stringify(harvested).includes(publisherKey))

      publisher.answer(whole)
      publisher.later(pauseMs - 1)
      t.is(await publisher.run(), undefined)
      publisher.later(1)
      t.is((await publisher.run())?.progress.state, 'done')
    } finally {
      await publisher.close()
    }
  })
}

test('two years are fetched by years, and afterwards what is new or may be corrected', async (t) => {
  const publisher = await startPublisher()
  try {
    publisher.answer(whole)
    t.is((await publisher.run())?.progress.state, 'done')
    t.deepEqual(
      publisher.asked.map(({ pathname, search }) => pathname + search),
      ['2025-11-01&end_date=2026-10-31', '2024-11-01&end_date=2025-10-31'].map(
        (dates) =>
          `/sushi/r51/reports/dr?customer_id=C1&api_key=${publisherKey}&begin_date=${dates}`,
      ),
    )
    t.deepEqual(
      await publisher.known(),
      monthsBetween('2024-11', '2026-10').map((month) => `${month} had 5`),
    )
    publisher.asked.length = 0
    publisher.later(day)
    t.is((await publisher.run())?.progress.state, 'done')
    t.is(publisher.asked.length, 0, 'nothing is missing')
    publisher.later(6 * day)
    await publisher.run()
    t.deepEqual(
      publisher.asked.map(({ searchParams }) => askedMonths(searchParams)),
      [['2026-09', '2026-11']],
      'a month has ended; the two before it may have been corrected, after a week',
    )
  } finally {
    await publisher.close()
  }
})

for (const [what, months, codes, header, expected] of [
  ['no usage (3030)', [], [3030], {}, ['had 0', 'had 0', 'had 0']],
  ['not ready (3031)', ['2026-08', '2026-09'], [3031], {}, ['had 5', 'had 5', 'not-ready 0']],
  ['nothing ready (3031)', [], [3031], {}, ['not-ready 0', 'not-ready 0', 'not-ready 0']],
  ['gone (3032)', ['2026-09', '2026-10'], [3032], {}, ['gone 0', 'had 5', 'had 5']],
  ['both', ['2026-09'], [3031, 3032], {}, ['gone 0', 'had 5', 'not-ready 0']],
  ['in part (3040)', ['2026-09'], [3040], {}, ['partial 0', 'partial 5', 'partial 0']],
  ['a remark (3050)', ['2026-09'], [3050], {}, ['had 0', 'had 5', 'had 0']],
  [
    'a shorter time in the header',
    ['2026-09'],
    [],
    { Report_Filters: { Begin_Date: '2026-09-01', End_Date: '2026-09-30' } },
    ['gone 0', 'had 5', 'not-ready 0'],
  ],
  [
    'the filters of release 5',
    ['2026-08'],
    [],
    {
      Report_Filters: [
        { Name: 'Begin_Date', Value: '2026-08-01' },
        { Name: 'End_Date', Value: '2026-09-30' },
      ],
    },
    ['had 5', 'had 0', 'not-ready 0'],
  ],
] as const) {
  test(`what is known of each month: ${what}`, async (t) => {
    const publisher = await startPublisher()
    try {
      publisher.answer((request, response, query) => {
        const [from] = askedMonths(query)
        const isRecent = from === '2025-11'
        const value = isRecent
          ? reportOf(months, { codes, header })
          : reportOf([], { codes: [3030] })
        json(200, value)(request, response, query)
      })
      const harvested = await publisher.run()
      const isWhole = expected.every((text) => !/partial|not-ready/.test(text))
      t.is(harvested?.progress.state, isWhole ? 'done' : 'incomplete')
      t.deepEqual(
        await publisher.known('2026-08', '2026-10'),
        ['2026-08', '2026-09', '2026-10'].map((month, index) => `${month} ${expected[index]}`),
      )
      const open = (await publisher.known()).filter((text) => /partial|not-ready/.test(text))
      // The next day exactly those are asked for that have not come.
      publisher.asked.length = 0
      publisher.later(day)
      await publisher.run()
      const again = publisher.asked.flatMap(({ searchParams }) =>
        monthsBetween(...askedMonths(searchParams)),
      )
      t.deepEqual(
        again.toSorted(),
        open.map((text) => text.slice(0, 7)),
      )
    } finally {
      await publisher.close()
    }
  })
}

test('a server that stays away is asked at ever longer intervals, at last once a day', async (t) => {
  const publisher = await startPublisher()
  try {
    publisher.answer(plain(500, ''))
    const pauses: number[] = []
    for (let turn = 0; turn < 7; turn++) {
      const progress = (await publisher.run())?.progress
      const pause = (progress?.nextAt ?? 0) - publisher.now()
      pauses.push(pause / hour)
      publisher.later(pause)
    }
    t.deepEqual(pauses, [1, 2, 4, 8, 16, 24, 24])
  } finally {
    await publisher.close()
  }
})

test('what came before stays when the publisher refuses later, and another key is tried at once', async (t) => {
  const publisher = await startPublisher()
  try {
    publisher.answer(whole)
    await publisher.run()
    const before = await publisher.known()
    publisher.answer(exception(401, 2020))
    publisher.later(8 * day)
    t.is((await publisher.run())?.progress.state, 'refused')
    t.deepEqual((await publisher.known()).slice(0, 24), before)
    t.is(await publisher.run(), undefined)
    const { resource } = publisher
    const sushi = { ...resource.sushi, apiKey: () => 'canary-another-key' }
    const mended = { ...resource, sushi: sushi as NonNullable<typeof resource.sushi> }
    publisher.answer(whole)
    t.is((await publisher.run([mended]))?.progress.state, 'done')
  } finally {
    await publisher.close()
  }
})

test('counts as text are taken and told; counts that contradict each other likewise', async (t) => {
  const publisher = await startPublisher()
  try {
    publisher.answer(json(200, reportOf(['2026-10'], { count: '12' })))
    const first = await publisher.run()
    t.deepEqual(first?.progress.remarks, ['numbers-as-text'])
    t.deepEqual(await publisher.known('2026-10', '2026-10'), ['2026-10 had 12'])

    const odd = {
      Report_Header: {},
      Report_Items: [
        {
          Attribute_Performance: [
            {
              Performance: {
                Total_Item_Requests: { '2026-10': 1 },
                Unique_Item_Requests: { '2026-10': 9 },
              },
            },
          ],
        },
      ],
    }
    publisher.answer(json(200, odd))
    publisher.later(7 * day)
    t.deepEqual((await publisher.run())?.progress.remarks, ['contradictory'])
  } finally {
    await publisher.close()
  }
})

function instance(Metric_Type: string, Count: number): object {
  return { Metric_Type, Count }
}

test('release 5 has another path and another shape', async (t) => {
  const publisher = await startPublisher({ sushi: { release: '5', requestorId: () => 'R 1' } })
  try {
    publisher.answer(
      json(200, {
        Report_Header: { Release: '5', Report_ID: 'DR' },
        Report_Items: [
          {
            Database: 'One',
            Performance: [
              {
                Period: { Begin_Date: '2026-09-01', End_Date: '2026-09-30' },
                Instance: [instance('Total_Item_Requests', 4), instance('Unique_Item_Requests', 3)],
              },
              {
                Period: { Begin_Date: '2026-10-01', End_Date: '2026-10-31' },
                Instance: [instance('Total_Item_Requests', 6)],
              },
            ],
          },
        ],
      }),
    )
    t.is((await publisher.run())?.progress.state, 'done')
    t.deepEqual(await publisher.known('2026-08', '2026-10'), [
      '2026-08 had 0',
      '2026-09 had 4',
      '2026-10 had 6',
    ])
    t.regex(publisher.asked[0]?.pathname ?? '', /^\/sushi\/reports\/dr$/)
    t.is(publisher.asked[0]?.searchParams.get('requestor_id'), 'R 1')
  } finally {
    await publisher.close()
  }
})

test('of several databases the named one counts; items below a parent count as well', async (t) => {
  const publisher = await startPublisher({ sushi: { database: 'Two' } })
  try {
    const performance = [{ Performance: { Total_Item_Requests: { '2026-10': 7 } } }]
    publisher.answer(
      json(200, {
        Report_Header: {},
        Report_Items: [
          { Database: 'One', Attribute_Performance: performance },
          { Database: 'Two', Attribute_Performance: performance },
          { Database: 'Two', Items: [{ Attribute_Performance: performance }] },
        ],
      }),
    )
    await publisher.run()
    t.deepEqual(await publisher.known('2026-10', '2026-10'), ['2026-10 had 14'])
  } finally {
    await publisher.close()
  }
})

test('a name that leads inside is not asked, nor a publisher without its key', async (t) => {
  const publisher = await startPublisher({ upstream: { allow: [] } })
  try {
    publisher.answer(whole)
    const inside = await publisher.run()
    t.is(inside?.progress.state, 'unusable')
    t.regex(inside?.progress.detail ?? '', /^ERR_UPSTREAM_FORBIDDEN /)
    const { resource } = publisher
    const sushi = { ...resource.sushi, isIncomplete: true } as NonNullable<typeof resource.sushi>
    t.is((await publisher.run([{ ...resource, sushi }]))?.progress.state, 'no-secret')
    t.is(publisher.asked.length, 0)
  } finally {
    await publisher.close()
  }
})

test('a certificate that proves nothing ends the question before the key is sent', async (t) => {
  const publisher = await startPublisher({
    sushi: { url: 'https://counter.localhost/sushi' },
  })
  try {
    const harvested = await publisher.run()
    t.regex(harvested?.progress.state ?? '', /unavailable|unusable/)
    t.is(publisher.asked.length, 0)
  } finally {
    await publisher.close()
  }
})
