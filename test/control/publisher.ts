/**
 * Publishes one set after another until it is killed, and says of each that it is in force.
 * @module
 */
import { writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { loadConfig } from '../../src/config/load.ts'
import { prepareSet, putIntoForce } from '../../src/control/publish.ts'
import { systemClock } from '../../src/core/clock.ts'
import { openStore } from '../../src/store/open.ts'
import { ruleText } from './world.ts'

const [, , file = ''] = process.argv
const config = loadConfig(file, { env: process.env })
const { control } = openStore(config.store, systemClock)
const parts = { control, clock: systemClock, config }
for (let seats = 1; ; seats++) {
  writeFileSync(join(config.rulesFolder, 'press.yaml'), ruleText('press', { seats }))
  const set = await prepareSet(parts)
  const version = await putIntoForce(parts, set, { by: 'Aida', why: `${seats} seats` })
  writeSync(1, `${version} ${seats}\n`)
}
