/**
 * `/staff/rules`: the rules in force, overrides begun and ended, and an earlier set brought back. Each
 * change asks for a reason, is an entry of the audit log in one step with what it does, and takes force
 * in every process as it does from the command line.
 * @module
 */
import { FieldError } from '../control/field-error.ts'
import { readOverrideRequest } from '../control/override-request.ts'
import { beginOverride, endOverride } from '../control/overrides.ts'
import { prepareRollback, putIntoForce, type PreparedSet } from '../control/publish.ts'
import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { findingText, FindingsError, shownPath } from '../core/findings.ts'
import { limits } from '../core/limits.ts'
import type { PortalRoute } from '../core/routes.ts'
import type { WordKey } from '../locales/words.ts'
import { formTokenField } from '../identity/forms.ts'
import { goTo } from '../pages/go-to.ts'
import type { FormModel } from '../pages/models.ts'
import { doerIn } from './doer.ts'
import type { RestoreModel, RulesModel } from './models.ts'
import { overrideFormModel, overrideKinds, requestOf, typedIn } from './override-form.ts'
import type { ConsoleParts } from './parts.ts'
import { numberIn, overrideNumbered, rulesModel } from './rules.ts'
import { requireEditor } from './staff.ts'
import { tellStaff } from './tell.ts'

/** The routes of the page and of what is done on it. */
export function rulesRoutes(parts: ConsoleParts): readonly PortalRoute[] {
  const { get, post, show } = parts.answers
  return [
    get('/staff/rules', async (context) => showRules(context, parts)),
    get('/staff/rules/override', async (context) => {
      requireEditor(parts.roleOf(context))
      const typed = typedIn(new URLSearchParams(context.querystring))
      const model = overrideFormModel(typed, formParts(context, parts))
      show(context, (frame) => parts.pages.override(frame, model))
    }),
    post('/staff/rules/override', (context) => beginOne(context, parts)),
    post('/staff/rules/override/end', (context) => endOne(context, parts)),
    get('/staff/rules/rollback', async (context) => {
      requireEditor(parts.roleOf(context))
      const version = numberIn(new URLSearchParams(context.querystring).get('version'))
      await showRestore(context, parts, version)
    }),
    post('/staff/rules/rollback', (context) => restore(context, parts)),
  ]
}

async function showRules(
  context: GatewayContext,
  parts: ConsoleParts,
  asked: { readonly id?: number; readonly problem?: string } = {},
): Promise<void> {
  const query = new URLSearchParams(context.querystring)
  const isEditor = parts.roleOf(context) === 'editor'
  const id = asked.id ?? numberIn(query.get('end'))
  const override = isEditor && id > 0 ? await overrideNumbered(id, context, parts) : undefined
  const notice = notices.find((word) => query.has(word))
  const model: RulesModel = {
    ...(await rulesModel(context, parts)),
    ...(isEditor && { form: formOf(context, parts), kinds: overrideKinds }),
    ...(override && { asked: override }),
    ...(notice && { notice }),
    ...(asked.problem !== undefined && { problem: asked.problem }),
  }
  parts.answers.show(context, (frame) => parts.pages.rules(frame, model))
}

const notices = ['begun', 'ended', 'gone', 'restored'] as const

async function beginOne(context: GatewayContext, parts: ConsoleParts): Promise<void> {
  requireEditor(parts.roleOf(context))
  const fields = await parts.checkForm(context)
  const typed = typedIn(fields)
  const { config, clock } = parts
  const { rulebook } = context.state
  try {
    const asked = readOverrideRequest(requestOf(typed, config, rulebook), {
      resources: rulebook.resources.values(),
      providers: config.identity.providers,
      timeZone: config.institution.timeZone,
      now: clock.now(),
    })
    const override = await beginOverride(parts, asked, doerIn(context, fields))
    tellStaff(context, parts, { action: 'override-add', override: override.id })
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'ERR_BAD_REQUEST') throw error
    const model = overrideFormModel(typed, formParts(context, parts), error)
    context.status = error.status
    return parts.answers.show(context, (frame) => parts.pages.override(frame, model))
  }
  goToRules(context, parts, 'begun')
}

