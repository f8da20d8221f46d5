/**
 * *Use today*: which databases are read now. Figures of months stand in the staff's reports, by
 * COUNTER's rules; these count every exchange.
 * @module
 */
import type { Dashboard } from './dashboard.ts'
import { of, rate, sum, total } from './query.ts'

const resource = '=~"$resource"'

/** The page. */
export const use: Dashboard = {
  uid: 'darbaza-use',
  title: 'Use today',
  description: 'What is read since midnight, by database. Not for statistics: see the reports.',
  from: 'now/d',
  choices: [
    {
      name: 'resource',
      label: 'Database',
      query: 'label_values(darbaza_decisions_total{job=~"$job"}, resource)',
    },
  ],
  rows: [
    {
      title: 'Today',
      panels: [
        {
          kind: 'stat',
          title: 'Readers at work',
          description: 'Sessions with an exchange in the last five minutes.',
          unit: 'short',
          width: 4,
          queries: [{ expr: sum(of('darbaza_sessions_active')) }],
        },
        {
          kind: 'stat',
          title: 'Sign-ins',
          description: 'That went well, in the time shown.',
          unit: 'short',
          width: 4,
          queries: [{ expr: total('darbaza_sign_ins_total', { where: { outcome: 'success' } }) }],
        },
        {
          kind: 'stat',
          title: 'Exchanges',
          description: 'Pages with their pictures and scripts, in the time shown.',
          unit: 'short',
          width: 4,
          queries: [{ expr: total('darbaza_exchanges_total', { where: { resource } }) }],
        },
        {
          kind: 'stat',
          title: 'Delivered',
          description: 'Bytes of publishers’ answers, in the time shown.',
          unit: 'bytes',
          width: 4,
          queries: [{ expr: total('darbaza_exchange_sent_bytes_total', { where: { resource } }) }],
        },
        {
          kind: 'stat',
          title: 'Refusals',
          description: 'Without those that only led to sign-in.',
          unit: 'short',
          width: 4,
          queries: [
            {
              expr: total('darbaza_decisions_total', {
                where: { resource, outcome: '!~"allowed|direct|not_signed_in"' },
              }),
            },
          ],
        },
        {
          kind: 'stat',
          title: 'Databases in use',
          description: 'With an exchange in the time shown.',
          unit: 'short',
          width: 4,
          queries: [
            {
              expr: `count(${total('darbaza_exchanges_total', { by: ['resource'], where: { resource } })} > 0)`,
            },
          ],
        },
      ],
    },
    {
      title: 'By database',
      panels: [
        {
          kind: 'bargauge',
          title: 'Most exchanges',
          description: 'The first ten in the time shown.',
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: `topk(10, ${total('darbaza_exchanges_total', { by: ['resource'], where: { resource } })})`,
              legend: '{{resource}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Exchanges by database',
          description: 'By database.',
          unit: 'reqps',
          width: 12,
          queries: [
            {
              expr: rate('darbaza_exchanges_total', { by: ['resource'], where: { resource } }),
              legend: '{{resource}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Mean time of an exchange',
          description:
            'From the request to the last byte; downloads take as long as the reader’s line.',
          unit: 's',
          width: 12,
          queries: [
            {
              expr: `${rate('darbaza_exchange_seconds_total', { by: ['resource'], where: { resource } })} / ${rate('darbaza_exchanges_total', { by: ['resource'], where: { resource } })}`,
              legend: '{{resource}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Server errors of publishers',
          description:
            'Answers of 500 and more as they passed; failures to reach one stand in Service.',
          unit: 'reqps',
          width: 12,
          queries: [
            {
              expr: rate('darbaza_exchanges_total', {
                by: ['resource'],
                where: { resource, status: '5xx' },
              }),
              legend: '{{resource}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Readers',
      panels: [
        {
          kind: 'timeseries',
          title: 'Readers by gateway',
          description: 'Sessions with an exchange in the last five minutes, by gateway.',
          unit: 'short',
          width: 12,
          queries: [
            { expr: sum(of('darbaza_sessions_active'), ['instance']), legend: '{{instance}}' },
          ],
        },
        {
          kind: 'bargauge',
          title: 'Sign-ins by provider',
          description: 'That went well, in the time shown.',
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: total('darbaza_sign_ins_total', {
                by: ['provider'],
                where: { outcome: 'success' },
              }),
              legend: '{{provider}}',
            },
          ],
        },
      ],
    },
  ],
}
