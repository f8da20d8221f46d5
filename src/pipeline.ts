/**
 * The order of stages for each kind of route, as one table: read a row from left to right to follow
 * a request in, from right to left to follow its answer out.
 * @module
 */
import type { GatewayContext, Route, Stage } from './core/context.ts'

/** Every stage by its name in the table. */
export interface Stages {
  /** hosts: which of the gateway's names the request came to. */
  readonly hosts: Stage
  /** policy: what the address alone decides. */
  readonly treatment: Stage
  /** identity: the session of the portal's cookie, if any. */
  readonly portalSession: Stage
  /** rewriting: what no publisher gets and needs no session, such as robots.txt. */
  readonly gate: Stage
  /** identity: the session of the zone's cookie, or the way to sign-in. */
  readonly zoneSession: Stage
  /** identity: the way of a session from the portal to the zone. */
  readonly landing: Stage
  /** identity: sign-out on a proxied host. */
  readonly zoneFarewell: Stage
  /** pages: style sheet and pictures of the gateway's own pages. */
  readonly assets: Stage
  /** pages: the switch of language. */
  readonly language: Stage
  /** portal: pages and actions. */
  readonly portal: Stage
  /** policy: pages with seats that are here or gone. */
  readonly seatSigns: Stage
  /** policy: may they, and a seat. */
  readonly policy: Stage
  /** usage: what happened. */
  readonly usage: Stage
  /** rewriting: the browser shim. */
  readonly shim: Stage
  /** rewriting: cookies that scripts have written for a whole domain. */
  readonly scriptCookies: Stage
  /** rewriting: translates both ways. */
  readonly rewriting: Stage
  /** exchange: one request to a publisher and its answer. */
  readonly exchange: Stage
  /** The end of a row that nothing has answered. */
  readonly notFound: Stage
}

const table: Readonly<Record<Route['kind'], readonly (keyof Stages)[]>> = {
  portal: ['language', 'treatment', 'portalSession', 'portal'],
  proxied: ['gate', 'treatment', 'zoneSession', 'policy', 'usage', 'rewriting', 'exchange'],
  reserved: [
    'gate',
    'language',
    'treatment',
    'shim',
    'scriptCookies',
    'seatSigns',
    'zoneFarewell',
    'notFound',
  ],
  landing: ['gate', 'language', 'treatment', 'landing', 'notFound'],
  unknown: ['notFound'],
}

/**
 * The whole way of a request as one stage. Assets come before everything, on any name at all: the
 * page that tells of an unknown host needs its style as well.
 */
export function createPipeline(stages: Stages): Stage {
  return (context, next) =>
    stages.assets(context, () =>
      stages.hosts(context, () =>
        follow(context, next, stages, table[context.state.route.kind], 0),
      ),
    )
}

function follow(
  context: GatewayContext,
  next: () => Promise<void>,
  stages: Stages,
  row: readonly (keyof Stages)[],
  position: number,
): Promise<void> {
  const name = row[position]
  if (name === undefined) return next()
  return stages[name](context, () => follow(context, next, stages, row, position + 1))
}
