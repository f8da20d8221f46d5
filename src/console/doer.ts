/**
 * Whoever of the staff acts, as the audit log names them: by name and account, with their reason.
 * @module
 */
import type { Doer } from '../control/audit.ts'
import { readDoer } from '../control/override-request.ts'
import type { GatewayContext } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { oneLine } from '../core/texts.ts'

/**
 * Who sent a form, and the reason in it. The account stands whole behind the name, which some services
 * let everybody choose: nobody can write themselves down as somebody else.
 *
 * @throws {FieldError} `ERR_BAD_REQUEST` for a reason that is empty or too long.
 */
export function doerIn({ state }: GatewayContext, fields: URLSearchParams): Doer {
  const patron = state.session?.patron
  if (patron === undefined) throw new GatewayError('ERR_INTERNAL', 'staff act within a session')
  const account = ` (${clipped(oneLine(patron.subject), limits.control.nameChars - 3)})`
  const name = clipped(oneLine(patron.displayName ?? ''), limits.control.nameChars - account.length)
  const by = `${name}${account}`.trim()
  return readDoer({ by, why: oneLine(fields.get('why') ?? '') })
}

/** No half of a character is left behind. */
function clipped(text: string, chars: number): string {
  return text.slice(0, chars).replace(/[\uD800-\uDBFF]$/, '')
}
