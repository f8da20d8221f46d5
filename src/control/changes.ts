/**
 * What one set of rules changes against another, in words: a line for each change, and one that sums
 * them up. The table below has a row for each kind of change; what it does not name is told by the
 * name of its setting, so that nothing changes without a line.
 * @module
 */
import type { NetworkConfig } from '../config/config.ts'
import type { HostRule, Resource } from '../core/resource.ts'
import { networkChanges } from './network-changes.ts'
import { licenceChanges } from './licence-changes.ts'
import { counted, listed, type Change } from './words.ts'

/** Rules as they are compared. */
export interface ComparedRules {
  readonly resources: readonly Resource[]
  readonly networks: readonly NetworkConfig[]
}

/** The differences in words. */
export interface Differences {
  /** `opens 3 hosts, adds 5 seats`; `changes nothing` when there are none. */
  readonly summary: string
  readonly lines: readonly string[]
}

/** Nothing at all: what the first set is compared with. */
export const noRules: ComparedRules = { resources: [], networks: [] }

/** What `after` changes against `before`. */
export function differences(before: ComparedRules, after: ComparedRules): Differences {
  const changes = [
    ...resourceChanges(before.resources, after.resources),
    ...networkChanges(before.networks, after.networks),
  ]
  return { summary: summaryOf(changes), lines: changes.map(({ line }) => line) }
}

function resourceChanges(before: readonly Resource[], after: readonly Resource[]): Change[] {
  const old = new Map(before.map((resource) => [resource.id, resource]))
  const kept = new Set(after.map(({ id }) => id))
  return [
    ...before.filter(({ id }) => !kept.has(id)).map(removed),
    ...after.flatMap((resource) => {
      const was = old.get(resource.id)
      return was === undefined ? [added(resource)] : changesOf(was, resource)
    }),
  ]
}

function added({ id, hosts, licence, isOpen }: Resource): Change {
  const { seats, untilOn, categories, groups, remote } = licence
  const facts = [
    counted(hosts.length, 'host'),
    seats === undefined ? 'no limit of seats' : counted(seats, 'seat'),
    `for ${listed([...categories, ...groups])}`,
    remote === 'anywhere' ? '' : remote,
    untilOn === undefined ? 'without end' : `until ${untilOn}`,
    isOpen ? '' : 'closed for now',
  ]
  const line = `adds ${id}: ${facts.filter((fact) => fact !== '').join(', ')}`
  return { line, counts: { 'adds|resource': 1, 'opens|host': hosts.length } }
}

function removed({ id, hosts }: Resource): Change {
  const line = `removes ${id}, which closes ${counted(hosts.length, 'host')}`
  return { line, counts: { 'removes|resource': 1, 'closes|host': hosts.length } }
}

/** The rows of the table: each compares one thing of a resource that was there before. */
const comparisons: readonly ((was: Resource, is: Resource) => readonly Change[])[] = [
  openingChanges,
  hostChanges,
  licenceChanges,
  settingChanges,
  rewritingChanges,
]

function changesOf(was: Resource, is: Resource): Change[] {
  return comparisons.flatMap((compare) => compare(was, is))
}

function openingChanges(was: Resource, { id, isOpen }: Resource): Change[] {
  if (was.isOpen === isOpen) return []
  return isOpen
    ? [{ line: `opens ${id}, which was closed`, counts: { 'opens|resource': 1 } }]
    : [{ line: `closes ${id} to everybody`, counts: { 'closes|resource': 1 } }]
}

function hostChanges(was: Resource, { id, hosts }: Resource): Change[] {
  const before = new Map(was.hosts.map((rule) => [hostText(rule), rule]))
  const after = new Map(hosts.map((rule) => [hostText(rule), rule]))
  const opened = [...after.keys()].filter((text) => !before.has(text))
  const closed = [...before.keys()].filter((text) => !after.has(text))
  const rescheduled = [...after].filter(
    ([text, rule]) => (before.get(text)?.scheme ?? rule.scheme) !== rule.scheme,
  )
  return [
    ...hostLine('opens', opened, `of ${id}`),
    ...hostLine('closes', closed, `of ${id}`),
    ...rescheduled.map(([text, { scheme }]) => ({
      line: `asks ${text} of ${id} by ${scheme}`,
      counts: { 'changes|host': 1 },
    })),
  ]
}

function hostLine(verb: 'opens' | 'closes', texts: readonly string[], of: string): Change[] {
  if (texts.length === 0) return []
  const line = `${verb} ${counted(texts.length, 'host')} ${of}: ${listed(texts)}`
  return [{ line, counts: { [`${verb}|host`]: texts.length } }]
}

function hostText({ host, match, port }: HostRule): string {
  const name = { exact: host, domain: `${host} and all below it`, subdomains: `*.${host}` }[match]
  return port === undefined ? name : `${name}:${port}`
}

/** Told by the other rows, or not changed by anybody. */
const toldElsewhere = new Set(['id', 'file', 'hosts', 'licence', 'isOpen', 'rewriting'])

/** What readers see, where they begin, and whatever else a rule says, by the name of its setting. */
function settingChanges(was: Resource, is: Resource): Change[] {
  const [before, after] = [entriesOf(was), entriesOf(is)]
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => !toldElsewhere.has(key) && !isSame(before.get(key), after.get(key)))
    .map((key) => otherChange(is.id, key === 'startUrl' ? 'start' : key))
}

function rewritingChanges(was: Resource, is: Resource): Change[] {
  const [before, after] = [entriesOf(was.rewriting ?? {}), entriesOf(is.rewriting ?? {})]
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => !isSame(before.get(name), after.get(name)))
    .map((name) => otherChange(is.id, `rewriting.${name}`))
}

function entriesOf(settings: object): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>(Object.entries(settings))
}

function otherChange(id: string, setting: string): Change {
  return { line: `changes ${setting} of ${id}`, counts: { 'changes|setting': 1 } }
}

/** Functions of compiled options are left out: what was written stands beside them. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

/** `adds 1 resource, opens 3 hosts, adds 5 seats`. */
function summaryOf(changes: readonly Change[]): string {
  const totals = new Map<string, number>()
  for (const { counts } of changes) {
    for (const [key, count] of Object.entries(counts)) {
      totals.set(key, (totals.get(key) ?? 0) + count)
    }
  }
  const parts = [...totals].map(([key, count]) => {
    const [verb = '', noun = ''] = key.split('|')
    return `${verb} ${counted(count, noun)}`
  })
  return parts.length === 0 ? 'changes nothing' : parts.join(', ')
}
