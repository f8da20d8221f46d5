/**
 * Reports that are delivered by themselves: by mail or into a folder, when a month, quarter or year is
 * over.
 *
 * The last time that was delivered is kept in the store. After a standstill each time that was missed is
 * delivered, in order, once. What fails is tried again, after a pause that doubles; one schedule does not
 * hold up another, for each is a job of its own. A file that is there already is left as it is and
 * counts as delivered; a mail that may have gone out twice has the same Message-ID both times.
 * @module
 */
import { join } from 'node:path'

import type { DeliveryConfig, ScheduleConfig } from '../config/config.ts'
import type { Period } from '../core/figures.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { Resource } from '../core/resource.ts'
import { createWords } from '../locales/words.ts'
import type { Store } from '../store/contract.ts'
import type { UsageFigures } from '../usage/figures.ts'
import { fileName, fileOf } from './formats.ts'
import { createMailer, type ReportFile } from './mail.ts'
import type { Report } from './model.ts'
import { writeNewFile } from './new-file.ts'
import { monthsAfter, spanOf, type Span } from './period.ts'
import { createReporter, type Reporter, type ReporterParts } from './reporter.ts'
import { isProblem, problemLine, readRequest } from './request.ts'

/** What deliveries need. */
export interface DeliveryParts extends Omit<ReporterParts, 'resources' | 'words' | 'store'> {
  readonly config: ReporterParts['config'] & { readonly reports: DeliveryConfig }
  readonly store: Pick<Store, 'records' | 'figures'>
  readonly figures: Pick<UsageFigures, 'years' | 'refresh'>
  readonly rules: { current(): { readonly resources: ReadonlyMap<string, Resource> } }
}

/** A job of the scheduler. */
interface DeliveryJob {
  readonly name: string
  readonly schedule: string
  readonly run: () => Promise<void>
}

const lengths = { month: 1, quarter: 3, year: 12 } as const

/** A job for each schedule, which looks every hour. */
export function deliveryJobs(parts: DeliveryParts): DeliveryJob[] {
  const { rules } = parts
  const resources = () => rules.current().resources
  const reporter = createReporter({ ...parts, words: createWords(), resources })
  return parts.config.reports.schedule.map((schedule) => ({
    name: `report-${schedule.name}`,
    schedule: '7 * * * *',
    run: () => deliverDue(schedule, reporter, parts),
  }))
}

/** The last time of a kind that is over on a day; its first day is for what comes late. */
export function lastOver(every: ScheduleConfig['every'], todayOn: string): Period {
  const length = lengths[every]
  const over = monthsAfter(todayOn.slice(0, 7), todayOn.endsWith('-01') ? -2 : -1)
  const [year = '', month = '1'] = over.split('-')
  const rest = Number(month) % length
  return rest === 0 ? over : monthsAfter(`${year}-${month}`, -rest)
}

async function deliverDue(
  schedule: ScheduleConfig,
  reporter: Reporter,
  parts: DeliveryParts,
): Promise<void> {
  const { store, clock, figures } = parts
  const { records } = store
  const keys = {
    done: `report:done:${schedule.name}`,
    failed: `report:failed:${schedule.name}`,
  }
  const length = lengths[schedule.every]
  const last = lastOver(schedule.every, reporter.today())
  const doneTo = (await records.read(keys.done)) ?? monthsAfter(last, -length)
  if (doneTo >= last) return
  const { failures, until } = failuresIn(await records.read(keys.failed))
  if (clock.now() < until) return
  await figures.refresh('now')
  try {
    // A standstill of years is made up for from the last ones on.
    const earliest = monthsAfter(last, -length * limits.reports.madeUpFor)
    let to = doneTo > earliest ? doneTo : earliest
    while (to < last) {
      to = monthsAfter(to, length)
      await deliver(schedule, spanOf(monthsAfter(to, 1 - length), to), reporter, parts)
      await records.write(keys.done, to, limits.reports.deliveredMs)
    }
    await records.remove([keys.failed])
  } catch (error) {
    const pauseMs = Math.min(limits.reports.pauseMs * 2 ** failures, limits.reports.pauseMostMs)
    const failed = JSON.stringify({ failures: failures + 1, until: clock.now() + pauseMs })
    await records.write(keys.failed, failed, limits.reports.deliveredMs)
    throw error
  }
}

function failuresIn(text: string | undefined): { failures: number; until: number } {
  const [, failures = '0', until = '0'] =
    /^\{"failures":(\d{1,6}),"until":(\d{1,16})\}$/.exec(text ?? '') ?? []
  return { failures: Number(failures), until: Number(until) }
}

async function deliver(
  schedule: ScheduleConfig,
  span: Span,
  reporter: Reporter,
  { config }: DeliveryParts,
): Promise<void> {
  const { reports: asked, formats, language, folder, mail, name } = schedule
  const reports: Report[] = []
  const files: ReportFile[] = []
  for (const choice of asked) {
    const [kind = '', by] = choice.split('/')
    const typed = { name: kind, language, from: span.from, to: span.to, ...(by && { by }) }
    const request = readRequest(typed, reporter.thisMonth())
    const report = isProblem(request) ? request : await reporter.make(request)
    if (isProblem(request) || isProblem(report)) {
      const problem = isProblem(request) ? request : report
      const text = isProblem(problem) ? problemLine(problem, kind) : kind
      throw new GatewayError('ERR_BAD_REQUEST', `the schedule ${name}: ${text}`)
    }
    reports.push(report)
    for (const format of formats) {
      files.push({ name: fileName(request, format), content: await fileOf(report, format) })
    }
  }
  if (folder !== undefined) {
    for (const file of files) await writeNewFile(join(folder, file.name), file.content)
  }
  if (mail !== undefined && config.reports.mail !== undefined) {
    const send = createMailer(config.reports.mail)
    await send({ id: `${name}-${span.to}`, to: mail, reports, files })
  }
}
