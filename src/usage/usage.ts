/**
 * Usage as a whole: what is told is recorded, and counted.
 * @module
 */
import { join } from 'node:path'

import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { Store } from '../store/contract.ts'
import { startAccessLog, type AccessLog } from './access-log.ts'
import { createErasures } from './erasures.ts'
import { createFigures, type UsageFigures } from './figures.ts'
import { pseudonymKeyFor } from './pseudonym-key.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { startRecorder, type Recorder } from './recorder.ts'
import { createEventKeeping } from './stored-event.ts'

/** What usage needs. */
export interface UsageParts {
  readonly config: Pick<
    GatewayConfig,
    'accessLog' | 'dataFolder' | 'institution' | 'pseudonymKey' | 'pseudonymPeriod' | 'usage'
  >
  readonly bus: EventBus
  readonly store: Store
  readonly clock: Clock
  /** What operators must know, with its cause. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** The recorder, which runs, the figures, and the access log, which runs as well. */
export interface Usage {
  readonly recorder: Recorder
  readonly figures: UsageFigures
  /** Absent where the settings ask for none. */
  readonly accessLog?: AccessLog
}

/** Begins to record. */
export function startUsage({ config, bus, store, clock, onTrouble }: UsageParts): Usage {
  const { timeZone } = config.institution
  const key = pseudonymKeyFor(config.pseudonymKey, config.dataFolder)
  const pseudonyms = createPseudonyms({
    key,
    period: config.pseudonymPeriod,
    timeZone,
  })
  const { records, usage } = store
  const keepMs = config.usage.keepDays * 86_400_000
  const recorder = startRecorder({
    bus,
    store: createErasures({ records, usage, keepMs }),
    folder: join(config.dataFolder, 'spool'),
    keep: createEventKeeping(pseudonyms),
    onTrouble,
  })
  const figures = createFigures({
    store,
    clock,
    timeZone,
    keepDays: config.usage.keepDays,
    onUnreadable: (day, count) => {
      onTrouble('usage events cannot be read and are not counted', new Error(`${count} of ${day}`))
    },
  })
  const accessLog =
    config.accessLog &&
    startAccessLog({ ...config.accessLog, bus, clock, timeZone, pseudonymKey: key, onTrouble })
  return { recorder, figures, ...(accessLog && { accessLog }) }
}
