/**
 * Resources that are licensed and not used: not opened at all, or opened without a full text.
 * @module
 */
import type { Resource } from '../core/resource.ts'
import { dayText } from '../pages/formats.ts'
import { monthText } from '../pages/month-text.ts'
import { column, resourceColumns } from './columns.ts'
import { priceOf } from './costs.ts'
import { count, groupsOf, resourceTitle, say, stretchOf, type ReportInput } from './input.ts'
import type { ReportBody, Table, Value } from './model.ts'
import { monthOf } from './period.ts'
import { plainText } from './plain-text.ts'

/** The report. */
export function unusedReport(input: ReportInput): ReportBody {
  const use = groupsOf(stretchOf(input, input.span), 'resource')
  const licensed = [...input.resources.values()].filter((resource) => isLicensed(resource, input))
  const unopened = licensed.filter(({ id }) => count(use.get(id), 'openings') === 0)
  const unread = licensed.filter(
    ({ id }) =>
      count(use.get(id), 'openings') > 0 && count(use.get(id), 'Total_Item_Requests') === 0,
  )
  return {
    charts: [],
    tables: [tableOf(input, 'unopened', unopened), tableOf(input, 'unread', unread)],
    warnings: [],
    notes: [say(input, 'report.note_unused'), say(input, 'report.note_use')],
  }
}

/** Open, and in force in some month of the span. */
function isLicensed({ id, isOpen, licence }: Resource, { span, resourceId }: ReportInput): boolean {
  const { fromOn, untilOn } = licence
  const isInForce =
    (fromOn === undefined || monthOf(fromOn) <= span.to) &&
    (untilOn === undefined || monthOf(untilOn) >= span.from)
  return isOpen && isInForce && (resourceId === undefined || id === resourceId)
}

function tableOf(
  input: ReportInput,
  id: 'unopened' | 'unread',
  resources: readonly Resource[],
): Table {
  const { language, months, span } = input
  const lastUsed = (resource: string) =>
    [...months.values()]
      .filter(
        ({ period, by }) => period <= span.to && count(by.resource.get(resource), 'openings') > 0,
      )
      .map(({ period }) => period)
      .toSorted()
      .at(-1)
  return {
    id,
    title: say(input, `report.${id}`),
    columns: [
      ...resourceColumns(input),
      column(input, 'provider', 'text', 'report.provider'),
      column(input, 'last_used', 'text', 'report.last_used'),
      column(input, 'until', 'text', 'report.until'),
      column(input, 'cost', 'decimal', 'report.cost'),
      column(input, 'currency', 'text', 'report.currency'),
    ],
    rows: resources.map((resource): Value[] => {
      const used = lastUsed(resource.id)
      const { untilOn } = resource.licence
      const price = priceOf(resource.licence, span)
      return [
        resourceTitle(input, resource.id),
        resource.id,
        plainText(resource.provider),
        used && monthText(used, language),
        untilOn && dayText(untilOn, language),
        price?.amount,
        price?.currency,
      ]
    }),
    notes: [],
  }
}