async function endOne(context: GatewayContext, parts: ConsoleParts): Promise<void> {
  requireEditor(parts.roleOf(context))
  const fields = await parts.checkForm(context)
  const id = numberIn(fields.get('id'))
  try {
    await endOverride(parts, id, doerIn(context, fields))
  } catch (error) {
    if (error instanceof FieldError) {
      context.status = error.status
      return showRules(context, parts, { id, problem: say(context, parts, 'rules.problem_why') })
    }
    // It has ended by itself, or somebody else was first.
    const isGone = error instanceof GatewayError && error.code === 'ERR_NOT_FOUND'
    if (isGone) return goToRules(context, parts, 'gone')
    throw error
  }
  tellStaff(context, parts, { action: 'override-end', override: id })
  goToRules(context, parts, 'ended')
}

async function restore(context: GatewayContext, parts: ConsoleParts): Promise<void> {
  requireEditor(parts.roleOf(context))
  const fields = await parts.checkForm(context)
  const of = numberIn(fields.get('version'))
  const set = await prepareRollback(parts, of)
  // What is put into force is what was read: against another set it would change something else.
  if (fields.get('before') !== headText(set)) return showRestore(context, parts, of, 'overtaken')
  let version: number
  try {
    version = await putIntoForce(parts, set, doerIn(context, fields))
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'ERR_BAD_REQUEST') throw error
    return showRestore(context, parts, of, error instanceof FieldError ? 'why' : 'overtaken')
  }
  tellStaff(context, parts, { action: 'rollback', version })
  goToRules(context, parts, 'restored')
}

async function showRestore(
  context: GatewayContext,
  parts: ConsoleParts,
  version: number,
  problem?: 'why' | 'overtaken',
): Promise<void> {
  const model = {
    ...(await restoreModel(context, parts, version)),
    ...(problem && {
      problem: { field: problem, text: say(context, parts, `rules.problem_${problem}`) },
    }),
  }
  if (problem !== undefined) context.status = 400
  parts.answers.show(context, (frame) => parts.pages.restore(frame, model))
}

async function restoreModel(
  context: GatewayContext,
  parts: ConsoleParts,
  version: number,
): Promise<RestoreModel> {
  try {
    const set = await prepareRollback(parts, version)
    const isSame = set.hash === set.before.hash
    const { changeLines } = limits.control
    const { summary, lines } = set.differences
    const hidden = lines.length - changeLines
    return {
      version,
      before: set.before.version,
      summary,
      changes: lines.slice(0, changeLines),
      ...(hidden > 0 && {
        more: parts.words.say(context.state.language, 'staff.more', { more: hidden }),
      }),
      findings: set.warnings.map(warningText),
      ...(!isSame && { form: { ...formOf(context, parts), before: headText(set) } }),
    }
  } catch (error) {
    if (!(error instanceof GatewayError) || !unfitCodes.has(error.code)) throw error
    const findings =
      error instanceof FindingsError ? error.findings.map(warningText) : [error.message]
    return { version, isUnfit: true, findings, changes: [] }
  }
}

/** A set that would not do here any more, or is damaged. */
const unfitCodes = new Set(['ERR_RULE', 'ERR_HOST', 'ERR_ADDRESS_RANGE', 'ERR_STORE_DATA'])

function warningText(finding: Parameters<typeof findingText>[0]): string {
  return findingText({ ...finding, file: shownPath(finding.file) })
}

/** Which set the differences are told against. */
function headText({ before }: PreparedSet): string {
  return `${before.version}:${before.hash}`
}

function formParts(context: GatewayContext, parts: ConsoleParts) {
  const { language, rulebook } = context.state
  const { config, words } = parts
  return { config, rulebook, language, words, form: formOf(context, parts) }
}

function formOf({ state: { session } }: GatewayContext, parts: ConsoleParts): FormModel {
  if (session === undefined) throw new GatewayError('ERR_INTERNAL', 'staff act within a session')
  return { field: formTokenField, token: parts.formToken(session) }
}

function say({ state }: GatewayContext, { words }: ConsoleParts, key: WordKey): string {
  return words.say(state.language, key)
}

function goToRules(context: GatewayContext, { config }: ConsoleParts, notice: string): void {
  goTo(context, `${config.portalOrigin}/staff/rules?${notice}`)
}
