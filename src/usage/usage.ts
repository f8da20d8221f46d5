/**
 * Usage as a whole: what is told is recorded, and counted.
 * @module
 */
import { join } from 'node:path'

import type { GatewayConfig } from '../config/config.ts'
import type { Clock } from '../core/clock.ts'
import type { EventBus } from '../core/events.ts'
import type { Store } from '../store/contract.ts'
import { createFigures, type UsageFigures } from './figures.ts'
import { pseudonymKeyFor } from './pseudonym-key.ts'
import { createPseudonyms } from './pseudonyms.ts'
import { startRecorder, type Recorder } from './recorder.ts'
import { createEventKeeping } from './stored-event.ts'

/** What usage needs. */
export interface UsageParts {
  readonly config: Pick<
    GatewayConfig,
    'dataFolder' | 'institution' | 'pseudonymKey' | 'pseudonymPeriod' | 'usage'
  >
  readonly bus: EventBus
  readonly store: Store
  readonly clock: Clock
  /** What operators must know, with its cause. */
  readonly onTrouble: (message: string, cause: unknown) => void
}

/** The recorder, which runs, and the figures. */
export interface Usage {
  readonly recorder: Recorder
  readonly figures: UsageFigures
}

/** Begins to record. */
export function startUsage({ config, bus, store, clock, onTrouble }: UsageParts): Usage {
  const { timeZone } = config.institution
  const pseudonyms = createPseudonyms({
    key: pseudonymKeyFor(config.pseudonymKey, config.dataFolder),
    period: config.pseudonymPeriod,
    timeZone,
  })
  const recorder = startRecorder({
    bus,
    store: store.usage,
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
  return { recorder, figures }
}
