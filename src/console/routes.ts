/**
 * The staff console: which page stands at which path below `/staff`. The gate of `staff.ts` stands
 * before all of them; what changes something asks for the editor's role besides.
 * @module
 */
import { FieldError } from '../control/field-error.ts'
import { recordAct } from '../control/record.ts'
import { createCalendar } from '../core/calendar.ts'
import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { PortalRoute } from '../core/routes.ts'
import { formTokenField } from '../identity/forms.ts'
import { goTo } from '../pages/go-to.ts'
import { explainDecision } from '../policy/explain.ts'
import { allPools, type PoolUse } from '../policy/pools.ts'
import type { Lease } from '../store/contract.ts'
import { claimsModel } from './claims.ts'
import { counterModel } from './counter.ts'
import { deadlines } from './deadlines.ts'
import { doerIn } from './doer.ts'
import { explanationModel } from './explanation.ts'
import { linksRoutes } from './links-routes.ts'
import type { ExplainModel, OverviewModel, PoolModel, PoolPageModel } from './models.ts'
import type { ConsoleParts } from './parts.ts'
import { accountIn, askedIn, queryOf, questionModel, targetId } from './question.ts'
import { versionText } from './rules.ts'
import { rulesRoutes } from './rules-routes.ts'
import { byFullness, holderModel, leaseOf, poolModel, poolNamed } from './seats.ts'
import { requireEditor } from './staff.ts'
import { tellStaff } from './tell.ts'

/** The routes of the console. */
export function createConsole(parts: ConsoleParts): readonly PortalRoute[] {
  const { pages, answers } = parts
  const { get, show } = answers
  return [
    get('/staff', async (context) => {
      const model = await overviewModel(context, parts)
      show(context, (frame) => pages.overview(frame, model))
    }),
    get('/staff/explain', async (context) => {
      const model = await explainModel(context, parts)
      show(context, (frame) => pages.explain(frame, model))
    }),
    get('/staff/seats', async (context) => {
      const found = await poolModels(context, parts)
      const { pools: shown } = limits.console
      const model = {
        pools: found.slice(0, shown),
        ...moreOf(found.length - shown, context, parts),
      }
      show(context, (frame) => pages.seats(frame, model))
    }),
    get('/staff/seats/:pool', async (context) => {
      const model = poolPageModel(context, await namedPool(context, parts), parts)
      show(context, (frame) => pages.pool(frame, model))
    }),
    answers.post('/staff/seats/:pool/release', createSeatRelease(parts)),
    ...rulesRoutes(parts),
    ...linksRoutes(parts),
    get('/staff/claims', async (context) => {
      const model = await claimsModel(context, parts)
      show(context, (frame) => pages.claims(frame, model))
    }),
    get('/staff/counter', async (context) => {
      const model = await counterModel(context, parts)
      show(context, (frame) => pages.counter(frame, model))
    }),
  ]
}

async function overviewModel(context: GatewayContext, parts: ConsoleParts): Promise<OverviewModel> {
  const { words, clock, config } = parts
  const { language, rulebook } = context.state
  const resources = [...rulebook.resources.values()]
  const todayOn = createCalendar(config.institution.timeZone)(clock.now())
  const [pools, isStoreReady] = await Promise.all([
    poolModels(context, parts),
    parts.isStoreReady(),
  ])
  const state = (isReady: boolean): string =>
    words.say(language, isReady ? 'staff.state_ready' : 'staff.state_away')
  const closed = resources.filter(({ isOpen }) => !isOpen).length
  return {
    lines: [
      { name: words.say(language, 'staff.resources'), value: String(resources.length) },
      { name: words.say(language, 'staff.resources_closed'), value: String(closed) },
      { name: words.say(language, 'staff.version'), value: versionText(context, parts) },
      { name: words.say(language, 'staff.store'), value: state(isStoreReady) },
      {
        name: words.say(language, 'staff.provider'),
        value: state(parts.identityStatus() === 'ready'),
      },
    ],
    deadlines: deadlines(resources, todayOn, language, words).slice(0, limits.console.deadlines),
    noDeadlines: words.say(language, 'staff.dates_none', { days: limits.policy.soonDays }),
    pools: pools.slice(0, limits.console.poolsOnStart),
  }
}

