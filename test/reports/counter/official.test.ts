/**
 * Reports against COUNTER's own schema, which is not part of this repository: the test runs where
 * `COUNTER_SCHEMA` names the file of the COUNTER API 5.1 (OpenAPI, JSON).
 */
import { readFileSync } from 'node:fs'

import { Ajv2020 } from 'ajv/dist/2020.js'
import test from 'ava'
import * as fc from 'fast-check'

import { exceptionFacts, exceptionOf } from '../../../src/reports/counter/exceptions.ts'
import { makeReport } from '../../../src/reports/counter/make.ts'
import { queryOf, startHouse } from '../sushi/house.ts'
import { catalogue, figuresOfMonth } from './random.ts'
import { asked, reporter } from './sample.ts'

const file = process.env['COUNTER_SCHEMA']
const run = file === undefined || file === '' ? test.skip : test

/** What says whether a value is one of the schema's, by name. */
function officialValidators(path: string) {
  // One pattern of the file is none under the flag `u`.
  const ajv = new Ajv2020({ strict: false, unicodeRegExp: false, allErrors: true })
  ajv.addFormat('date', /^\d{4}-\d\d-\d\d$/)
  ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/)
  ajv.addFormat('uri', (text: string) => URL.canParse(text))
  ajv.addSchema(JSON.parse(readFileSync(path, 'utf8')), 'counter')
  return (name: string) => ajv.getSchema(`counter#/components/schemas/${name}`)
}

for (const id of ['PR', 'PR_P1', 'DR', 'DR_D1', 'DR_D2'] as const) {
  run(`${id} is valid by the official schema, whatever was used`, (t) => {
    const validate = officialValidators(file ?? '')(id)
    if (validate === undefined) return t.fail(`the file has no ${id}`)
    const figures = fc.tuple(figuresOfMonth('2026-09'), figuresOfMonth('2026-10'))
    fc.assert(
      fc.property(figures, fc.boolean(), (of, isLate) => {
        const report = makeReport(
          asked(id, {
            exceptions: isLate ? [exceptionOf(3031, 'after 2026-10'), exceptionOf(3050, 'x')] : [],
            choice: id === 'PR' || id === 'DR' ? { showsAccessMethod: isLate } : {},
          }),
          { figures: of, resources: catalogue },
          reporter,
        )
        t.true(validate(report), JSON.stringify(validate.errors?.slice(0, 5)))
      }),
      { numRuns: 50 },
    )
  })
}

run('what the API answers is valid by the official schema, exceptions included', async (t) => {
  const validatorOf = officialValidators(file ?? '')
  const house = await startHouse()
  try {
    for (const [path, schema] of [
      [`status`, 'Status'],
      [`members?${queryOf()}`, 'Member'],
      [`reports?${queryOf()}`, 'Report'],
    ] as const) {
      const validate = validatorOf(schema)
      const rows = JSON.parse((await house.ask(`/r51/${path}`)).text) as unknown[]
      for (const row of rows) t.true(validate?.(row), JSON.stringify(validate?.errors))
    }
    for (const id of ['PR', 'PR_P1', 'DR', 'DR_D1', 'DR_D2']) {
      const query = queryOf({ begin_date: '2026-01', end_date: '2026-12', color: 'red' })
      const { text } = await house.ask(`/r51/reports/${id.toLowerCase()}?${query}`)
      const validate = validatorOf(id)
      t.true(validate?.(JSON.parse(text)), JSON.stringify(validate?.errors))
    }
    for (const code of Object.keys(exceptionFacts)) {
      const validate = validatorOf(`Exception_${code}`)
      // The code is a key of the table.
      const exception = exceptionOf(Number(code) as keyof typeof exceptionFacts, 'data')
      t.true(validate?.(exception), `${code} ${JSON.stringify(validate?.errors)}`)
    }
  } finally {
    await house.close()
  }
})
