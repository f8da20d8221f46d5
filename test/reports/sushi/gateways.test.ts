/**
 * Two libraries, one harvesting the other, with nothing between them but the network: a gateway that
 * serves its reports, and the command line that asks it, each with a configuration and a store of its own.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'

import test from 'ava'

import { systemClock } from '../../../src/core/clock.ts'
import { monthAfter } from '../../../src/reports/counter/months.ts'
import { lastFullMonth } from '../../../src/reports/counter/period.ts'
import { prepareGateway, ruleOf } from '../../support/gateway.ts'
import { monthOfRefusals, writeMonths } from './house.ts'

const main = join(import.meta.dirname, '../../../src/main.ts')
const key = 'canary-key-of-the-other-library'
const env = { ...process.env, TEST_CLIENT_SECRET: 'secret' }

/** What the command line says. */
async function run(...words: readonly string[]) {
  const child = spawn(process.execPath, [main, 'counter', ...words], { env })
  const [out, err] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close'),
  ])
  // By hand: a decoder would drop the byte order mark.
  return { out: out.toString(), err: err.toString(), code: child.exitCode }
}

test('a library harvests the reports of another, and both tell the same numbers', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-key-'))
  const apiKey = { file: join(folder, 'key') }
  writeFileSync(apiKey.file, `${key}\n`)
  const issuer = 'http://127.0.0.1:1'
  const last = lastFullMonth(systemClock.now(), 'Asia/Bishkek')
  const before = monthAfter(last, -1)
  const publisher = await prepareGateway({
    issuer,
    rules: { jstor: ruleOf('www.jstor.localhost') },
    hosts: {},
    config: { counter: { requestors: [{ name: 'other', apiKey }] } },
  })
  const library = await prepareGateway({
    issuer,
    rules: {
      atlas: {
        ...ruleOf('www.atlas.localhost'),
        sushi: {
          url: publisher.portal,
          customerId: 'main',
          apiKey,
        },
      },
    },
    hosts: { [new URL(publisher.portal).host]: publisher.ports.public },
  })
  try {
    await publisher.start()
    const store = publisher.store()
    await writeMonths(store, [monthOfRefusals(before, 3), monthOfRefusals(last, 4)])
    await store.close()

    const harvested = await run('harvest', '--config', library.configFile)
    t.regex(harvested.out, /^atlas: done \(3032 Usage No Longer Available/, harvested.err)
    t.is(harvested.code, 0)
    const ofPublisher = ['--from', before, '--to', last, '--config', publisher.configFile]
    const [status, report, wrong] = await Promise.all([
      run('status', '--json', '--config', library.configFile),
      run('report', 'DR_D2', '--format', 'tsv', ...ofPublisher),
      run('report', 'TR_J1', ...ofPublisher),
    ])
    t.deepEqual(JSON.parse(status.out).months, [before, last])

    const own = library.store()
    const [document] = await own.figures.read('publisher', last, last)
    await own.close()
    // Four refusals in each of the three databases of the figures.
    t.deepEqual(JSON.parse(document?.body ?? '').atlas.counts, { Limit_Exceeded: 12 })

    t.regex(report.out, /^\uFEFFReport_Name\tDatabase Access Denied/)
    t.regex(report.out, /Limit_Exceeded\t7\t3\t4\r\n/)

    t.is(wrong.code, 1)
    t.regex(wrong.err, /the report: found "TR_J1", expected PR, PR_P1, DR/)
    const everything = [harvested, status, report, wrong].map(({ out, err }) => out + err).join('')
    t.false((everything + publisher.said.log + publisher.said.errors).includes('canary'))
  } finally {
    await publisher.stop()
    await library.stop()
    rmSync(folder, { recursive: true })
  }
})
