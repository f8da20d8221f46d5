/**
 * `publish`, `rollback` and `history`: rules put into force, told in words before and after.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import {
  historyOf,
  prepareRollback,
  prepareSet,
  putIntoForce,
  type PreparedSet,
} from '../control/publish.ts'
import type { ControlParts } from '../control/published.ts'
import { GatewayError } from '../core/errors.ts'
import { doerOf, shownInstant, withControl, type DoerOptions } from './control.ts'
import { findingLine } from './words.ts'

/** How to publish, as typed. */
export interface PublishOptions extends Partial<DoerOptions> {
  readonly config: string
  /** Only shows what would change. */
  readonly dryRun?: true
}

/** Validates the files, tells what they change, and puts them into force. */
export async function publish(options: PublishOptions, env: Environment): Promise<void> {
  await withControl(options.config, env, async (parts) => {
    const set = await prepareSet(parts)
    if (set.hash === set.before.hash) {
      console.log(`Nothing to do: version ${set.before.version}, in force, is the same`)
    } else await enforce(parts, set, options)
  })
}

/** Puts an earlier version into force again, as a new one. */
export async function rollback(
  version: string | undefined,
  options: PublishOptions,
  env: Environment,
): Promise<void> {
  await withControl(options.config, env, async (parts) => {
    const set = await prepareRollback(parts, version === undefined ? undefined : numberOf(version))
    if (set.hash === set.before.hash) {
      console.log(`Nothing to do: version ${set.of} is what is in force`)
    } else await enforce(parts, set, options)
  })
}

async function enforce(
  parts: ControlParts,
  set: PreparedSet,
  options: PublishOptions,
): Promise<void> {
  const { why = '', by, dryRun } = options
  const doer = dryRun === true ? undefined : doerOf({ why, ...(by !== undefined && { by }) })
  for (const warning of set.warnings) console.error(findingLine(warning))
  const { version: before } = set.before
  const against = before === 0 ? 'The first set' : `Against version ${before}, this`
  const what = set.of === undefined ? '' : ` (version ${set.of} again)`
  console.log(`${against}${what} ${set.differences.summary}.`)
  for (const line of set.differences.lines) console.log(`  ${line}`)
  if (doer === undefined) return console.log('Nothing was put into force (--dry-run).')
  const version = await putIntoForce(parts, set, doer)
  console.log(`Version ${version} is in force: every gateway of this store has it within a second.`)
}

/** Lists the versions that can be gone back to. */
export async function history(
  { config, json }: { readonly config: string; readonly json?: true },
  env: Environment,
): Promise<void> {
  await withControl(config, env, async ({ control }) => {
    const entries = await historyOf(control)
    if (json === true) return console.log(JSON.stringify(entries))
    if (entries.length === 0) console.log('Nothing was published: the files are in force.')
    for (const [index, { version, hash, about }] of entries.entries()) {
      const mark = index === 0 ? 'in force' : hash.slice(0, 8)
      if (about === undefined) {
        console.log(`${version}  ${mark}  what is told of it cannot be read`)
        continue
      }
      const { at, by, why, summary, of } = about
      const again = of === undefined ? '' : ` (version ${of} again)`
      console.log(`${version}  ${mark}  ${shownInstant(at)}  ${by}: ${why}${again}`)
      console.log(`   ${summary}`)
    }
  })
}

function numberOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new GatewayError(
    'ERR_BAD_REQUEST',
    `found version "${text.slice(0, 80)}", expected a number of "darbaza history"`,
  )
}
