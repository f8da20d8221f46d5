import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import { parse } from 'yaml'

import { jsonSchemas, writeSchemas } from '../../src/cli/schemas.ts'

const root = join(import.meta.dirname, '../..')

function parsed(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

interface SchemaNode {
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly items?: SchemaNode
}

/** Every schema of a key, with its path, that is not the shape of an alternative. */
function* settings(schema: SchemaNode = {}, path = ''): Generator<[string, SchemaNode]> {
  for (const [key, below] of Object.entries(schema.properties ?? {})) {
    yield [`${path}.${key}`, below]
    yield* settings(below, `${path}.${key}`)
  }
  if (schema.items !== undefined) yield* settings(schema.items, `${path}[]`)
}

test('the delivered JSON Schemas are those of the source: run `npm run schemas`', (t) => {
  for (const [name, schema] of Object.entries(jsonSchemas())) {
    t.deepEqual(parsed(join(root, 'config', name)), JSON.parse(JSON.stringify(schema)), name)
  }
})

test('schemas are written into a folder that is made if needed', (t) => {
  const folder = join(mkdtempSync(join(tmpdir(), 'darbaza-schemas-')), 'new/folder')
  writeSchemas(folder)
  for (const [name, schema] of Object.entries(jsonSchemas())) {
    t.deepEqual(parsed(join(folder, name)), JSON.parse(JSON.stringify(schema)))
  }
})

test('every setting is described, and one that has a default says so', (t) => {
  for (const [name, schema] of Object.entries(jsonSchemas())) {
    const all = [...settings(schema)]
    t.true(all.length > 10)
    for (const [path, { description, properties, default: fallback }] of all) {
      if (properties !== undefined) continue
      t.is(typeof description, 'string', `${name} ${path} has no description`)
      const isPlain = ['string', 'number', 'boolean'].includes(typeof fallback)
      if (isPlain) t.true(String(description).includes(String(fallback)), `${name} ${path}`)
    }
  }
})

test('the delivered configuration shows every setting', (t) => {
  const text = readFileSync(join(root, 'config/gateway.yaml'), 'utf8')
  const schema = jsonSchemas()['gateway.schema.json']
  for (const [path] of settings(schema)) {
    const key = path.split('.').at(-1)?.replace('[]', '')
    // A secret's places are shown by example, `{ env: … }` and `{ file: … }`.
    t.regex(text, new RegExp(`(?:^|[\\s{#-])${key}:`, 'm'), `${path} is not shown`)
  }
})

test('configuration and rules name their schema for editors', (t) => {
  for (const file of ['config/gateway.yaml', 'rules/jstor.yaml', 'rules/scopus.yaml']) {
    const text = readFileSync(join(root, file), 'utf8')
    const schema = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)?.[1] ?? ''
    t.notThrows(() => parsed(join(root, file, '..', schema)), file)
    t.truthy(parse(text))
  }
})
