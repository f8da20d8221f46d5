/** Reports that are delivered by themselves: each time once, after a standstill too, by mail and as files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import { SMTPServer } from 'smtp-server'

import type { MailConfig, ScheduleConfig } from '../../src/config/config.ts'
import { systemClock } from '../../src/core/clock.ts'
import { linkOverviewOf } from '../../src/links/overview.ts'
import { deliveryJobs, lastOver } from '../../src/reports/delivery.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { cell, documentOf, figuresOf } from './builders.ts'
import { catalogue } from './library.ts'

for (const [every, todayOn, expected] of [
  ['month', '2026-11-15', '2026-10'],
  ['month', '2026-11-01', '2026-09'],
  ['month', '2026-01-02', '2025-12'],
  ['quarter', '2026-11-15', '2026-09'],
  ['quarter', '2027-01-02', '2026-12'],
  ['quarter', '2027-01-01', '2026-09'],
  ['year', '2026-11-15', '2025-12'],
  ['year', '2027-01-02', '2026-12'],
] as const) {
  test(`the last ${every} that is over on ${todayOn} ends with ${expected}`, (t) => {
    t.is(lastOver(every, todayOn), expected)
  })
}

const monthly: ScheduleConfig = {
  name: 'monthly',
  every: 'month',
  reports: ['summary', 'use/unit'],
  formats: ['csv'],
  language: 'ru',
}

const ignore = (): void => undefined

/** A house whose clock is set, with jobs for one schedule. */
async function house(
  t: { teardown(work: () => unknown): void },
  { schedule, mail }: { schedule: Partial<ScheduleConfig>; mail?: MailConfig },
) {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-delivery-'))
  let now = Date.parse('2026-11-15T06:00:00Z')
  const clock = { ...systemClock, now: () => now }
  const store = createEmbeddedStore({ file: join(folder, 'store.sqlite'), clock })
  t.teardown(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })
  const october = figuresOf('2026-10', { cells: [cell('jstor', 'openings', 7)] })
  await store.figures.write([documentOf(october)])
  const out = join(folder, 'out')
  const timeZone = 'Asia/Bishkek'
  const name = { en: 'University of Example' }
  const institution = { name, contact: 'library@example.edu', timeZone }
  const [job] = deliveryJobs({
    config: {
      institution,
      identity: { providers: [], units: {} },
      reports: {
        schedule: [{ ...monthly, ...(mail === undefined && { folder: out }), ...schedule }],
        ...(mail && { mail }),
      },
    },
    store,
    askLinks: linkOverviewOf(store, clock, timeZone),
    figures: createFigures({ store, clock, timeZone, keepDays: 365, onUnreadable: ignore }),
    rules: { current: () => ({ resources: new Map(catalogue.map((each) => [each.id, each])) }) },
    clock,
  })
  if (job === undefined) throw new Error('no job')
  return {
    job,
    out,
    files: () => readdirSync(out).toSorted(),
    goTo: (day: string) => (now = Date.parse(`${day}T06:00:00Z`)),
    wait: (ms: number) => (now += ms),
  }
}

test('a folder has each month once; months of a standstill are made up for', async (t) => {
  const { job, out, files, goTo } = await house(t, { schedule: {} })
  await job.run()
  const first = ['summary-2026-10.csv', 'use-unit-2026-10.csv']
  t.deepEqual(files(), first)
  t.regex(readFileSync(join(out, 'summary-2026-10.csv'), 'utf8'), /Открытия,openings,7/)
  rmSync(join(out, 'summary-2026-10.csv'))
  await job.run()
  t.deepEqual(files(), ['use-unit-2026-10.csv'])
  goTo('2027-02-03')
  await job.run()
  t.deepEqual(
    files().filter((name) => name.startsWith('summary')),
    ['summary-2026-11.csv', 'summary-2026-12.csv', 'summary-2027-01.csv'],
  )
})

test('a file that is there is left as it is', async (t) => {
  const { job, out, files, goTo } = await house(t, { schedule: { reports: ['summary'] } })
  await job.run()
  const file = join(out, 'summary-2026-11.csv')
  writeFileSync(file, 'written by hand')
  goTo('2026-12-05')
  await job.run()
  t.is(readFileSync(file, 'utf8'), 'written by hand')
  t.deepEqual(files(), ['summary-2026-10.csv', 'summary-2026-11.csv'])
})

/** A mail server on loopback, without TLS; it refuses everything while it is told to. */
async function mailServer(t: { teardown(work: () => unknown): void }) {
  const mails: string[] = []
  const state = { isRefusing: false }
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    onAuth({ username, password }, _, done) {
      const isRight = username === 'darbaza' && password === 'a secret of this test'
      done(isRight ? null : new Error('wrong login'), { user: username })
    },
    onData(stream, _, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        if (!state.isRefusing) mails.push(Buffer.concat(parts).toString())
        done(state.isRefusing ? new Error('not now, a secret of this test') : null)
      })
    },
  })
  // A client that goes while it is told something is no fault.
  server.on('error', ignore)
  const bound = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      const address = listening.address()
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
    })
  })
  t.teardown(() => new Promise<void>((resolve) => server.close(resolve)))
  const mail: MailConfig = {
    host: '127.0.0.1',
    port: bound,
    security: 'none',
    username: 'darbaza',
    password: 'a secret of this test',
    from: 'library@example.edu',
  }
  return { mail, mails, state }
}

test('mail is sent once, tried again with longer pauses, and tells no secret', async (t) => {
  const { mail, mails, state } = await mailServer(t)
  const schedule = { mail: ['director@example.edu'], formats: ['xlsx', 'html'] } as const
  const { job, wait } = await house(t, { schedule, mail })
  const hourMs = 3_600_000
  state.isRefusing = true
  const failed = await t.throwsAsync(job.run(), { code: 'ERR_UPSTREAM_AWAY' })
  t.notRegex(`${failed?.message} ${String(failed?.cause)}`, /secret|director|@/)
  // Within the pause nothing is tried: it would fail.
  await job.run()
  wait(hourMs)
  await t.throwsAsync(job.run())
  wait(hourMs)
  await job.run()
  t.is(mails.length, 0)
  state.isRefusing = false
  wait(hourMs)
  await job.run()
  await job.run()
  t.is(mails.length, 1)
  const [text = ''] = mails
  t.regex(text, /^To: director@example\.edu$/im)
  t.regex(text, /^Message-ID: <[0-9a-f]{32}@example\.edu>$/im)
  const names = [...text.matchAll(/filename=([\w.-]+)/g)].map(([, name]) => name)
  t.deepEqual(names, [
    'summary-2026-10.xlsx',
    'summary-2026-10.html',
    'use-unit-2026-10.xlsx',
    'use-unit-2026-10.html',
  ])
})

test('a server that wants no TLS gets no mail unless the settings say so', async (t) => {
  const { mail, mails } = await mailServer(t)
  const strict = { ...mail, security: 'starttls' } as const
  const { job } = await house(t, { schedule: { mail: ['director@example.edu'] }, mail: strict })
  await t.throwsAsync(job.run(), { code: 'ERR_UPSTREAM_AWAY' })
  t.deepEqual(mails, [])
})
