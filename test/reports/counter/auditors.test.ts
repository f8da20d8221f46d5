/** The auditors' scenarios as the reports tell them, number by number. */
import test from 'ava'

import { makeReport } from '../../../src/reports/counter/make.ts'
import { scenarios } from '../../usage/auditors.ts'
import { counted, request } from '../../usage/events.ts'
import { asked, reporter } from './sample.ts'

const month = '2026-10'
const resources = new Map()

/** [report, what it tells of each scenario] */
const answers: Readonly<Record<string, Readonly<Record<'PR_P1' | 'DR_D1' | 'DR_D2', object>>>> = {
  'E.2.3': {
    PR_P1: { Total_Item_Requests: 45, Unique_Item_Requests: 30 },
    DR_D1: {
      Total_Item_Investigations: 45,
      Total_Item_Requests: 45,
      Unique_Item_Investigations: 30,
      Unique_Item_Requests: 30,
    },
    DR_D2: {},
  },
  'E.3.1': { PR_P1: {}, DR_D1: {}, DR_D2: { Limit_Exceeded: 50 } },
  'E.3.2': { PR_P1: {}, DR_D1: {}, DR_D2: { No_License: 50 } },
  'E.4.1': { PR_P1: { Searches_Platform: 100 }, DR_D1: { Searches_Regular: 100 }, DR_D2: {} },
  'E.6.1': {
    PR_P1: { Total_Item_Requests: 100, Unique_Item_Requests: 100 },
    DR_D1: {
      Total_Item_Investigations: 100,
      Total_Item_Requests: 100,
      Unique_Item_Investigations: 100,
      Unique_Item_Requests: 100,
    },
    DR_D2: {},
  },
}

for (const { name, events } of scenarios) {
  for (const id of ['PR_P1', 'DR_D1', 'DR_D2'] as const) {
    test(`${id} of the auditors' ${name}`, (t) => {
      // What is mined stands in no view, whatever else there is.
      const mined = request(80_000, 'mined', { isMining: true })
      const figures = { ...counted([...events, mined]).figures, period: month }
      const { Report_Items } = makeReport(asked(id), { figures: [figures], resources }, reporter)
      const told = Report_Items.flatMap(({ Attribute_Performance }) =>
        Attribute_Performance.flatMap(({ Performance }) => Object.entries(Performance)),
      )
      t.deepEqual(
        Object.fromEntries(told.map(([metric, counts]) => [metric, counts[month]])),
        answers[name.slice(0, 5)]?.[id],
      )
    })
  }
}
