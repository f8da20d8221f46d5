/**
 * A rule set as it stands in the store: the texts of the rule files, so that messages and `explain`
 * keep naming file and line, and the networks of the configuration. Secrets stay where they are: a
 * rule names them by file or variable, and each process reads its own.
 *
 * Reading believes nothing: a set whose hash is another, or that cannot be read, is refused whole.
 * @module
 */
import { join, relative, sep } from 'node:path'

import { z } from 'zod'

import type { NetworkConfig } from '../config/config.ts'
import { networkOf, type ConfigOutline } from '../config/load.ts'
import { networksSchema } from '../config/schema.ts'
import { jsonOf } from '../core/decoding.ts'
import { readDocument } from '../core/documents.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { RuleSource } from '../rulebook.ts'
import type { StoredSet } from '../store/contract.ts'
import { canonicalJson, digestOf } from './canonical.ts'

/** What is told of a set beside its content. */
export interface AboutSet {
  /** Epoch milliseconds. */
  readonly at: number
  readonly by: string
  readonly why: string
  /** One line on what it changed. */
  readonly summary: string
  /** A line for each change, of a longer list the first ones; absent in sets of earlier releases. */
  readonly changes?: readonly string[]
  /** The version that it brings back; absent for one that was published. */
  readonly of?: number
}

/** A set, and the lines of its networks in the configuration that they were published from. */
export interface PublishedSource extends RuleSource {
  readonly networkLines: readonly (number | undefined)[]
}

const setSchema = z.strictObject({
  format: z.literal(1),
  files: z.array(z.strictObject({ path: z.string().regex(/^[^/]/), text: z.string() })),
  networks: networksSchema,
  networkLines: z.array(z.int().nullable()),
})

const aboutSchema = z.strictObject({
  at: z.int(),
  by: z.string(),
  why: z.string(),
  summary: z.string(),
  changes: z.array(z.string()).optional(),
  of: z.int().optional(),
})

/**
 * The body of a set: the same content gives the same text.
 *
 * @throws {GatewayError} `ERR_RULE` when the set passes its bound.
 */
export function encodeSet(source: RuleSource, config: ConfigOutline): string {
  const { lineOf } = readDocument(config.file)
  const body = canonicalJson({
    format: 1,
    files: source.texts.map(({ file, text }) => ({ path: pathOf(file, config), text })),
    networks: source.networks,
    networkLines: source.networks.map((_, index) => lineOf(['networks', index]) ?? null),
  })
  const bytes = Buffer.byteLength(body)
  if (bytes <= limits.control.setBytes) return body
  const message = `found ${bytes} bytes of rules, expected at most ${limits.control.setBytes}`
  throw new GatewayError('ERR_RULE', message, { at: config.rulesFolder })
}

/**
 * The content of a stored set; its files are named as if they stood in the rules folder of this
 * machine.
 *
 * @throws {GatewayError} `ERR_STORE_DATA` when it is damaged.
 */
export function decodeSet(
  { version, hash, body }: StoredSet,
  config: ConfigOutline,
): PublishedSource {
  if (digestOf(body) !== hash) throw damaged(version, 'its hash is not that of its content')
  const parsed = setSchema.safeParse(jsonOf(body))
  if (!parsed.success) throw damaged(version, 'it is of another shape')
  const { files, networks, networkLines } = parsed.data
  return {
    texts: files.map(({ path, text }) => ({ file: join(config.rulesFolder, path), text })),
    networks: networks.map((network): NetworkConfig => networkOf(network)),
    networkLines: networkLines.map((line) => line ?? undefined),
  }
}

/** What is told of a set; undefined when it cannot be read. */
export function aboutOf({ about }: Pick<StoredSet, 'about'>): AboutSet | undefined {
  const parsed = aboutSchema.safeParse(jsonOf(about))
  if (!parsed.success) return undefined
  const { of, changes, ...rest } = parsed.data
  return { ...rest, ...(changes && { changes }), ...(of !== undefined && { of }) }
}

function pathOf(file: string, { rulesFolder }: ConfigOutline): string {
  return relative(rulesFolder, file).split(sep).join('/')
}

function damaged(version: number, why: string): GatewayError {
  return new GatewayError('ERR_STORE_DATA', `rule set ${version} is damaged: ${why}`)
}