async function explainModel(context: GatewayContext, parts: ConsoleParts): Promise<ExplainModel> {
  const { words } = parts
  const { language, rulebook, place } = context.state
  const asked = askedIn(context.querystring, place.address)
  const { providers } = parts.config.identity
  const choices = { resources: rulebook.resources.values(), providers }
  const question = questionModel(asked, choices, language, words)
  if (!asked.isAsked) return { question }
  const account = accountIn(asked, providers)
  const told = explainDecision(
    {
      address: asked.address,
      categories: asked.categories,
      groups: asked.groups,
      ...(asked.unit !== '' && { unit: asked.unit }),
      ...(account && { account }),
      target: targetId(asked.target, rulebook.resources.values()),
      at: asked.at === '' ? new Date(parts.clock.now()).toISOString() : asked.at,
    },
    {
      rulebook,
      configFile: parts.config.file,
      timeZone: parts.config.institution.timeZone,
      isStandingKnown: true,
    },
  )
  if ('problem' in told) {
    const text = words.say(language, `explain.problem_${told.problem}`, { found: told.found })
    return { question, problem: { field: told.problem, text } }
  }
  const uses = await Promise.all(
    allPools(rulebook.resources.values())
      .filter(({ resources }) => resources.includes(told.resource))
      .map((pool) => parts.pools.useOf(pool)),
  )
  const seatsNow = uses.map((use) => poolModel(use, language, words).text).join('; ')
  const link = `${parts.config.portalOrigin}/staff/explain?${queryOf(asked)}`
  const wording = { language, words, link, ...(seatsNow !== '' && { seatsNow }) }
  return { question, answer: explanationModel(told, wording) }
}

/** All pools with their use, the fullest first. */
async function poolModels(
  { state: { language, rulebook } }: GatewayContext,
  { pools, words }: ConsoleParts,
): Promise<PoolModel[]> {
  const found = allPools(rulebook.resources.values()).slice(0, limits.console.poolsAsked)
  const { poolsAtOnce } = limits.console
  const uses: PoolUse[] = []
  // A page of staff must not fill the store's queue before readers' own questions.
  for (let at = 0; at < found.length; at += poolsAtOnce) {
    const some = found.slice(at, at + poolsAtOnce)
    uses.push(...(await Promise.all(some.map((pool) => pools.useOf(pool)))))
  }
  return uses.map((use) => poolModel(use, language, words)).toSorted(byFullness)
}

/** The pool that the path names, with its use. */
async function namedPool(context: GatewayContext, { pools }: ConsoleParts): Promise<PoolUse> {
  // The router puts the parameters of its path onto the context, which Koa types as open.
  const name: unknown = context['params']?.pool
  const found = poolNamed(allPools(context.state.rulebook.resources.values()), String(name))
  if (found === undefined) throw new GatewayError('ERR_NOT_FOUND', 'no such pool')
  return pools.useOf(found)
}

function poolPageModel(context: GatewayContext, use: PoolUse, parts: ConsoleParts): PoolPageModel {
  const { session, language } = context.state
  const { timeZone } = parts.config.institution
  const query = new URLSearchParams(context.querystring)
  const asked = leaseOf(use, query.get('release') ?? '', context)
  const isEditor = parts.roleOf(context) === 'editor' && session !== undefined
  const notice = (['released', 'gone'] as const).find((word) => query.has(word))
  const { leases, waiting = 0 } = use
  const { holders } = limits.console
  return {
    pool: poolModel(use, language, parts.words),
    ...(leases && {
      holders: leases.slice(0, holders).map((lease) => holderModel(lease, context, timeZone)),
      ...moreOf(leases.length - holders, context, parts),
    }),
    ...(waiting > 0 && { waiting: parts.words.say(language, 'staff.waiting', { waiting }) }),
    ...(isEditor && {
      form: { field: formTokenField, token: parts.formToken(session) },
      ...(asked && { asked: holderModel(asked, context, timeZone) }),
    }),
    ...(notice && { notice }),
  }
}

function moreOf(
  count: number,
  { state }: GatewayContext,
  { words }: ConsoleParts,
): { readonly more?: string } {
  return count > 0 ? { more: words.say(state.language, 'staff.more', { more: count }) } : {}
}

function createSeatRelease(parts: ConsoleParts): Stage {
  return async (context) => {
    requireEditor(parts.roleOf(context))
    const fields = await parts.checkForm(context)
    const use = await namedPool(context, parts)
    const key = fields.get('holder') ?? ''
    const lease = leaseOf(use, key, context)
    const outcome = lease === undefined ? 'gone' : await releaseFor(context, lease, fields, parts)
    const query = outcome === 'unexplained' ? `release=${key}` : outcome
    goTo(context, `${parts.config.portalOrigin}/staff/seats/${use.name}?${query}`)
  }
}

/** The entry of the log comes first: what cannot be written down is not done. */
async function releaseFor(
  context: GatewayContext,
  { pool, holder }: Lease,
  fields: URLSearchParams,
  parts: ConsoleParts,
): Promise<'unexplained' | 'released' | 'gone'> {
  try {
    const doer = doerIn(context, fields)
    const act = { ...doer, action: 'seat-release', target: `pool ${pool}` } as const
    await recordAct(parts, { ...act, details: { holder } })
  } catch (error) {
    if (error instanceof FieldError) return 'unexplained'
    throw error
  }
  if (!(await parts.pools.release(pool, holder))) return 'gone'
  tellStaff(context, parts, { action: 'seat-release', pool })
  return 'released'
}
