/**
 * A process that tells of full texts that were opened, as fast as a busy library, until it is killed
 * or has told so many: the recorder as a gateway has it. Prints the number of each that it has told.
 * @module
 */
import { systemClock } from '../../src/core/clock.ts'
import { createEventBus } from '../../src/core/events.ts'
import { createRedisStore } from '../../src/store/redis.ts'
import { createPseudonyms } from '../../src/usage/pseudonyms.ts'
import { startRecorder } from '../../src/usage/recorder.ts'
import { createEventKeeping } from '../../src/usage/stored-event.ts'
import { browser, timeZone } from '../usage/events.ts'

const [url = '', folder = '', life = '', count = '0'] = process.argv.slice(2)
const store = createRedisStore({ kind: 'redis', url })
const bus = createEventBus((error) => {
  throw error
})
const pseudonyms = createPseudonyms({ key: 'key', period: 'year', timeZone })
const recorder = startRecorder({
  bus,
  store: store.usage,
  folder,
  keep: createEventKeeping(pseudonyms),
  onTrouble: (message) => process.stderr.write(`${message}\n`),
})

const perTurn = 25
for (let told = 0; told < Number(count); told += perTurn) {
  for (let number = told; number < told + perTurn; number++) {
    const at = systemClock.now()
    bus.emit({
      kind: 'exchange',
      id: `${at}-${life}-${String(number).padStart(6, '0')}`,
      at,
      reference: 'R',
      address: '192.0.2.7',
      channel: 'remote',
      sessionId: `s${number % 40}`,
      resourceId: 'press',
      method: 'GET',
      host: 'www.press.test',
      path: `/pdf/${life}/${number}`,
      url: `www.press.test/pdf/${life}/${number}`,
      status: 200,
      contentType: 'application/pdf',
      bytes: 10,
      durationMs: 1,
      isComplete: true,
      userAgent: browser,
      isWebSocket: false,
      use: { kind: 'request', format: 'pdf' },
    })
  }
  process.stdout.write(`${told + perTurn}\n`)
  await new Promise((resolve) => setTimeout(resolve, 8))
}
// The last life goes on until the store has everything, as a gateway does that nobody stops.
while (recorder.facts().spooledBytes > 0 || recorder.facts().stored < recorder.facts().recorded) {
  await recorder.flush().catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 50))
}
await recorder.stop()
await store.close()
