/**
 * `links check` and `links status`: links looked at now, and how all of them stand.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { rulebookInForce, type ControlParts } from '../control/published.ts'
import { dayIn } from '../core/calendar.ts'
import { GatewayError } from '../core/errors.ts'
import { linkStates, type LinkHealth, type ResourceLinks } from '../core/links.ts'
import type { Resource } from '../core/resource.ts'
import { checkedResources } from '../links/check.ts'
import { createLinks } from '../links/links.ts'
import { inert } from '../reports/delimited.ts'
import { shownInstant, withControl } from './control.ts'
import { underLease } from './lease.ts'

/** How it is told. */
export type LinkFormat = 'text' | 'tsv' | 'json'

/** As typed. */
export interface LinkOptions {
  readonly config: string
  readonly format: LinkFormat
  /** Only these. */
  readonly resource?: readonly string[]
}

/** Looks now, whether links are due or not; the exit code is 1 when one of them failed. */
export async function checkLinks(options: LinkOptions, env: Environment): Promise<void> {
  await withControl(options.config, env, async (parts, store) => {
    const { config, clock } = parts
    const { rulebook } = await rulebookInForce(parts)
    const checked = checkedResources(rulebook, today(parts))
    const ids = new Set(chosen(checked, options.resource).map(({ id }) => id))
    const { checker } = createLinks({ config, store, clock })
    const found: ResourceLinks[] = []
    const onChecked = ({ after }: { readonly after: ResourceLinks }): void => {
      // Others may be looked at to tell whether the network is away.
      if (!ids.has(after.resourceId)) return
      found.push(after)
      if (options.format === 'text') print([after], 'text')
      if (after.links.some(hasFailed)) process.exitCode = 1
    }
    try {
      await underLease(store.records, { job: 'link-check', what: 'checks links' }, () =>
        checker.runAll(rulebook, ids, onChecked),
      )
    } finally {
      await checker.close()
    }
    if (options.format !== 'text') print(found, options.format)
  })
}

/** Tells how links stand; the exit code is 1 when one of them is broken. */
export async function printLinks(options: LinkOptions, env: Environment): Promise<void> {
  await withControl(options.config, env, async (parts, store) => {
    const { books } = createLinks({ config: parts.config, store, clock: parts.clock })
    const { rulebook } = await rulebookInForce(parts)
    const checked = checkedResources(rulebook, today(parts))
    const standings = await books.standings(chosen(checked, options.resource))
    print(standings, options.format)
    if (standings.some(({ standing }) => standing === 'broken')) process.exitCode = 1
  })
}

function today({ clock, config }: ControlParts): string {
  return dayIn(config.institution.timeZone, clock.now())
}

function chosen(
  resources: readonly Resource[],
  ids: readonly string[] | undefined,
): readonly Resource[] {
  if (ids === undefined) return resources
  const known = new Map(resources.map((resource) => [resource.id, resource]))
  return ids.map((id) => {
    const resource = known.get(id)
    if (resource !== undefined) return resource
    const message = `found "${id}", expected a resource in force that is open and may be checked`
    throw new GatewayError('ERR_BAD_REQUEST', message)
  })
}

function hasFailed({ last }: LinkHealth): boolean {
  return last !== undefined && linkStates[last.state] === 'broken'
}

function print(all: readonly ResourceLinks[], format: LinkFormat): void {
  if (format === 'json') return console.log(JSON.stringify(all, undefined, 2))
  if (format === 'tsv') console.log(heads.join('\t'))
  for (const { resourceId, links } of all) {
    for (const link of links) {
      console.log(format === 'tsv' ? rowOf(resourceId, link).join('\t') : lineOf(resourceId, link))
    }
  }
}

const heads = [
  'resource',
  'kind',
  'url',
  'standing',
  'state',
  'status',
  'failures',
  'since',
  'checked',
  'leads_to',
  'detail',
]

/** What a publisher wrote has neither tabs nor line ends by now, and begins no formula wherever it is split. */
function rowOf(resourceId: string, { kind, url, standing, failures, last }: LinkHealth): string[] {
  return [
    resourceId,
    kind,
    url,
    standing,
    last?.state ?? '',
    String(last?.status ?? ''),
    String(failures),
    last === undefined ? '' : shownInstant(last.sinceAt),
    last === undefined ? '' : shownInstant(last.at),
    inert(last?.leadsTo ?? ''),
    inert(last?.detail ?? ''),
  ]
}

function lineOf(resourceId: string, { url, standing, failures, last }: LinkHealth): string {
  if (last === undefined) return `${resourceId}: ${standing}, ${url}`
  const { state, detail, leadsTo, sinceAt, at } = last
  const found = state === standing ? standing : `${standing}, ${state}`
  const why = detail === undefined ? '' : ` (${detail})`
  const where = leadsTo === undefined ? url : `${url} leads to ${leadsTo}`
  const row = failures > 1 ? `, failed ${failures} times` : ''
  const when = `since ${shownInstant(sinceAt)}, checked ${shownInstant(at)}`
  return `${resourceId}: ${found}${why}, ${where}${row}, ${when}`
}
