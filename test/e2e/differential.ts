/**
 * The differential oracle: a publisher visited twice in Chromium, directly and through the gateway.
 * What the page shows, what the browser asks and complains of, and what the publisher hears must be
 * the same, with proxied hosts read as the hosts they stand for.
 *
 * Through the gateway the publisher's own names lead to a trap: whatever reaches it has escaped, be it
 * a request, a connection opened ahead of one, or a worker's, which no page reports. Differences that
 * must be are told in a ledger with their reasons; a row of it that nothing needs fails as well.
 * @module
 */
import type { ExecutionContext, TestFn } from 'ava'
import type { Page } from 'playwright-core'

import { createBrowser, type Reader } from '../support/browser.ts'
import type { Rule } from '../support/gateway.ts'
import { openCampus, type Campus } from './campus.ts'
import { startFront, type Answering, type Front } from './front.ts'
import { recordRequests, settled } from './request-log.ts'

/** A publisher of the test's own. */
export interface Publisher {
  /** The name below which all its hosts are. */
  readonly domain: string
  /** First labels of its hosts. */
  readonly names: readonly string[]
  /** Where readers begin. */
  readonly start: string
  readonly rule?: Rule
  readonly answering: Answering
}

/** One visit. */
export interface Visit {
  readonly page: Page
  readonly reader: Reader
  /** Where this reader finds a publisher's URL. */
  at(url: string): string
  /** Opens a publisher's URL. */
  open(url: string): Promise<void>
  /** Waits until nothing more is asked for. */
  quiet(): Promise<void>
}

/** What a visitor saw, by name. */
export type Sight = Readonly<Record<string, unknown>>

/** A difference that must be. */
export interface KnownDifference {
  /** The side that alone has the line. */
  readonly only: 'direct' | 'gateway'
  readonly line: RegExp
  readonly reason: string
}

/** What is done in both visits, what direct visitors must see, and how the others may differ. */
export interface Scenario<Seen extends Sight> {
  visit(visit: Visit): Promise<Seen>
  check(t: ExecutionContext, seen: Seen): void
  readonly known?: readonly KnownDifference[]
  /** A line without what chance puts into it at every visit. */
  steady?(line: string): string
}

/** A publisher in front of an open library. */
export interface Stage {
  /** Declares a test. */
  scenario<Seen extends Sight>(title: string, scenario: Scenario<Seen>): void
  /** Declares a test of what is known not to work: it fails when it does. */
  failing<Seen extends Sight>(title: string, scenario: Scenario<Seen>): void
}

/** What came of a visit: one line for each thing that was observed. */
interface Witness<Seen> {
  readonly seen: Seen
  readonly lines: readonly string[]
  /** Requests to the publisher's own hosts, as the browser tells them. */
  readonly toPublisher: readonly string[]
}

/** Opens publisher, library and both browsers; everything is closed after the tests. */
export async function openStage(
  test: Pick<TestFn, 'serial' | 'after'>,
  publisher: Publisher,
): Promise<Stage> {
  const hosts = publisher.names.map((name) => `${name}.${publisher.domain}`)
  const { campus, front, trap } = await openHouses(publisher, hosts)
  const place = (port: number) => ({ [`*.${publisher.domain}`]: `127.0.0.1:${port}` })
  const direct = createBrowser({ hosts: place(front.port), certificates: 'unchecked' })
  const proxied = campus.browser(place(trap.port))
  test.after.always(async () => {
    await Promise.all([direct.close(), proxied.close()])
    await campus.close()
  })
  const ways: Record<'direct' | 'gateway', Way> = {
    direct: { at: (url) => url, read: (text) => text, isOwn: () => false, hosts, front },
    gateway: {
      at: campus.proxied,
      read: readerOf(campus, hosts),
      // Sign-in, and the script that maps addresses built at run time.
      isOwn: (url) => url.startsWith(campus.portal) || new URL(url).pathname.startsWith(reserved),
      hosts,
      front,
    },
  }

  async function compare<Seen extends Sight>(t: ExecutionContext, scenario: Scenario<Seen>) {
    const { visit, check, known = [], steady = (line) => line } = scenario
    const one = await witness(t, await direct.newReader(), ways.direct, visit)
    check(t, one.seen)
    const reader = await proxied.newReader()
    await signIn(reader, campus)
    // What a scenario before this one left there was its own fault.
    trap.heard()
    trap.met()
    const other = await witness(t, reader, ways.gateway, visit)
    const escaped = [...other.toPublisher, ...trap.heard(), ...trap.met()]
    const [left, right] = [one, other].map(({ lines }) => new Set(lines.map(steady)))
    t.deepEqual(
      [
        ...escaped.map((what) => `escaped: ${what}`),
        ...[...one.lines, ...other.lines].filter((line) => elsewhere.test(line)),
        ...differences(left, right, known),
      ],
      [],
    )
  }
  return {
    scenario: (title, scenario) => test.serial(title, (t) => compare(t, scenario)),
    failing: (title, scenario) => test.serial.failing(title, (t) => compare(t, scenario)),
  }
}

