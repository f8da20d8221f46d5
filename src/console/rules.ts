/**
 * The rules in force as staff see them: the published set and what it changed, the overrides that hold,
 * and the versions that can be brought back; all as the store tells it, which is what every process has
 * within a second.
 * @module
 */
import type { Override } from '../control/overrides.ts'
import { overrideOf } from '../control/overrides.ts'
import { historyOf, type HistoryEntry } from '../control/publish.ts'
import type { GatewayContext } from '../core/context.ts'
import { isStoreAway } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { momentText } from '../pages/formats.ts'
import type { Term } from '../pages/models.ts'
import type { ControlStore } from '../store/contract.ts'
import type { ConsoleParts } from './parts.ts'
import type { OverrideModel, RulesModel, VersionModel } from './models.ts'

/** What the store tells; undefined when it does not answer. */
interface Told {
  readonly history: readonly HistoryEntry[]
  readonly overrides: readonly Override[]
  /** Numbers of those that cannot be read. */
  readonly damaged: readonly number[]
}

/** Everything that the page shows, besides what may be done on it. */
export async function rulesModel(
  context: GatewayContext,
  parts: ConsoleParts,
): Promise<Omit<RulesModel, 'form' | 'asked' | 'notice' | 'problem'>> {
  const { words } = parts
  const { language } = context.state
  const told = await toldBy(parts.control, parts.clock.now())
  const version = parts.publishedVersion()
  if (told === undefined) {
    return {
      isStoreAway: true,
      lines: [{ name: words.say(language, 'rules.version'), value: versionText(context, parts) }],
      overrides: [],
      history: [],
    }
  }
  const [newest, ...earlier] = told.history
  const isBehind = (newest?.version ?? 0) !== version
  const { overrides: shown } = limits.console
  const hidden = told.overrides.length - shown
  return {
    isStoreAway: false,
    ...(newest === undefined
      ? {
          lines: [
            { name: words.say(language, 'rules.version'), value: versionText(context, parts) },
          ],
        }
      : { lines: [], now: versionModel(newest, context, parts) }),
    ...(isBehind && { warning: words.say(language, behindWord(newest), { version }) }),
    overrides: [
      ...told.overrides.slice(0, shown).map((override) => overrideModel(override, context, parts)),
      ...told.damaged.map((id) => damagedModel(id, context, parts)),
    ],
    ...(hidden > 0 && { more: words.say(language, 'staff.more', { more: hidden }) }),
    history: earlier.map((entry) => versionModel(entry, context, parts)),
  }
}

/** A store that has no set any more was emptied: processes that have one go on with it. */
function behindWord(newest: HistoryEntry | undefined): 'rules.lost' | 'rules.behind' {
  return newest === undefined ? 'rules.lost' : 'rules.behind'
}

/** The override of a number, if it holds. */
export async function overrideNumbered(
  id: number,
  context: GatewayContext,
  parts: ConsoleParts,
): Promise<OverrideModel | undefined> {
  const told = await toldBy(parts.control, parts.clock.now())
  const found = told?.overrides.find((override) => override.id === id)
  if (found !== undefined) return overrideModel(found, context, parts)
  return told?.damaged.includes(id) === true ? damagedModel(id, context, parts) : undefined
}

/** A number as links and forms carry it; 0 for anything else. */
export function numberIn(text: string | null): number {
  return text !== null && /^[1-9]\d{0,11}$/.test(text) ? Number(text) : 0
}

async function toldBy(control: ControlStore, now: number): Promise<Told | undefined> {
  try {
    const [history, stored] = await Promise.all([historyOf(control), control.overrides()])
    const live = stored.filter(({ endsAt }) => endsAt > now).toSorted((a, b) => b.id - a.id)
    const read = live.map((row) => overrideOf(row) ?? row.id)
    return {
      history,
      overrides: read.filter((one) => typeof one !== 'number'),
      damaged: read.filter((one) => typeof one === 'number'),
    }
  } catch (error) {
    if (isStoreAway(error)) return undefined
    throw error
  }
}

/** `7 (1a2b3c4d5e6f)`, or that the files are in force. */
export function versionText({ state }: GatewayContext, parts: ConsoleParts): string {
  const version = parts.publishedVersion()
  const { language, rulebook } = state
  const hash = rulebook.version
  return version === 0
    ? parts.words.say(language, 'staff.version_files', { hash })
    : parts.words.say(language, 'staff.version_published', { version, hash })
}

function versionModel(
  { version, about }: HistoryEntry,
  { state: { language } }: GatewayContext,
  { words, config }: ConsoleParts,
): VersionModel {
  const title = words.say(language, 'rules.version_number', { version })
  if (about === undefined) {
    return { version, title, lines: [], summary: words.say(language, 'rules.unreadable') }
  }
  const { at, by, why, summary, changes = [], of } = about
  const again = of === undefined ? [] : [words.say(language, 'rules.again', { version: of })]
  return {
    version,
    title: [title, ...again].join(' · '),
    lines: linesOf(
      [
        ['rules.since', momentText(at, language, config.institution.timeZone)],
        ['rules.by', by],
        ['staff.why', why],
      ],
      (key) => words.say(language, key),
    ),
    summary,
    ...(changes.length > 0 && {
      changes: {
        title: words.say(language, 'rules.changes', { changes: changes.length }),
        lines: changes,
      },
    }),
  }
}

function overrideModel(
  { id, what, by, why, beganAt, endsAt }: Override,
  { state: { language, rulebook } }: GatewayContext,
  { words, config }: ConsoleParts,
): OverrideModel {
  const { timeZone } = config.institution
  const message = what.kind === 'closure' ? textOf(what.message) : {}
  const said = Object.keys(message).length === 0 ? undefined : words.textOf(message, language)
  const resource = what.kind === 'closure' ? rulebook.resources.get(what.resource) : undefined
  return {
    id,
    name: words.say(language, `rules.kind_${what.kind}`),
    kind: what.kind === 'seats' ? 'wait' : 'shut',
    ...(resource === undefined
      ? { code: targetOf(what) }
      : { title: words.textOf(resource.title, language) }),
    ...(what.kind === 'seats' && {
      text: words.say(language, 'rules.seats_now', { seats: what.seats }),
    }),
    ...(said && { message: said }),
    lines: linesOf(
      [
        ['rules.until', momentText(endsAt, language, timeZone)],
        ['rules.began', momentText(beganAt, language, timeZone)],
        ['rules.by', by],
        ['staff.why', why],
      ],
      (key) => words.say(language, key),
    ),
  }
}

function damagedModel(
  id: number,
  { state: { language } }: GatewayContext,
  { words }: ConsoleParts,
): OverrideModel {
  const name = words.say(language, 'rules.damaged', { id })
  return { id, name, kind: 'shut', lines: [] }
}

function targetOf(what: Override['what']): string {
  switch (what.kind) {
    case 'suspension':
      return what.patron
    case 'block':
      return what.range
    case 'closure':
      return what.resource
    case 'seats':
      return what.pool
  }
}

/** Languages without words are left out. */
function textOf(message: Extract<Override['what'], { kind: 'closure' }>['message'] = {}) {
  const { ky, ru, en } = message
  return { ...(ky && { ky }), ...(ru && { ru }), ...(en && { en }) }
}

type LineWord = 'rules.since' | 'rules.by' | 'rules.until' | 'rules.began' | 'staff.why'

function linesOf(
  pairs: readonly (readonly [word: LineWord, value: string])[],
  say: (key: LineWord) => string,
): Term[] {
  return pairs.map(([word, value]) => ({ name: say(word), value }))
}
