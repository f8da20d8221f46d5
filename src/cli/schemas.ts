/**
 * The JSON Schemas of what operators write, from the same source that validates it, so that editors
 * complete and explain every setting.
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { configSchema } from '../config/schema.ts'
import { resourceSchema } from '../resources/schema.ts'

/** Each schema by its file name. Draft 7 is what the YAML language server understands best. */
export function jsonSchemas(): Readonly<Record<string, object>> {
  const options = { io: 'input', target: 'draft-7' } as const
  return {
    'gateway.schema.json': z.toJSONSchema(configSchema, options),
    'resource.schema.json': z.toJSONSchema(resourceSchema, options),
  }
}

/** Writes every schema into a folder, which is made if needed. */
export function writeSchemas(folder: string): void {
  mkdirSync(folder, { recursive: true })
  for (const [name, schema] of Object.entries(jsonSchemas())) {
    writeFileSync(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`)
  }
}
