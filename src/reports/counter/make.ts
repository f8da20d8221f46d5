/**
 * Makes a report of COUNTER's form: a pure function of figures, catalogue and what is asked.
 * @module
 */
import type { Text } from '../../core/languages.ts'
import { atOnce, type Steps } from '../../usage/steps.ts'
import { activityRows } from './activity-rows.ts'
import { definitionOf } from './definitions.ts'
import { exceptionOf, honesty, type CounterException } from './exceptions.ts'
import { headerOf, nesting, type CounterReport, type Reporter, type ReportItem } from './report.ts'
import type { ReportRequest, UsageRow } from './report.ts'
import { usageRows, type UsageSources } from './usage-rows.ts'

/** The report, made without a pause. */
export function makeReport(
  request: ReportRequest,
  sources: UsageSources,
  reporter: Reporter,
): CounterReport {
  return atOnce(makingReport(request, sources, reporter))
}

/**
 * Makes the report in steps. A time without use is told by exception 3030, unless another one says why
 * already.
 */
export function* makingReport(
  request: ReportRequest,
  sources: UsageSources,
  reporter: Reporter,
): Steps<CounterReport> {
  const { rows, exceptions } = yield* rowsOf(request, sources, reporter)
  const describe = (item: string) => itemOf(item, request, sources, reporter)
  const items = yield* nesting(rows, describe, definitionOf(request.id).metrics)
  const { database } = request.choice ?? {}
  const found = database === undefined ? items : items.filter((item) => item.Database === database)
  const isExplained = request.exceptions.some(({ Code }) => Code === 3031 || Code === 3032)
  const isSaid = found.length > 0 || isExplained
  const said = [honesty, ...request.exceptions, ...exceptions]
  return {
    Report_Header: headerOf(
      { ...request, exceptions: isSaid ? said : [...said, exceptionOf(3030)] },
      reporter,
    ),
    Report_Items: found,
  }
}

function* rowsOf(
  { id, from, to, choice = {} }: ReportRequest,
  sources: UsageSources,
  { counter: { namespace } }: Reporter,
): Steps<{ readonly rows: readonly UsageRow[]; readonly exceptions: readonly CounterException[] }> {
  const figures = sources.figures.filter(({ period }) => from <= period && period <= to)
  if (id !== 'GA1') {
    const rows = yield* usageRows(id, { ...sources, figures }, choice)
    return { rows, exceptions: [] }
  }
  const { rows, leftOut } = yield* activityRows(figures, namespace)
  const exceptions: CounterException[] =
    leftOut === 0
      ? []
      : [{ Code: 1, Message: 'Small numbers are left out', Data: `${leftOut} of them` }]
  return { rows, exceptions }
}

function itemOf(
  id: string,
  request: ReportRequest,
  { resources }: UsageSources,
  { counter: { namespace, platform } }: Reporter,
): Omit<ReportItem, 'Attribute_Performance'> {
  if (definitionOf(request.id).of === 'platform' || id === '') return { Platform: platform }
  const resource = resources.get(id)
  return {
    Database: databaseName(id, resource?.title),
    // Empty where it is not known any more: the rule is gone, its use is not.
    Publisher: resource?.provider ?? '',
    Platform: platform,
    Item_ID: { Proprietary: `${namespace}:${id}` },
  }
}

/** In English where there is a choice: reports are read by machines and abroad. */
export function databaseName(id: string, title: Text = {}): string {
  const name = title.en ?? title.ru ?? title.ky ?? id
  // The shortest that the schema takes.
  return name.length < 2 ? `${name} (${id})` : name
}
