/**
 * A staff console on loopback for tests: the delivered configuration and rules with a few networks
 * and rules more, the real listener, store, sessions and forms. Who asks is chosen by the cookie
 * `reader`, from where by the header `x-address`.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { request, type Dispatcher } from 'undici'

import type { ConsoleConfig } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { createRoleOf, createStaffGate } from '../../src/console/staff.ts'
import { holdRules } from '../../src/control/in-force.ts'
import { prepareSet, putIntoForce } from '../../src/control/publish.ts'
import { systemClock, timeOrderedId } from '../../src/core/clock.ts'
import type { Stage } from '../../src/core/context.ts'
import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import { addressIssuer, type Patron, type Session } from '../../src/core/types.ts'
import { createForms } from '../../src/identity/forms.ts'
import { createSessions } from '../../src/identity/sessions.ts'
import { gatherUnmatched } from '../../src/identity/unmatched-values.ts'
import { createLinkRecords } from '../../src/links/books.ts'
import type { LinkChecker } from '../../src/links/check.ts'
import { createLinks } from '../../src/links/links.ts'
import { createApplication } from '../../src/listener/application.ts'
import { createWords } from '../../src/locales/words.ts'
import { createAnswers } from '../../src/pages/answers.ts'
import { createAssets } from '../../src/pages/assets.ts'
import { createLanguageSwitch, languageOf } from '../../src/pages/language.ts'
import { createProblemPages } from '../../src/pages/problem-pages.ts'
import { createShell } from '../../src/pages/shell.ts'
import { createPools } from '../../src/policy/pools.ts'
import { createSeatKeeper } from '../../src/policy/seat-keeper.ts'
import { createPortalStage } from '../../src/portal/routes.ts'
import { createSushi } from '../../src/reports/sushi/sushi.ts'
import { staffPages } from '../../src/showing.ts'
import { openStore } from '../../src/store/open.ts'
import { createFigures } from '../../src/usage/figures.ts'
import { until } from '../support/gateway.ts'

const root = join(import.meta.dirname, '../..')

const elsewhere = 'https://elsewhere.example'

/** The provider whose word on staff counts unless another one is named. */
export const issuer = 'https://login.example.edu/realms/university'

const from = (name: string, more: Partial<Patron>): Patron => ({
  issuer,
  subject: name,
  categories: ['staff'],
  groups: [],
  ...more,
})

/** Everybody who comes, by the value of the cookie `reader`. */
export const readers = {
  student: from('student', { categories: ['student'], groups: ['students'] }),
  /** Of the library, but in no group that the configuration names. */
  colleague: from('colleague', { groups: ['Library-Staff', 'library', 'library-staff-2'] }),
  viewer: from('viewer', { groups: ['library-staff'] }),
  editor: from('editor', { groups: ['all', 'library-licences'] }),
  /** Named by the subject. */
  director: from('f3b1', {}),
  /** Of another provider, which may call a group what it likes, and itself with a slash. */
  foreigner: from('f3b1', { issuer: `${elsewhere}/`, groups: ['library-licences'] }),
  /** Admitted by a library computer's address. */
  computer: from('f3b1', { issuer: addressIssuer, groups: ['library-licences'] }),
} as const satisfies Record<string, Patron>

/** Somebody who comes; `nobody` has not signed in. */
export type Reader = keyof typeof readers | 'nobody'

/** Who is staff in most tests. */
export const staff: ConsoleConfig = {
  viewers: { groups: ['library-staff'], subjects: [] },
  editors: { groups: ['library-licences'], subjects: ['f3b1'] },
  networks: [],
}

/** One answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** What is asked besides the path. */
export interface Ask {
  readonly as?: Reader
  readonly method?: Dispatcher.HttpMethod
  readonly address?: string
  readonly form?: Record<string, string>
  readonly headers?: Record<string, string>
}

/** Rules and settings in a folder of their own; `rules` come on top of the delivered ones. */
export function writeFolder(rules: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-console-'))
  for (const part of ['config', 'rules']) {
    cpSync(join(root, part), join(folder, part), { recursive: true })
  }
  const file = join(folder, 'config/gateway.yaml')
  const networks = `networks:
  - { name: reading-room, ranges: [198.18.0.0/24], site: main, channel: onsite, treatment: auto-login, category: walk-in }
  - { name: publisher-lines, ranges: [198.51.100.0/24], channel: onsite, treatment: direct }
  - { name: blocked, ranges: [203.0.113.66], channel: remote, treatment: reject }
  - { name: office, ranges: [198.18.5.0/24], channel: onsite }`
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^networks:(?: \[\])?$/m, networks))
  for (const [id, text] of Object.entries(rules)) {
    writeFileSync(join(folder, `rules/${id}.yaml`), text)
  }
  return folder
}

const nothing = () => undefined

