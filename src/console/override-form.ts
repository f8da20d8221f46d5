/**
 * The form that begins an override: what was typed, bounded, how it is asked for of `control`, and how
 * the form shows it again.
 * @module
 */
import type { ConfigOutline } from '../config/load.ts'
import { FieldError } from '../control/field-error.ts'
import { poolNames, type OverrideRequest } from '../control/override-request.ts'
import { GatewayError } from '../core/errors.ts'
import { languages, type Language } from '../core/languages.ts'
import { limits } from '../core/limits.ts'
import type { Rulebook } from '../core/resource.ts'
import { oneLine } from '../core/texts.ts'
import type { Words } from '../locales/words.ts'
import type { FormModel } from '../pages/models.ts'
import type { OverrideFormModel, TypedOverride } from './models.ts'
import { providerChoices, targetId } from './question.ts'

/** What can be begun, in the order of the buttons. */
export const overrideKinds = ['closure', 'seats', 'suspension', 'block'] as const

/**
 * Reads the fields of a query or a form.
 *
 * @throws {GatewayError} `ERR_NOT_FOUND` for a kind that there is not.
 */
export function typedIn(fields: URLSearchParams): TypedOverride {
  const kind = overrideKinds.find((name) => name === fields.get('kind'))
  if (kind === undefined) throw new GatewayError('ERR_NOT_FOUND', 'no such kind of override')
  const read = (name: string): string =>
    oneLine((fields.get(name) ?? '').slice(0, limits.console.fieldChars))
  return {
    kind,
    provider: read('provider'),
    subject: read('subject'),
    patron: read('patron'),
    range: read('range'),
    resource: read('resource'),
    pool: read('pool'),
    seats: read('seats'),
    message_ky: read('message_ky'),
    message_ru: read('message_ru'),
    message_en: read('message_en'),
    until: read('until'),
    why: read('why'),
  }
}

/** The same as it is asked for; a key of a patron stands for account and provider. */
export function requestOf(
  typed: TypedOverride,
  { identity: { providers } }: Pick<ConfigOutline, 'identity'>,
  { resources }: Pick<Rulebook, 'resources'>,
): OverrideRequest {
  const { kind, subject, patron, range, pool, seats, until } = typed
  const provider = providers.find(({ id }) => id === typed.provider) ?? providers[0]
  return {
    kind,
    ...(patron !== '' && { patron }),
    ...((subject !== '' || patron === '') && { issuer: provider?.issuer ?? '', subject }),
    range,
    resource: targetId(typed.resource, resources.values()),
    pool,
    seats,
    message: Object.fromEntries(
      languages.map((language) => [language, typed[`message_${language}`]]),
    ),
    until,
  }
}

/** What the form is shown with. */
export interface FormParts {
  readonly config: Pick<ConfigOutline, 'identity'>
  readonly rulebook: Pick<Rulebook, 'resources'>
  readonly language: Language
  readonly words: Words
  readonly form: FormModel
}

/** The form as it was filled in, and what of it does not do. */
export function overrideFormModel(
  typed: TypedOverride,
  { config, rulebook, language, words, form }: FormParts,
  thrown?: GatewayError,
): OverrideFormModel {
  const { suggestions } = limits.console
  const resources = [...rulebook.resources.values()]
  const field = thrown instanceof FieldError && thrown.field !== 'by' ? thrown.field : 'full'
  return {
    ...typed,
    form,
    providers: providerChoices(config.identity.providers, typed.provider, { language, words }),
    resources: resources
      .slice(0, suggestions)
      .map(({ id, title }) => ({ id, title: words.textOf(title, language).text })),
    pools: poolNames(resources).slice(0, suggestions),
    ...(thrown && {
      problem: { field, text: words.say(language, `rules.problem_${field}`) },
    }),
  }
}
