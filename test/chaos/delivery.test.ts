/**
 * Reports by mail and into a folder by two gateways on one Redis, after a time in which none ran and
 * in which one was killed at the two worst moments: before the mail server has a mail, and after it has
 * taken one that nobody could write down as sent.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import { SMTPServer } from 'smtp-server'

import { createCalendar } from '../../src/core/calendar.ts'
import { systemClock } from '../../src/core/clock.ts'
import { lastOver } from '../../src/reports/delivery.ts'
import { monthsAfter } from '../../src/reports/period.ts'
import { openStore } from '../../src/store/open.ts'
import { cell, documentOf, figuresOf } from '../reports/builders.ts'
import { prepareGateway, ruleOf, until, type TestGateway } from '../support/gateway.ts'
import { startRedis } from '../support/redis.ts'

/** `silent` says nothing to who comes; `swallowing` takes a mail and says nothing of it. */
type Mood = 'silent' | 'swallowing' | 'fine'

/** A mail server on loopback. */
async function startMailServer() {
  const state = { mood: 'silent' as Mood, asked: 0 }
  const mails: string[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    hideSTARTTLS: true,
    onMailFrom(_address, _session, done) {
      state.asked += 1
      if (state.mood !== 'silent') done()
    },
    onData(stream, _session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        mails.push(Buffer.concat(parts).toString())
        if (state.mood !== 'swallowing') done()
      })
    },
  })
  // Clients that are killed break off.
  server.on('error', () => undefined)
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      const address = listening.address()
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0)
    })
  })
  const close = () => new Promise<void>((resolve) => server.close(resolve))
  return { port, mails, state, close }
}

const monthOf = (mail: string) => /filename=summary-(\d{4}-\d\d)\.csv/.exec(mail)?.[1]
const idOf = (mail: string) => /^Message-ID: (.+)$/im.exec(mail)?.[1]

test('what was due while all were down is delivered once; of a mail that died unanswered there are two of one id', async (t) => {
  const redis = await startRedis()
  const mailServer = await startMailServer()
  const out = mkdtempSync(join(tmpdir(), 'darbaza-delivered-'))
  const gateways = await Promise.all(
    ['one', 'two'].map(() =>
      prepareGateway({
        issuer: 'http://127.0.0.1:9',
        rules: { press: ruleOf('www.press.test') },
        hosts: {},
        redis: redis.url,
        config: {
          institution: { name: 'Misal', contact: 'a@example.edu', timeZone: 'Asia/Bishkek' },
          reports: {
            schedule: [
              {
                name: 'director',
                every: 'month',
                reports: ['summary'],
                formats: ['csv'],
                language: 'en',
                mail: ['director@example.edu'],
                folder: out,
              },
            ],
            mail: {
              host: '127.0.0.1',
              port: mailServer.port,
              security: 'none',
              from: 'library@example.edu',
            },
          },
        },
      }),
    ),
  )
  const store = openStore({ kind: 'redis', url: redis.url }, systemClock)
  t.teardown(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()))
    await store.close()
    await mailServer.close()
    await redis.stop()
    rmSync(out, { recursive: true })
  })

  const last = lastOver('month', createCalendar('Asia/Bishkek')(Date.now()))
  const months = [-2, -1, 0].map((distance) => monthsAfter(last, distance))
  const [first = ''] = months
  await store.figures.write(
    months.map((month) => documentOf(figuresOf(month, { cells: [cell('press', 'openings', 7)] }))),
  )
  // Delivered up to then; nobody has run since.
  await store.records.write('report:done:director', monthsAfter(last, -3), 86_400_000)

  const [one] = gateways as [TestGateway, TestGateway]
  /** The minute is over after which a job of who died is begun again. */
  const forgetLease = () => store.records.remove(['job:lease:report-director'])

  // Made and in the folder, not yet sent.
  await one.start()
  await until(() => mailServer.state.asked === 1, 'nobody comes with a mail')
  await one.kill()
  t.deepEqual(readdirSync(out), [`summary-${first}.csv`])
  t.deepEqual(mailServer.mails, [])

  // Sent, and nobody could write that down.
  mailServer.state.mood = 'swallowing'
  await forgetLease()
  await one.start()
  await until(() => mailServer.mails.length === 1, 'no mail comes')
  await one.kill()
  t.is(await store.records.read('report:done:director'), monthsAfter(last, -3))

  mailServer.state.mood = 'fine'
  await forgetLease()
  await Promise.all(gateways.map((gateway) => gateway.start()))
  await until(
    async () => (await store.records.read('report:done:director')) === last,
    'not everything is delivered',
  )
  await until(
    async () => (await store.records.read('job:lease:report-director')) === undefined,
    'the job does not end',
  )
  const ids = mailServer.mails.map(idOf)
  t.deepEqual(mailServer.mails.map(monthOf), [first, ...months])
  t.is(ids[0], ids[1])
  t.is(new Set(ids).size, 3)
  t.deepEqual(
    readdirSync(out).toSorted(),
    months.map((month) => `summary-${month}.csv`),
  )
})