/** Starts a console; `events` tells what was said on the bus. */
export async function startConsole(
  options: {
    readonly staff?: ConsoleConfig | 'none'
    readonly rules?: Record<string, string>
  } = {},
) {
  const folder = writeFolder(options.rules)
  // Longer than a test on a busy machine pauses: a client may be just about to use the connection.
  const server = createServer({ keepAliveTimeout: 60_000 })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = typeof bound === 'object' ? (bound?.port ?? 0) : 0
  const portalOrigin = `http://library.localhost:${port}`
  const configFile = join(folder, 'config/gateway.yaml')
  const env = { DARBAZA_CLIENT_SECRET: 'a secret of this test' }
  const config = { ...loadConfig(configFile, { env }), portalOrigin }
  const clock = systemClock
  const store = openStore(config.store, clock)
  const keeper = createSeatKeeper({ seats: store.seats, clock })
  const sessions = createSessions({ config: config.identity, records: store.records, clock })
  const visits = new Map<string, Session>()
  for (const [name, patron] of Object.entries(readers)) {
    visits.set(name, (await sessions.begin({ patron })).session)
  }
  const forms = createForms(portalOrigin, sessions)
  const events: GatewayEvent[] = []
  const bus = createEventBus((error) => {
    throw error
  })
  bus.listen((event) => events.push(event))
  const control = { config, control: store.control, clock }
  const rules = holdRules({
    ...control,
    bus,
    onWarning: nothing,
    onSuspended: nothing,
    onChange: nothing,
  })
  await rules.start()
  const { timeZone } = config.institution
  const providers = config.identity.providers.map(({ id }) => ({ id, claims: { values: {} } }))
  const unmatched = gatherUnmatched({ records: store.records, clock, bus, timeZone, providers })

  const links = createLinks({ config, store, clock })
  const asked: string[] = []
  /** Goes no way: what was known of the first resource is what is found. */
  const checker: Pick<LinkChecker, 'runAll'> = {
    async runAll({ resources }, ids, onChecked) {
      asked.push(...ids)
      const [before] = (await links.overview(resources.values())).standings
      if (before !== undefined) onChecked({ before, after: before })
    },
  }
  const assets = createAssets()
  const { institution } = config
  const shell = createShell({ words: createWords(), assets, institution, portalOrigin })
  const parts = {
    config: options.staff === 'none' ? undefined : (options.staff ?? staff),
    providers: [
      { id: 'university', issuer },
      { id: 'elsewhere', issuer: elsewhere },
    ],
    portalOrigin,
  }
  const roleOf = createRoleOf(parts)
  const answers = createAnswers({
    issuers: [issuer],
    identityStatus: () => 'ready',
    isStaff: (context) => roleOf(context) !== undefined,
  })
  const figures = createFigures({
    store,
    clock,
    timeZone: config.institution.timeZone,
    keepDays: 365,
    onUnreadable: () => undefined,
  })
  const pages = staffPages(
    {
      config: { ...config, links: { isChecked: true } },
      log: { warn: nothing },
      bus,
      rules,
      store,
      figures,
      pools: createPools({ seats: store.seats, keeper }),
      identity: {
        formToken: (session) => forms.token(session),
        checkForm: (context) => forms.check(context),
        status: () => 'ready',
      },
      unmatched,
      sushi: createSushi({ config, store, clock, bus }),
      links: { ...links, checker },
    },
    shell,
    { answers, roleOf },
  )
  const who: Stage = async (context, next) => {
    const { state } = context
    state.place = rules.current().placeOf(context.get('x-address') || '203.0.113.5')
    const session = visits.get(context.cookies.get('reader') ?? '')
    if (session !== undefined) state.session = session
    await next()
  }
  const { onRequest } = createApplication({
    portalOrigin,
    pipeline: pipelineOf([
      assets.stage,
      createLanguageSwitch(portalOrigin),
      who,
      createStaffGate(parts, roleOf, createPortalStage(pages)),
    ]),
    rulebook: () => rules.current(),
    clientAddress: () => '127.0.0.1',
    languageOf,
    pages: createProblemPages(shell),
    bus,
    clock,
  })
  server.on('request', onRequest)

  return {
    portalOrigin,
    configFile,
    folder,
    store,
    events,
    async ask(path: string, { as, method, address, form, headers }: Ask = {}): Promise<Answer> {
      const answer = await request(`http://127.0.0.1:${port}${path}`, {
        method: method ?? (form === undefined ? 'GET' : 'POST'),
        headers: {
          host: `library.localhost:${port}`,
          accept: 'text/html',
          'accept-language': 'en',
          ...(as && as !== 'nobody' && { cookie: `reader=${as}` }),
          ...(address && { 'x-address': address }),
          ...(form && {
            'content-type': 'application/x-www-form-urlencoded',
            origin: portalOrigin,
          }),
          ...headers,
        },
        ...(form && { body: new URLSearchParams(form).toString() }),
      })
      return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() }
    },
    rules,
    control,
    linkRecords: createLinkRecords(store.records),
    linkReports: links.reports,
    /** Resources whose links were asked for now. */
    asked,
    /** A sign-in with values that the table of meanings lacks. */
    async seen(...values: readonly string[]): Promise<void> {
      const at = clock.now()
      const told = { id: timeOrderedId(at), at, reference: 'r', outcome: 'success' } as const
      bus.emit({ kind: 'sign-in', ...told, provider: 'university', unmatched: values })
      await unmatched.flush()
    },
    /** Publishes what the files say, and waits until it is in force here. */
    async publish(why: string): Promise<number> {
      const doer = { by: 'Aida', why }
      const version = await putIntoForce(control, await prepareSet(control), doer)
      await until(() => rules.facts().version === version, `version ${version} is not in force`)
      return version
    },
    async hold(pool: string, holder: string, idleMs = 900_000): Promise<void> {
      await store.seats.acquire({ pool, holder, seats: 100, idleMs })
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rules.stop()
      await store.close()
      rmSync(folder, { recursive: true })
    },
  }
}

function pipelineOf(stages: readonly Stage[]): Stage {
  return async (context) => {
    const run = async (index: number): Promise<void> =>
      stages[index]?.(context, () => run(index + 1))
    await run(0)
  }
}
