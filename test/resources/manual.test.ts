import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'
import { parse, stringify } from 'yaml'
import { z } from 'zod'

import { ruleFindings } from '../../src/resources/findings.ts'
import { loadResources } from '../../src/resources/load.ts'
import { rewritingSchema } from '../../src/resources/rewriting-schema.ts'
import { resourceSchema } from '../../src/resources/schema.ts'

const docs = join(import.meta.dirname, '../../docs')
const manual = readFileSync(join(docs, 'rules.md'), 'utf8')
const reference = readFileSync(join(docs, 'reference.md'), 'utf8')
const examples = [...manual.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = '']) => text)

test('every example of the manual loads without a finding, parts within the whole one', (t) => {
  const [whole = ''] = examples
  t.true(examples.length >= 9)
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-manual-'))
  for (const example of examples) {
    const rule: object = { ...parse(whole), ...parse(example) }
    writeFileSync(join(folder, 'example.yaml'), stringify(rule))
    const { resources, findings } = loadResources(folder, { readSecret })
    t.deepEqual(findings, [], example)
    t.is(resources.length, 1)
  }
})

test('the rules that come with the product load without an error, what they comment out as well', (t) => {
  const folder = join(docs, '../rules')
  const copy = mkdtempSync(join(tmpdir(), 'darbaza-rules-'))
  const scopus = readFileSync(join(folder, 'scopus.yaml'), 'utf8')
  // Lines of YAML behind a "# " at some depth; sentences are left out.
  const uncommented = scopus.replace(/^( +)# ( *(?:- )?(?:\w[\w-]*|'[^']*'):)/gm, '$1$2')
  t.not(uncommented, scopus)
  writeFileSync(join(copy, 'scopus.yaml'), uncommented)
  const { findings } = loadResources(copy, { readSecret })
  t.deepEqual(
    findings.map(({ message, line }) => `${line} ${message}`),
    [],
  )
  t.deepEqual(loadResources(folder).findings, [])
})

/** Secrets of examples stand where they stand. */
function readSecret(): { secret: string } {
  return { secret: 'key' }
}

/** The keys of a schema and of what is in it. */
function keysOf(schema: z.ZodType): string[] {
  const found: string[] = []
  const read = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    if ('properties' in node) found.push(...Object.keys(node.properties ?? {}))
    Object.values(node).forEach(read)
  }
  read(z.toJSONSchema(schema, { io: 'input' }))
  return [...new Set(found)]
}

function isNamed(key: string): boolean {
  return new RegExp(`\`${key}\`|(?:^|[\\s{-])${key}:`, 'm').test(manual)
}

test('the manual names every key of a rule', (t) => {
  const keys = [...keysOf(resourceSchema), ...keysOf(rewritingSchema)]
  t.true(keys.length > 40)
  t.deepEqual(
    keys.filter((key) => !isNamed(key)),
    [],
  )
})

test('the reference names every finding of rules with its severity, and none that there is not', (t) => {
  const named = [...reference.matchAll(/^\| (F\d{3}) +\| (\w+) /gm)].map(
    ([, number, severity]) => [number, severity] as const,
  )
  t.deepEqual(Object.fromEntries(named), ruleFindings)
})
