/**
 * What the link checker has found and readers have told, for tests of the console.
 * @module
 */
import { systemClock as clock, timeOrderedId } from '../../src/core/clock.ts'
import { linkReportKinds } from '../../src/core/link-reports.ts'
import { linkStates, type LinkState } from '../../src/core/links.ts'
import { addressesOf } from '../../src/links/addresses.ts'
import type { startConsole } from './house.ts'

type House = Pick<Awaited<ReturnType<typeof startConsole>>, 'rules' | 'linkRecords' | 'linkReports'>

/** A look that found a state an hour ago, for the second time. */
export async function looked(
  { rules, linkRecords }: Pick<House, 'rules' | 'linkRecords'>,
  resourceId: string,
  state: LinkState,
  more: { readonly detail?: string; readonly leadsTo?: string; readonly status?: number } = {},
): Promise<void> {
  const resource = rules.current().resources.get(resourceId)
  const at = clock.now() - 3_600_000
  await linkRecords.setRecord(resourceId, {
    nextAt: at + 86_400_000,
    links: (resource === undefined ? [] : addressesOf(resource)).map(({ source }) => ({
      source,
      last: { state, at, sinceAt: at - 86_400_000, ...more },
      failures: linkStates[state] === 'broken' ? 3 : 0,
    })),
  })
}

/** One resource that is broken and of which readers have told in `text`, three that are not; the ids. */
export async function linked(house: House, id: string, text: string): Promise<readonly string[]> {
  await looked(house, id, 'certificate', { detail: text, leadsTo: text, status: 200 })
  await looked(house, 'jstor', 'works', { status: 200 })
  await looked(house, 'scopus', 'blocked', { status: 403 })
  await house.linkRecords.setDoneAt(clock.now() - 3_600_000)
  const ids: string[] = []
  for (const [number, kind] of linkReportKinds.entries()) {
    const at = clock.now() - (10 - number) * 86_400_000
    const report = {
      id: timeOrderedId(at),
      at,
      kind,
      channel: 'remote',
      reference: '7K3M-QX2P-9DTF',
    } as const
    const words = number === 0 ? { text, about: text } : {}
    const teller = { sessionId: `session-${number}`, address: `192.0.2.${number}` }
    await house.linkReports.take({ ...report, resourceId: id, ...words }, teller)
    ids.push(report.id)
  }
  await house.linkReports.end(ids.pop() ?? '', 'mended')
  return ids
}
