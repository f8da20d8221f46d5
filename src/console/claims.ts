/**
 * Values of sign-ins that mean nothing yet, for those who keep the table of meanings.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { isStoreAway } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { UnmatchedValue } from '../identity/unmatched-values.ts'
import { dayText, numberText } from '../pages/formats.ts'
import type { ClaimsModel } from './models.ts'
import type { ConsoleParts } from './parts.ts'

/** The list, the most frequent first. */
export async function claimsModel(
  { state: { language } }: GatewayContext,
  { unmatched, words }: Pick<ConsoleParts, 'unmatched' | 'words'>,
): Promise<ClaimsModel> {
  const found = await unmatched().catch((error: unknown) => {
    if (isStoreAway(error)) return undefined
    throw error
  })
  if (found === undefined) return {}
  const { unmatched: shown } = limits.console
  const hidden = found.length - shown
  const [first] = found
  return {
    values: found.slice(0, shown).map(({ value, provider, times, lastOn }) => ({
      value,
      provider,
      seen: numberText(times, language),
      last: dayText(lastOn, language),
    })),
    ...(hidden > 0 && { more: words.say(language, 'staff.more', { more: hidden }) }),
    ...(first && { example: exampleOf(first) }),
  }
}

/** As it would stand in the configuration. JSON is YAML: nothing in a value can be read otherwise. */
function exampleOf({ provider, value }: UnmatchedValue): string {
  return [
    'identity:',
    '  providers:',
    `    - id: ${provider}`,
    '      claims:',
    '        values:',
    `          ${JSON.stringify(value)}: student`,
  ].join('\n')
}
