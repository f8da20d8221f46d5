/**
 * Putting rules into force: a new set from the files, or an earlier one again. Either is validated
 * whole, compared with the set that is in force, and committed with its entry of the audit log.
 * @module
 */
import { timeOrderedId } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import type { Finding } from '../core/findings.ts'
import { limits } from '../core/limits.ts'
import { readRules, rulebookOf, sourceOfFiles, type ReadRules } from '../rulebook.ts'
import type { ControlState, ControlStore, SetHead } from '../store/contract.ts'
import type { AuditAct, Doer } from './audit.ts'
import { digestOf } from './canonical.ts'
import { differences, noRules, type Differences } from './changes.ts'
import { commitPlan } from './commit.ts'
import { readHead, type ControlParts } from './published.ts'
import { aboutOf, decodeSet, encodeSet, type AboutSet } from './rule-set.ts'

/** A set that may be put into force, and what that would change. */
export interface PreparedSet {
  readonly body: string
  readonly hash: string
  /** The set that it was compared with: it is put into force in place of that one alone. */
  readonly before: SetHead
  readonly differences: Differences
  readonly warnings: readonly Finding[]
  /** The version that it brings back. */
  readonly of?: number
}

/** A version of the history. */
export interface HistoryEntry extends SetHead {
  /** Absent when the store holds something else there. */
  readonly about?: AboutSet
}

/**
 * Reads the files and compares them with the set in force.
 *
 * @throws {FindingsError} `ERR_RULE` with every mistake of the rules.
 * @throws {GatewayError} `ERR_STORE_AWAY`, `ERR_HOST`, `ERR_ADDRESS_RANGE`
 */
export async function prepareSet(parts: ControlParts): Promise<PreparedSet> {
  const { control, config } = parts
  const source = sourceOfFiles(config)
  const rules = readRules(source, config)
  rulebookOf(rules, config)
  const { rules: before } = await control.state()
  const body = encodeSet(source, config)
  return {
    body,
    hash: digestOf(body),
    before,
    differences: differences(await rulesOf(parts, before), rules),
    warnings: rules.warnings,
  }
}

/**
 * Finds an earlier set and compares it with the one in force; without a version it is the newest
 * that differs from it.
 *
 * @throws {GatewayError} `ERR_NOT_FOUND` when there is none, `ERR_STORE_DATA` when it is damaged;
 * `ERR_RULE` when it would not do for this configuration any more.
 */
export async function prepareRollback(parts: ControlParts, version?: number): Promise<PreparedSet> {
  const { control, config } = parts
  const { rules: before } = await control.state()
  const facts = (await control.sets()).find((set) =>
    version === undefined
      ? set.version < before.version && set.hash !== before.hash
      : set.version === version,
  )
  const stored = facts && (await control.set(facts.version))
  if (stored === undefined) {
    const wanted = version === undefined ? 'no earlier version is' : `version ${version} is not`
    throw new GatewayError(
      'ERR_NOT_FOUND',
      `${wanted} kept; "darbaza history" lists those that are`,
    )
  }
  const rules = readRules(decodeSet(stored, config), config)
  rulebookOf(rules, config)
  return {
    body: stored.body,
    hash: stored.hash,
    before,
    differences: differences(await rulesOf(parts, before), rules),
    warnings: rules.warnings,
    of: stored.version,
  }
}

/**
 * Puts a prepared set into force and answers its version.
 *
 * @throws {GatewayError} `ERR_BAD_REQUEST` when another set was put into force since it was prepared.
 */
export async function putIntoForce(
  { control, clock }: Pick<ControlParts, 'control' | 'clock'>,
  set: PreparedSet,
  { by, why }: Doer,
): Promise<number> {
  const { body, hash, before, differences: told, of } = set
  const version = before.version + 1
  const at = clock.now()
  const id = timeOrderedId(at)
  const action = of === undefined ? 'publish' : 'rollback'
  const ofPart = of === undefined ? {} : { of }
  const changes = boundedLines(told)
  const act: AuditAct = {
    id,
    at,
    by,
    why,
    action,
    target: `version ${version}`,
    details: { version, hash, summary: told.summary, changes, ...ofPart },
  }
  const { summary } = told
  const about = JSON.stringify({ at, by, why, summary, changes, ...ofPart } satisfies AboutSet)
  await commitPlan(control, async (state) => {
    refuseOvertaken(state, before)
    return { act, effect: { kind: 'rules', set: { version, hash, about, body } } }
  })
  return version
}

/** The versions that are kept, the newest first. */
export async function historyOf(control: ControlStore): Promise<readonly HistoryEntry[]> {
  return (await control.sets()).map(({ version, hash, about: text }) => {
    const about = aboutOf({ about: text })
    return { version, hash, ...(about && { about }) }
  })
}

/** The rules of a set; those of one that is damaged cannot be compared and count as none. */
async function rulesOf(
  parts: ControlParts,
  head: SetHead,
): Promise<Pick<ReadRules, 'resources' | 'networks'>> {
  if (head.version === 0) return noRules
  try {
    return await readHead(parts, head)
  } catch (error) {
    if (error instanceof GatewayError && error.code !== 'ERR_STORE_AWAY') return noRules
    throw error
  }
}

function refuseOvertaken({ rules }: ControlState, before: SetHead): void {
  if (rules.version === before.version && rules.hash === before.hash) return
  const message = `version ${rules.version} was put into force meanwhile, in place of ${before.version}: nothing was changed; look at the differences anew`
  throw new GatewayError('ERR_BAD_REQUEST', message)
}

function boundedLines({ lines }: Differences): string[] {
  const { changeLines, nameChars } = limits.control
  const shown = lines
    .slice(0, changeLines)
    .map((line) => (line.length > nameChars ? `${line.slice(0, nameChars - 1)}…` : line))
  return lines.length > changeLines ? [...shown, `${lines.length - changeLines} more`] : shown
}
