/**
 * `usage export` and `usage erase`: what usage records keep of one person, for that person, or cut
 * loose from them. Both stand in the audit log, with the person's key.
 * @module
 */
import { loadConfig } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import type { ControlParts } from '../control/published.ts'
import { issuerNamed } from '../control/issuer.ts'
import { recordAct } from '../control/record.ts'
import { issuerText, patronKey } from '../core/types.ts'
import type { Store } from '../store/contract.ts'
import { erasePerson, eventsOfPerson, type PersonParts } from '../usage/person.ts'
import { knownPseudonymKey } from '../usage/pseudonym-key.ts'
import { createPseudonyms } from '../usage/pseudonyms.ts'
import { doerOf, withControl, type DoerOptions } from './control.ts'

/** Whose records, as typed. */
export interface UsagePersonOptions extends DoerOptions {
  readonly config: string
  readonly issuer: string
  readonly subject: string
}

/** Prints everything that is kept of a person's use, as one JSON document. */
export async function exportUsage(options: UsagePersonOptions, env: Environment): Promise<void> {
  await withControl(options.config, env, async (parts, store) => {
    const person = personParts(options, { env, parts, store })
    const { issuer, subject } = person.person
    await record('usage-export', options, person)
    process.stdout.write(`{"issuer":${JSON.stringify(issuer)},`)
    process.stdout.write(`"subject":${JSON.stringify(subject)},"events":[`)
    let separator = '\n'
    for await (const { at, facts } of eventsOfPerson(person)) {
      process.stdout.write(separator + JSON.stringify({ at: new Date(at).toISOString(), ...facts }))
      separator = ',\n'
    }
    process.stdout.write('\n]}\n')
  })
}

/** Puts random pseudonyms in the place of a person's. */
export async function eraseUsage(options: UsagePersonOptions, env: Environment): Promise<void> {
  await withControl(options.config, env, async (parts, store) => {
    const person = personParts(options, { env, parts, store })
    await record('usage-erase', options, person)
    const { events, lists } = await erasePerson(person)
    console.log(`${events} events and ${lists} lists of readers lead to nobody any more.`)
  })
}

/** Where to look, and where it is written down. */
type UsageParts = PersonParts & ControlParts

function personParts(
  { config: file, issuer, subject }: UsagePersonOptions,
  { env, parts, store }: { env: Environment; parts: ControlParts; store: Store },
): UsageParts {
  const config = loadConfig(file, { env })
  const pseudonyms = createPseudonyms({
    key: knownPseudonymKey(config.pseudonymKey, config.dataFolder),
    period: config.pseudonymPeriod,
    timeZone: config.institution.timeZone,
  })
  // A service that is configured no more may still have left records.
  const known = issuerNamed(issuer, config.identity.providers) ?? issuerText(issuer.trim())
  const keepMs = config.usage.keepDays * 86_400_000
  return { ...parts, store, pseudonyms, keepMs, person: { issuer: known, subject } }
}

async function record(
  action: 'usage-export' | 'usage-erase',
  options: UsagePersonOptions,
  parts: UsageParts,
): Promise<void> {
  const target = `patron ${patronKey(parts.person)}`
  await recordAct(parts, { ...doerOf(options), action, target, details: {} })
}
