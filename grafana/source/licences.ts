/**
 * *Licences and seats*: what is full, who is refused, what ends.
 * @module
 */
import type { Dashboard } from './dashboard.ts'
import { alike, quantile, rate, sum, total } from './query.ts'

const pool = '=~"$pool"'
const used = alike('darbaza_seats_used', { by: ['pool'], where: { pool } })
const limit = alike('darbaza_seats_limit', { by: ['pool'], where: { pool } })
const waiting = alike('darbaza_seats_waiting', { by: ['pool'], where: { pool } })
const ends = alike('darbaza_licence_end_timestamp_seconds', { by: ['resource'] })
const month = 30 * 24 * 60 * 60

/** The page. */
export const licences: Dashboard = {
  uid: 'darbaza-licences',
  title: 'Licences and seats',
  description: 'Which seats are taken, who is refused and why, which licences end.',
  from: 'now-24h',
  choices: [
    { name: 'pool', label: 'Pool', query: 'label_values(darbaza_seats_limit{job=~"$job"}, pool)' },
  ],
  rows: [
    {
      title: 'Now',
      panels: [
        {
          kind: 'stat',
          title: 'Seats in use',
          description: 'Held, or kept for somebody who has waited; of the pools chosen above.',
          unit: 'short',
          width: 4,
          queries: [{ expr: sum(used) }],
        },
        {
          kind: 'stat',
          title: 'Pools that are full',
          description: 'No seat is free there: newcomers wait.',
          unit: 'short',
          width: 4,
          steps: [[1, 'yellow']],
          queries: [{ expr: sum(`${used} >= bool ${limit}`) }],
        },
        {
          kind: 'stat',
          title: 'Readers who wait',
          description: 'In the queues of the pools chosen above.',
          unit: 'short',
          width: 4,
          steps: [[1, 'yellow']],
          queries: [{ expr: sum(waiting) }],
        },
        {
          kind: 'stat',
          title: 'Refused: all seats taken',
          description:
            'In the time shown, each waiting once; COUNTER’s Limit_Exceeded before its filters.',
          unit: 'short',
          width: 4,
          queries: [
            { expr: total('darbaza_decisions_total', { where: { outcome: 'seats_full' } }) },
          ],
        },
        {
          kind: 'stat',
          title: 'Licences that end within 30 days',
          description: 'By the last day in the rules, without grace days.',
          unit: 'short',
          width: 4,
          steps: [[1, 'yellow']],
          queries: [
            { expr: `sum((${ends} - time() > bool 0) * (${ends} - time() < bool ${month}))` },
          ],
        },
        {
          kind: 'stat',
          title: 'Licences that have ended',
          description: 'Readers come in by grace days alone, or not at all.',
          unit: 'short',
          width: 4,
          steps: [[1, 'red']],
          queries: [{ expr: `sum(${ends} - time() < bool 0)` }],
        },
      ],
    },
    {
      title: 'Seats',
      panels: [
        {
          kind: 'bargauge',
          title: 'How full',
          description: 'Seats in use by pool, as a share of the licence’s seats.',
          unit: 'percentunit',
          width: 12,
          max: 1,
          steps: [
            [0.8, 'yellow'],
            [1, 'red'],
          ],
          queries: [{ expr: `${used} / ${limit}`, legend: '{{pool}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Seats in use by pool',
          description: 'By pool.',
          unit: 'short',
          width: 12,
          queries: [{ expr: used, legend: '{{pool}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Queues',
          description: 'By pool.',
          unit: 'short',
          width: 8,
          queries: [{ expr: waiting, legend: '{{pool}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Waits',
          description: 'Readers who joined a queue, got a seat, or left; the rest just went.',
          unit: 'ops',
          width: 8,
          queries: [
            { expr: rate('darbaza_seat_waits_total', { by: ['outcome'] }), legend: '{{outcome}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'How long they waited',
          description: 'Of those who got a seat: median and longest 5 %.',
          unit: 's',
          width: 8,
          queries: [
            { expr: quantile(0.5, 'darbaza_seat_wait_seconds'), legend: 'median' },
            { expr: quantile(0.95, 'darbaza_seat_wait_seconds'), legend: '95 %' },
          ],
        },
      ],
    },
    {
      title: 'Refusals and licences',
      panels: [
        {
          kind: 'timeseries',
          title: 'Refusals by reason',
          description: 'Of all databases. “not_signed_in” leads to sign-in and is no trouble.',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: rate('darbaza_decisions_total', {
                by: ['outcome'],
                where: { outcome: '!~"allowed|direct"' },
              }),
              legend: '{{outcome}}',
            },
          ],
        },
        {
          kind: 'bargauge',
          title: 'Refused most for want of seats',
          description: 'Databases, in the time shown.',
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: `topk(10, ${total('darbaza_decisions_total', { by: ['resource'], where: { outcome: 'seats_full' } })})`,
              legend: '{{resource}}',
            },
          ],
        },
        {
          kind: 'table',
          title: 'Time to the end of each licence',
          description: 'Databases whose licence has an end; below zero it is over.',
          unit: 's',
          width: 12,
          steps: [[month, 'green']],
          base: 'red',
          queries: [{ expr: `sort(${ends} - time())` }],
        },
        {
          kind: 'timeseries',
          title: 'Fair use used up',
          description: 'Readers who reached the quota of a database, by mode.',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: rate('darbaza_fair_use_reached_total', { by: ['resource', 'mode'] }),
              legend: '{{resource}} {{mode}}',
            },
          ],
        },
      ],
    },
  ],
}
