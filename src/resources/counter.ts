/**
 * From `counter:` and `sushi:` of a rule file to what reports and harvests go by.
 * @module
 */
import type { CounterFacts, MiningFacts, SushiSource } from '../core/counter.ts'
import type { DocumentPath } from '../core/documents.ts'
import type { CounterInput, SushiInput } from './counter-schema.ts'
import type { RuleFindingNumber } from './findings.ts'
import { compileScope } from './path-patterns.ts'
import type { SecretSource } from './rewriting.ts'

/** What the two need of the reader of rules. */
export interface CounterContext {
  /** Absent where nobody may ask for a secret. */
  readonly readSecret?:
    | ((source: SecretSource) => { readonly secret: string } | { readonly message: string })
    | undefined
  /** Networks of the configuration by name; absent where they are not known. */
  readonly networks?: readonly string[] | undefined
  readonly note: (number: RuleFindingNumber, path: DocumentPath, message: string) => void
}

/** What reports say of the resource. */
export function compileCounter(input: CounterInput, context: CounterContext): CounterFacts {
  const { note } = context
  const { database } = input
  const isFull = database === 'Database_Full'
  const titles = input.titles ?? (isFull ? 'Database_Full_Item' : 'Unspecified')
  if (isFull !== (titles === 'Database_Full_Item') && titles !== 'Unspecified') {
    const message = `found ${titles} in a ${database}; expected Database_Full_Item in a Database_Full and nowhere else`
    note('F047', ['counter', 'titles'], message)
  }
  return { database, titles, ...(input.mining && { mining: compileMining(input.mining, context) }) }
}

function compileMining(
  { groups, networks, paths }: NonNullable<CounterInput['mining']>,
  { networks: known, note }: CounterContext,
): MiningFacts {
  for (const [index, name] of networks.entries()) {
    if (known?.includes(name) ?? true) continue
    const message = `found "${name}", which is no network; expected one of ${known?.join(', ') || 'none, for there are none'}`
    note('F036', ['counter', 'mining', 'networks', index], message)
  }
  const scope = paths.length > 0 && compileScope([], paths, [])
  return { groups, networks, ...(scope && { scope }) }
}

/** Where the publisher's reports are; incomplete when a secret of it cannot be read here. */
export function compileSushi(input: SushiInput, context: CounterContext): SushiSource {
  const { url, release, report, customerId, platform, database } = input
  const requestorId = secretOf(input.requestorId, 'requestorId', context)
  const apiKey = secretOf(input.apiKey, 'apiKey', context)
  const isIncomplete = requestorId === 'missing' || apiKey === 'missing'
  return {
    url: url.replace(/\/+$/, ''),
    release,
    report,
    customerId,
    ...(typeof requestorId === 'function' && { requestorId }),
    ...(typeof apiKey === 'function' && { apiKey }),
    ...(platform !== undefined && { platform }),
    ...(database !== undefined && { database }),
    ...(isIncomplete && { isIncomplete }),
  }
}

function secretOf(
  source: SecretSource | undefined,
  key: 'requestorId' | 'apiKey',
  { readSecret, note }: CounterContext,
): (() => string) | 'missing' | undefined {
  if (source === undefined) return undefined
  const answer = readSecret?.(source) ?? { message: 'nobody may read a secret here' }
  if ('secret' in answer) return () => answer.secret
  note('F048', ['sushi', key], `${answer.message}; the publisher is not asked until then`)
  return 'missing'
}
