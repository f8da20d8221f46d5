/**
 * Writes to an embedded store until it is killed, and says of each write that it was acknowledged.
 * @module
 */
import { writeSync } from 'node:fs'

import { systemClock } from '../../src/core/clock.ts'
import { createEmbeddedStore } from '../../src/store/embedded.ts'

const [, , file = ''] = process.argv
const store = createEmbeddedStore({ file, clock: systemClock })
for (let number = 0; ; number++) {
  await store.records.write(`k${number}`, String(number), 3_600_000)
  await store.usage.append([{ id: `e${String(number).padStart(9, '0')}`, at: number, body: '{}' }])
  await store.seats.acquire({ pool: 'p', holder: `h${number}`, seats: 1e9, idleMs: 3_600_000 })
  writeSync(1, `${number}\n`)
}
