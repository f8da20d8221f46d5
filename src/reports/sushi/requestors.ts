/**
 * Who may fetch reports by the COUNTER API: by a key of their own, the same for every path but
 * `/status`. An address alone makes nobody a requestor.
 *
 * Keys are compared in constant time, each with all, so that how long an answer takes tells nothing of
 * them. Whoever is wrong too often, or asks too often, is told to wait.
 * Source: COUNTER Code of Practice 5.1, section 8 and appendix D.
 * @module
 */
import { hash } from 'node:crypto'

import type { RequestorConfig } from '../../config/config.ts'
import { customerOf } from '../../core/address.ts'
import { limits } from '../../core/limits.ts'
import { areEqual } from '../../identity/secrets.ts'
import type { RecordStore } from '../../store/contract.ts'
import { exceptionOf, type CounterException } from '../counter/exceptions.ts'

/** Somebody who was let in, or why not, and how long they had better wait. */
export type Admission =
  | { readonly requestor: RequestorConfig }
  | { readonly refused: CounterException; readonly waitSeconds?: number }

/** Judges a question by its query and the address that it came from. Rejects with `ERR_STORE_AWAY`. */
export type Door = (query: URLSearchParams, address: string) => Promise<Admission>

/** COUNTER's customer id for the whole world. */
const theWorld = '0000000000000000'

/** Makes the door of these requestors; the counts are kept in the store, for all processes. */
export function createDoor(
  requestors: readonly RequestorConfig[],
  records: Pick<RecordStore, 'count'>,
): Door {
  return async function admit(query, address) {
    const failures = { key: keyOf('failed', customerOf(address)), ...limits.sushi.failures }
    const blocked = await tooMany(records, failures, 0)
    if (blocked !== undefined) return blocked
    const answer = judge(query, requestors)
    if ('refused' in answer) {
      if (answer.refused.Code >= 2000) await tooMany(records, failures, 1)
      return answer
    }
    const asked = { key: keyOf('asked', answer.requestor.name), ...limits.sushi.questions }
    return (await tooMany(records, asked, 1)) ?? answer
  }
}

interface Bound {
  readonly key: string
  readonly count: number
  readonly windowMs: number
}

async function tooMany(
  records: Pick<RecordStore, 'count'>,
  { key, count, windowMs }: Bound,
  more: 0 | 1,
): Promise<Admission | undefined> {
  const added = new Map(more === 0 ? [] : [['count', more]])
  const { counts, leftMs = 0 } = await records.count(key, added, windowMs)
  // The one that is counted now may be the last that is allowed.
  if ((counts.get('count') ?? 0) < count + more) return undefined
  const waitSeconds = Math.max(1, Math.ceil(leftMs / 1000))
  return { refused: exceptionOf(1020, `come back in ${waitSeconds} seconds`), waitSeconds }
}

/** A name or an address is of any form; a key of the store is not. */
function keyOf(what: 'asked' | 'failed', who: string): string {
  return `sushi:${what}:${hash('sha256', who, 'base64url')}`
}

/** The lowest code that applies; of a wrong key nothing else is told. */
function judge(query: URLSearchParams, requestors: readonly RequestorConfig[]): Admission {
  const customerId = query.get('customer_id') ?? ''
  const apiKey = query.get('api_key') ?? ''
  const missing = [
    ...(customerId === '' ? ['customer_id'] : []),
    ...(apiKey === '' ? ['api_key'] : []),
  ]
  if (missing.length > 0) return refusal(1030, `${missing.join(' and ')} expected`)
  const requestor = requestors.filter((each) => areEqual(apiKey, each.apiKey))[0]
  if (requestor === undefined) return refusal(2020)
  if (requestor.requestorId !== undefined) {
    const requestorId = query.get('requestor_id') ?? ''
    if (requestorId === '') return refusal(1030, 'requestor_id expected')
    if (!areEqual(requestorId, requestor.requestorId)) return refusal(2000)
  }
  if (customerId === requestor.customerId) return { requestor }
  return customerId === theWorld ? refusal(2011) : refusal(2010)
}

function refusal(code: Parameters<typeof exceptionOf>[0], data?: string): Admission {
  return { refused: exceptionOf(code, data) }
}