/** A way to the publisher. */
interface Way {
  readonly at: Visit['at']
  /** Text with every proxied host as the host that it stands for. */
  readonly read: (text: string) => string
  /** Whether a URL is of the gateway itself. */
  readonly isOwn: (url: string) => boolean
  readonly hosts: readonly string[]
  readonly front: Front
}

const reserved = '/.darbaza/'

async function openHouses(publisher: Publisher, hosts: readonly string[]) {
  const fronts: Front[] = []
  const campus = await openCampus({
    ...publisher,
    id: publisher.domain.split('.')[0] ?? '',
    hosts,
    async serve(files) {
      const front = await startFront(files, publisher.answering)
      const trap = await startFront(files, { listener: (_, response) => response.destroy() })
      fronts.push(front, trap)
      return {
        port: front.port,
        async stop() {
          await Promise.all([front.stop(), trap.stop()])
        },
      }
    },
  })
  const [front, trap] = fronts
  if (front === undefined || trap === undefined) throw new Error('the publisher was not served')
  return { campus, front, trap }
}

const elsewhere = /: a (?:request|socket) to another host/

async function signIn(reader: Reader, campus: Campus): Promise<void> {
  await reader.page.goto(campus.portal)
  await reader.page.click('a.sign-in')
  await campus.signIn(reader)
  await reader.page.waitForURL(`${campus.portal}/**`)
  await reader.page.waitForLoadState()
}

/** Blobs are named by chance. */
const uuid = /[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g

async function witness<Seen extends Sight>(
  t: ExecutionContext,
  reader: Reader,
  way: Way,
  visit: Scenario<Seen>['visit'],
): Promise<Witness<Seen>> {
  const { context, page } = reader
  way.front.heard()
  const log = recordRequests(context, way)
  try {
    const open = async (url: string) => void (await page.goto(way.at(url)))
    const quiet = () => settled(context, log)
    const seen = await visit({ page, reader, at: way.at, open, quiet })
    await quiet()
    const texts = [
      ...log.asked,
      ...leavesOf('seen', seen),
      // Sign-in announces what need not come again.
      ...reader
        .faults()
        .flatMap((fault) => (fault.startsWith('did not come') ? [] : `fault: ${fault}`)),
      ...way.front.heard().map((request) => `heard: ${request}`),
    ]
    const lines = texts.map((text) => way.read(text).replaceAll(uuid, 'uuid'))
    return { seen, lines, toPublisher: log.toPublisher }
  } catch (error) {
    const text = await page.innerText('body', { timeout: 1000 }).catch(() => '')
    t.log(page.url(), reader.faults(), log.asked.slice(-20), text.slice(0, 600))
    throw error
  } finally {
    await context.close()
  }
}

/** One line for each value in it, with the way to it. */
function leavesOf(path: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`${path}: ${String(value)}`]
  return Object.entries(value).flatMap(([name, part]) => leavesOf(`${path} ${name}`, part))
}

function readerOf({ proxied }: Campus, hosts: readonly string[]): Way['read'] {
  const pairs = hosts.map((host) => [new URL(proxied(`https://${host}/`)).host, host] as const)
  const names = pairs.flatMap(([authority, host]) =>
    // A colon may be escaped, and scripts may look at the name alone.
    [authority, encodeURIComponent(authority), authority.replace(/:.*/, '')].map(
      (name) => [name, host] as const,
    ),
  )
  return (text) => {
    const read = names.reduce((done, [name, host]) => done.replaceAll(name, host), text)
    // Policies allow the script that maps addresses, and browsers quote them.
    return hosts.reduce((done, host) => done.replaceAll(` https://${host}${reserved}`, ''), read)
  }
}

/** Lines of one side alone that no row of the ledger tells of, and rows that tell of none. */
function differences(
  direct: ReadonlySet<string> = new Set(),
  gateway: ReadonlySet<string> = new Set(),
  ledger: readonly KnownDifference[],
): string[] {
  const found = [
    ...[...direct.difference(gateway)].map((line) => ({ only: 'direct', line })),
    ...[...gateway.difference(direct)].map((line) => ({ only: 'gateway', line })),
  ]
  const tells = (row: KnownDifference, { only, line }: { only: string; line: string }) =>
    row.only === only && row.line.test(line)
  return [
    ...found
      .filter((each) => !ledger.some((row) => tells(row, each)))
      .map(({ only, line }) => `${only} alone: ${line}`),
    ...ledger
      .filter((row) => !found.some((each) => tells(row, each)))
      .map(({ only, line, reason }) => `no longer: ${only} ${String(line)} (${reason})`),
  ].toSorted()
}

/** The cookies that the page's scripts see. */
export async function scriptCookies(page: Page): Promise<string[]> {
  const text = await page.evaluate<string>('document.cookie')
  return text.split('; ').toSorted()
}
