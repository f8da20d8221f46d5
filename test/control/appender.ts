/**
 * Appends entries to the audit log of a store, beside others that do the same.
 * @module
 */
import { commitPlan } from '../../src/control/commit.ts'
import { systemClock, timeOrderedId } from '../../src/core/clock.ts'
import type { StoreConfig } from '../../src/core/store-config.ts'
import { openStore } from '../../src/store/open.ts'

const [, , config = '', by = '', count = ''] = process.argv
const store = openStore(JSON.parse(config) as StoreConfig, systemClock)
for (let number = 0; number < Number(count); number++) {
  const at = systemClock.now()
  const target = `${by} ${number}`
  const act = { id: timeOrderedId(at), at, by, target, why: 'a test', details: {} }
  await commitPlan(store.control, async () => ({
    act: { ...act, action: 'override-end' },
    effect: { kind: 'none' },
  }))
}
await store.close()
