/**
 * What `explain` asks: what is in force by the store, or the draft in the files.
 *
 * Unless told, it is what is in force where that can be known, and it is always told which. A store
 * that was never made is not made by asking: then nothing was published.
 * @module
 */
import { existsSync } from 'node:fs'

import { inspectConfig, type ConfigOutline } from '../config/load.ts'
import type { Environment } from '../config/secrets.ts'
import { rulebookInForce } from '../control/published.ts'
import { systemClock } from '../core/clock.ts'
import { GatewayError, isStoreAway } from '../core/errors.ts'
import { FindingsError } from '../core/findings.ts'
import type { Rulebook } from '../core/resource.ts'
import type { StoreConfig } from '../core/store-config.ts'
import { readRules, rulebookOf, sourceOfFiles } from '../rulebook.ts'
import { openStore } from '../store/open.ts'

/** Which is asked for, as typed. */
export interface SourceOptions {
  readonly config: string
  readonly published?: true
  readonly draft?: true
}

/** What is asked, and how it is told. */
export interface ExplainSource {
  readonly outline: ConfigOutline
  readonly rulebook: Rulebook
  /** Overrides were asked as well. */
  readonly isInForce: boolean
  readonly version: number
  readonly told: string
}

/**
 * Finds it.
 *
 * @throws {GatewayError} `ERR_CONFIG`, `ERR_RULE` and the like; with `--published` also `ERR_STORE_AWAY`,
 * and `ERR_NOT_FOUND` when nothing was published.
 */
export async function explainSource(
  { config, published, draft }: SourceOptions,
  env: Environment,
): Promise<ExplainSource> {
  if (published === true && draft === true) {
    const message = '--published found beside --draft, one or the other expected'
    throw new GatewayError('ERR_BAD_REQUEST', message)
  }
  const { outline, store, findings } = inspectConfig(config, { env })
  if (outline === undefined) throw new FindingsError('ERR_CONFIG', findings)
  if (draft === true) return draftOf(outline, '')
  if (store === undefined) {
    if (published === true) throw new FindingsError('ERR_CONFIG', findings)
    return draftOf(outline, ': the settings do not say how to reach the store')
  }
  const isMade = store.kind !== 'embedded' || existsSync(store.file)
  const found = isMade ? await inForce(outline, store, published) : undefined
  if (found !== undefined) return found
  if (published !== true) return draftOf(outline, isMade ? ': the store does not answer' : '')
  throw nothingPublished()
}

async function inForce(
  outline: ConfigOutline,
  config: StoreConfig,
  published: true | undefined,
): Promise<ExplainSource | undefined> {
  const store = openStore(config, systemClock)
  try {
    const parts = { control: store.control, clock: systemClock, config: outline }
    const { rulebook, version, overrides } = await rulebookInForce(parts)
    if (version === 0 && published === true) throw nothingPublished()
    const what =
      version === 0
        ? 'the files, since nothing is published'
        : `version ${version}, which is in force`
    const told = `Asked: ${what}; overrides that hold: ${overrides}`
    return { outline, rulebook, isInForce: true, version, told }
  } catch (error) {
    if (isStoreAway(error) && published !== true) return undefined
    throw error
  } finally {
    await store.close()
  }
}

function draftOf(outline: ConfigOutline, why: string): ExplainSource {
  const rulebook = rulebookOf(readRules(sourceOfFiles(outline), outline), outline)
  const told = `Asked: the draft in the files, without overrides${why}`
  return { outline, rulebook, isInForce: false, version: 0, told }
}

function nothingPublished(): GatewayError {
  const message = 'nothing is published in this store; without --published the files are asked'
  return new GatewayError('ERR_NOT_FOUND', message)
}
