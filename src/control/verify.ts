/**
 * Verifies the audit log: walks the chain from its beginning, and holds what is in force against what
 * the log says.
 * @module
 */
import type { Clock } from '../core/clock.ts'
import type { ControlState, ControlStore, LogHead, LogRow } from '../store/contract.ts'
import { entryOf, rowsOf, rowTrouble, type AuditEntry } from './audit.ts'
import { digestOf } from './canonical.ts'

/** What came of it; `broken` is the first entry or fact that is not as it was written. */
export interface Verification {
  readonly head: LogHead
  readonly entries: number
  readonly broken?: { readonly sequence?: number; readonly message: string }
}

/** What is walked through, and by whose clock overrides have ended. */
export interface VerifyParts {
  readonly control: ControlStore
  readonly clock: Clock
}

/**
 * Walks the whole log; with `known`, a head that was seen before, that one must be in it. Entries
 * that come while it walks are no trouble.
 */
export async function verifyAudit(parts: VerifyParts, known?: LogHead): Promise<Verification> {
  const { control } = parts
  const state = await control.state()
  const said = new Said()
  let at: LogHead = { sequence: 0, hash: '' }
  for await (const row of rowsOf(control)) {
    if (at.sequence === state.log.sequence) break
    const message = rowTrouble(row, at) ?? headTrouble(row, known)
    if (message !== undefined) return { head: at, entries: at.sequence, ...broken(at, message) }
    const entry = entryOf(row)
    if (entry !== undefined) said.hear(entry)
    at = { sequence: row.sequence, hash: row.hash }
  }
  const message =
    endTrouble(at, state, known) ??
    said.trouble(state) ??
    (await setsTrouble(parts, said)) ??
    (await overridesTrouble(parts, said))
  const outcome = { head: at, entries: at.sequence }
  return message === undefined ? outcome : { ...outcome, broken: { message } }
}

function broken({ sequence }: LogHead, message: string) {
  return { broken: { sequence: sequence + 1, message } }
}

function headTrouble(row: LogRow, known: LogHead | undefined): string | undefined {
  const isAsked = known !== undefined && known.sequence === row.sequence
  return isAsked && known.hash !== row.hash ? 'its hash is not the one that was noted' : undefined
}

function endTrouble(at: LogHead, { log }: ControlState, known?: LogHead): string | undefined {
  if (at.sequence < log.sequence) return `entries ${at.sequence + 1} to ${log.sequence} are missing`
  if (at.hash !== log.hash) return 'the last entry is not the one that the store has noted'
  if (known === undefined || known.sequence <= at.sequence) return undefined
  return `entries ${at.sequence + 1} to ${known.sequence} are missing, the last of which was noted`
}

/** An override that the log has begun and not ended. */
interface SaidOverride {
  readonly hash: string
  /** Epoch milliseconds; after it the store may have forgotten the override. */
  readonly endsAt: number
}

/** The rule sets and overrides in force, as the log tells them. */
class Said {
  readonly sets = new Map<number, string>()
  readonly overrides = new Map<number, SaidOverride>()
  version = 0
  overridesAt = 0

  hear({ action, sequence, details }: AuditEntry): void {
    const { version, hash, override, until } = details
    switch (action) {
      case 'publish':
      case 'rollback':
        this.version = Number(version)
        this.sets.set(this.version, String(hash))
        return
      case 'override-add':
        this.overridesAt = sequence
        this.overrides.set(sequence, { hash: String(hash), endsAt: Date.parse(String(until)) })
        return
      case 'override-end':
        this.overridesAt = sequence
        this.overrides.delete(Number(override))
        return
      // Nothing is in force by these.
      case 'seat-release':
      case 'report-end':
      case 'usage-export':
      case 'usage-erase':
    }
  }

  trouble({ rules, overridesAt }: ControlState): string | undefined {
    if (rules.version !== this.version || rules.hash !== (this.sets.get(this.version) ?? '')) {
      return `version ${rules.version} is in force, the log says ${this.version}`
    }
    if (overridesAt === this.overridesAt) return undefined
    return `overrides were changed by entry ${overridesAt}, the log says ${this.overridesAt}`
  }
}

/** Whether the sets that are kept, and the one in force above all, are those of the log. */
async function setsTrouble({ control }: VerifyParts, said: Said): Promise<string | undefined> {
  for (const { version } of await control.sets()) {
    const set = await control.set(version)
    // It may have been let go since it was listed, or be newer than the walk.
    if (set === undefined || version > said.version) continue
    if (said.sets.get(version) !== digestOf(set.body)) {
      return `rule set ${version} is not the one that was published`
    }
  }
  if (said.version === 0 || (await control.set(said.version)) !== undefined) return undefined
  const { rules } = await control.state()
  return rules.version === said.version ? `rule set ${said.version} is missing` : undefined
}

/** Whether the overrides that are kept are those of the log, no more and no fewer. */
async function overridesTrouble(
  { control, clock }: VerifyParts,
  said: Said,
): Promise<string | undefined> {
  const kept = new Map((await control.overrides()).map(({ id, body }) => [id, body]))
  const now = clock.now()
  for (const [id, body] of kept) {
    // It may be newer than the walk.
    if (id <= said.overridesAt && said.overrides.get(id)?.hash !== digestOf(body)) {
      return `override ${id} is not as it was made`
    }
  }
  const missing = [...said.overrides].find(([id, { endsAt }]) => endsAt > now && !kept.has(id))
  const added = [...kept.keys()].find((id) => id > said.overridesAt)
  // Somebody may have begun or ended one since the walk.
  if ((await control.state()).overridesAt !== said.overridesAt) return undefined
  if (missing !== undefined) return `override ${missing[0]} is missing`
  return added === undefined ? undefined : `override ${added} is none that the log tells of`
}
