/**
 * The scenarios by which COUNTER's auditors try a report provider, as events.
 * @module
 */
import type { StoredEvent } from '../../src/store/contract.ts'
import { denial, exchange, request, type Sums } from './events.ts'

/** Something made so often, by its number. */
export const times = <Item>(count: number, make: (index: number) => Item): Item[] =>
  Array.from({ length: count }, (_, index) => make(index))

/** The auditors' scenarios with their published answers. Source: COUNTER 5.1, appendix E. */
export const scenarios: readonly {
  readonly name: string
  readonly events: readonly StoredEvent[]
  readonly answer: Sums
}[] = [
  {
    name: 'E.2.3: 15 items opened twice within 30 seconds, 15 twice with more between',
    events: times(30, (index) => [
      request(index * 200, `i${index}`),
      request(index * 200 + (index < 15 ? 29 : 35), `i${index}`),
    ]).flat(),
    answer: {
      Total_Item_Investigations: 45,
      Total_Item_Requests: 45,
      Unique_Item_Investigations: 30,
      Unique_Item_Requests: 30,
    },
  },
  {
    name: 'E.3.1: refused 50 times for want of a seat',
    events: times(50, (index) => denial(index * 31, 'seats_full')),
    answer: { Limit_Exceeded: 50 },
  },
  {
    name: 'E.3.2: 50 requests for what is not licensed',
    events: times(50, (index) => denial(index * 31, 'licence_ended')),
    answer: { No_License: 50 },
  },
  {
    name: 'E.4.1: 100 searches, of which each counts however soon it is run again',
    events: times(100, (index) =>
      exchange(index, { use: { kind: 'search', format: 'html' }, url: 'search' }),
    ),
    answer: { Searches_Regular: 100 },
  },
  {
    name: 'E.6.1: 100 items',
    events: times(100, (index) => request(index, `i${index}`)),
    answer: {
      Total_Item_Investigations: 100,
      Total_Item_Requests: 100,
      Unique_Item_Investigations: 100,
      Unique_Item_Requests: 100,
    },
  },
]
