/**
 * Rewriting cases: a file of JSON lines whose first line tells the host mapping and whose other
 * lines are one case each.
 * @module
 */
import { readFileSync } from 'node:fs'

import type { HostRule, Resource } from '../../src/core/resource.ts'
import { createHostMap } from '../../src/hosts/map.ts'

/** A text to contain or not to contain. */
export type Assertion = { readonly mustContain: string } | { readonly mustNotContain: string }

/** One line of the file. */
export interface ConformanceCase {
  readonly id: string
  readonly area: string
  readonly contentType: string
  readonly upstreamUrl: string
  readonly input: string
  readonly expected: string | readonly Assertion[]
  readonly why: string
  readonly options?: {
    readonly injectShim?: boolean
    readonly secFetchDest?: string
    readonly rewriteBareHosts?: boolean
    readonly encodeBody?: string
    readonly session?: 'valid' | 'none'
    readonly gatewayCookies?: readonly string[]
    readonly [other: string]: unknown
  }
}

/** Runs one case; resolves to what is wrong, or to undefined when nothing is. */
export type CaseRunner = (
  testCase: ConformanceCase,
  suite: ConformanceSuite,
) => Promise<string | undefined>

/** The cases and the hosts they speak of. */
export interface ConformanceSuite {
  readonly cases: readonly ConformanceCase[]
  readonly resources: readonly Resource[]
  readonly zoneOrigin: string
  readonly hosts: ReturnType<typeof createHostMap>
  /** Upstream authority to authority in the zone, as the file's first line has it. */
  readonly encoded: Readonly<Record<string, string>>
}

interface FirstLine {
  readonly mapping: {
    readonly apex: string
    readonly knownHosts: {
      readonly exact: readonly string[]
      readonly domainWithApex: readonly string[]
      readonly subdomainsOnly: readonly string[]
    }
    readonly encoded: Readonly<Record<string, string>>
  }
}

/** Reads a file of cases; every known host is of one resource. */
export function readConformanceSuite(file: string): ConformanceSuite {
  const [first = '', ...lines] = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  // The file is part of the tests; a wrong shape shows as a failed case.
  const { mapping }: FirstLine = JSON.parse(first)
  const { exact, domainWithApex, subdomainsOnly } = mapping.knownHosts
  const rules = [
    ...exact.map((host) => ruleOf(host, 'exact')),
    ...domainWithApex.map((host) => ruleOf(host, 'domain')),
    ...subdomainsOnly.map((host) => ruleOf(host, 'subdomains')),
  ]
  const resources = [resourceWith(rules)]
  const zoneOrigin = `https://${mapping.apex}`
  return {
    cases: lines.map((line): ConformanceCase => JSON.parse(line)),
    resources,
    zoneOrigin,
    hosts: createHostMap({ resources, zoneOrigin }),
    encoded: mapping.encoded,
  }
}

/** Cases that are known to fail, by their ids, each with the reason. */
export function readLedger(): ReadonlyMap<string, string> {
  const file = new URL('../golden/expected-failures.json', import.meta.url)
  // The file is part of the tests; a wrong shape shows there.
  const entries: Record<string, string> = JSON.parse(readFileSync(file, 'utf8'))
  return new Map(Object.entries(entries))
}

/** A resource with these hosts, open to every student and staff member. */
export function resourceWith(hosts: readonly HostRule[], id = 'conformance'): Resource {
  return {
    id,
    file: `rules/${id}.yaml`,
    title: { en: id },
    description: {},
    provider: 'Test',
    subjects: [],
    startUrl: `https://${hosts[0]?.host ?? 'www.example.com'}/`,
    hosts,
    licence: {
      graceDays: 0,
      categories: ['student', 'staff'],
      groups: [],
      remote: 'anywhere',
      sites: [],
      pool: id,
      seatIdleSeconds: 600,
    },
    isOpen: true,
  }
}

/** A host rule under https from `host` or `host:port`. */
export function ruleOf(authority: string, match: HostRule['match']): HostRule {
  const [host = '', port] = authority.split(':')
  const rule = { host, match, scheme: 'https' } as const
  return port === undefined ? rule : { ...rule, port: Number(port) }
}

/** What the expectation finds wrong with an output; undefined when nothing. */
export function compare(
  expected: string | readonly Assertion[],
  actual: string,
): string | undefined {
  if (typeof expected === 'string') {
    return actual === expected
      ? undefined
      : `expected ${show(expected)}\n     found ${show(actual)}`
  }
  const wrong = expected.flatMap((assertion) => {
    if ('mustContain' in assertion) {
      return actual.includes(assertion.mustContain) ? [] : [`lacks ${show(assertion.mustContain)}`]
    }
    return actual.includes(assertion.mustNotContain)
      ? [`has ${show(assertion.mustNotContain)}`]
      : []
  })
  return wrong.length === 0 ? undefined : `${wrong.join(', ')} in ${show(actual)}`
}

/** Runs a case of the host map: a URL, or a Host header. */
export const runHostCase: CaseRunner = (testCase, { hosts }) => {
  const actual =
    testCase.contentType === 'text/x-host-map'
      ? (hosts.mapUrl(testCase.input) ?? testCase.input)
      : (hosts.upstreamOf(testCase.input)?.authority ?? 'REJECT')
  return Promise.resolve(compare(testCase.expected, actual))
}

function show(text: string): string {
  return JSON.stringify(text.length > 2000 ? `${text.slice(0, 2000)}…` : text)
}

/** A header line in lower case, as HTTP/2 and undici write them, in the spelling of the cases. */
export function trainCased(line: string): string {
  const name = /^[a-z-]+(?=:)/.exec(line)?.[0]
  return name === undefined
    ? line
    : name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()) + line.slice(name.length)
}
