/**
 * Where the demo's sign-in service keeps sessions, codes and grants: in memory, until they expire or
 * the demo stops. It is the storage interface of `oidc-provider` ("Adapters"), made anew for each.
 * @module
 */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

import { systemClock } from '../core/clock.ts'

interface Kept {
  readonly payload: AdapterPayload
  readonly endsAt: number
}

/** Beyond it the oldest is forgotten; a sign-in keeps about five. */
const keptMax = 5000

/** A storage of its own for one provider. */
export function createMemory(): AdapterFactory {
  const kept = new Map<string, Kept>()
  return (model) => adapterOf(model, kept)
}

function adapterOf(model: string, kept: Map<string, Kept>): Adapter {
  const keyOf = (id: string) => `${model}:${id}`
  const findBy = (matches: (payload: AdapterPayload) => boolean) =>
    [...kept]
      .filter(([key, { endsAt }]) => key.startsWith(keyOf('')) && endsAt > systemClock.now())
      .map(([, { payload }]) => payload)
      .find(matches)
  return {
    async upsert(id, payload, expiresIn = Infinity) {
      const [oldest] = kept.keys()
      if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest)
      kept.set(keyOf(id), { payload, endsAt: systemClock.now() + expiresIn * 1000 })
    },
    async find(id) {
      const found = kept.get(keyOf(id))
      return found && found.endsAt > systemClock.now() ? found.payload : undefined
    },
    findByUid: async (uid) => findBy((payload) => payload.uid === uid),
    findByUserCode: async (code) => findBy((payload) => payload.userCode === code),
    async consume(id) {
      const found = kept.get(keyOf(id))
      if (found) found.payload.consumed = Math.floor(systemClock.now() / 1000)
    },
    async destroy(id) {
      kept.delete(keyOf(id))
    },
    async revokeByGrantId(grantId) {
      for (const [key, { payload }] of kept) {
        if (payload.grantId === grantId && key.startsWith(keyOf(''))) kept.delete(key)
      }
    },
  }
}
