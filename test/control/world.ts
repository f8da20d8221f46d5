/**
 * Rules, a configuration and a store for tests of what staff put into force.
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { GatewayConfig } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Doer } from '../../src/control/audit.ts'
import { prepareSet, putIntoForce } from '../../src/control/publish.ts'
import type { ControlParts } from '../../src/control/published.ts'
import { systemClock } from '../../src/core/clock.ts'
import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import { holdRules, type RulesInForce } from '../../src/control/in-force.ts'
import type { Store } from '../../src/store/contract.ts'
import { openStore } from '../../src/store/open.ts'

/** A rule of a resource with one host. */
export function ruleText(id: string, licence: object = {}, more: object = {}): string {
  return JSON.stringify({
    title: id,
    provider: 'Press',
    start: `https://www.${id}.example/`,
    hosts: [`www.${id}.example`],
    licence,
    ...more,
  })
}

const onWarning = () => undefined

/** Folder, configuration and store of one library. */
export interface World {
  readonly folder: string
  readonly config: GatewayConfig
  readonly storeFile: string
  writeRule(id: string, text: string): void
  dropRule(id: string): void
  /** Replaces sections of the configuration. */
  writeConfig(sections: object): GatewayConfig
  open(): Store
  parts(store: Store): ControlParts
  /** Publishes what the files say; the version. */
  publish(store: Store, doer?: Partial<Doer>): Promise<number>
  /** A process of the gateway as far as rules go, and what it has told. */
  hold(store: Store): {
    readonly rules: RulesInForce
    readonly events: GatewayEvent[]
    readonly suspended: string[]
  }
  remove(): void
}

/** Makes a library with one rule, `press`. */
export function createWorld(sections: object = {}): World {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-control-'))
  const file = join(folder, 'gateway.yaml')
  mkdirSync(join(folder, 'rules'))
  let written: object = {
    institution: { name: 'Misal', contact: 'help@example.edu' },
    portal: { url: 'http://library.localhost' },
    zone: { url: 'http://proxy.localhost' },
    identity: {
      providers: [{ id: 'university', issuer: 'http://127.0.0.1:9', client: { id: 'darbaza' } }],
    },
    data: 'data',
    rules: 'rules',
    ...sections,
  }
  const read = () => {
    writeFileSync(file, JSON.stringify(written, null, 2))
    return loadConfig(file, { env: process.env })
  }
  const world: World = {
    folder,
    config: read(),
    storeFile: join(folder, 'data/darbaza.sqlite'),
    writeRule: (id, text) => writeFileSync(join(folder, 'rules', `${id}.yaml`), text),
    dropRule: (id) => rmSync(join(folder, 'rules', `${id}.yaml`)),
    writeConfig(more) {
      written = { ...written, ...more }
      return read()
    },
    open: () => openStore(world.config.store, systemClock),
    parts: ({ control }) => ({
      control,
      clock: systemClock,
      config: loadConfig(file, { env: process.env }),
    }),
    async publish(store, doer) {
      const parts = world.parts(store)
      const set = await prepareSet(parts)
      return await putIntoForce(parts, set, { by: 'Aida', why: 'a test', ...doer })
    },
    hold({ control }) {
      const events: GatewayEvent[] = []
      const bus = createEventBus((error) => {
        throw error
      })
      bus.listen((event) => events.push(event))
      const { config } = world
      const suspended: string[] = []
      const onSuspended = (holder: string) => void suspended.push(holder)
      const parts = {
        config,
        control,
        clock: systemClock,
        bus,
        onWarning,
        onSuspended,
        onChange: () => undefined,
      }
      return { rules: holdRules(parts), events, suspended }
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
  world.writeRule('press', ruleText('press'))
  return world
}
