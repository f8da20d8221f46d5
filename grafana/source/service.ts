/**
 * *Service*: is it up, how fast is it, what fails.
 * @module
 */
import type { Dashboard } from './dashboard.ts'
import { alike, node, of, quantile, rate, sum } from './query.ts'

const errorShare = `${rate('darbaza_requests_total', { by: ['surface'], where: { status: '5xx' } })} / ${rate('darbaza_requests_total', { by: ['surface'] })}`

/** The page. */
export const service: Dashboard = {
  uid: 'darbaza-service',
  title: 'Service',
  description: 'Whether the gateway serves, how fast, and what fails.',
  from: 'now-6h',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          kind: 'stat',
          title: 'Processes that serve',
          description: 'Worker processes of all gateways. Fewer than usual: one has ended.',
          unit: 'short',
          width: 4,
          base: 'red',
          steps: [[1, 'green']],
          queries: [{ expr: sum(of('darbaza_workers_serving')) }],
        },
        {
          kind: 'stat',
          title: 'Store answers',
          description: 'No: nobody gets a seat, and nobody signs in.',
          unit: 'bool_yes_no',
          width: 4,
          base: 'red',
          steps: [[1, 'green']],
          queries: [{ expr: alike('darbaza_store_up') }],
        },
        {
          kind: 'stat',
          title: 'Sign-in services found',
          description: 'Share of the identity providers that were found.',
          unit: 'percentunit',
          width: 4,
          base: 'red',
          steps: [[1, 'green']],
          max: 1,
          queries: [{ expr: `avg(${alike('darbaza_provider_up', { by: ['provider'] })})` }],
        },
        {
          kind: 'stat',
          title: 'Requests',
          description: 'Requests of browsers that ended, of every kind.',
          unit: 'reqps',
          width: 4,
          queries: [{ expr: rate('darbaza_requests_total') }],
        },
        {
          kind: 'stat',
          title: 'In flight',
          description: 'Requests being answered now. One process takes 4,096 at most.',
          unit: 'short',
          width: 4,
          steps: [
            [1000, 'yellow'],
            [3000, 'red'],
          ],
          queries: [{ expr: sum(of('darbaza_requests_in_flight')) }],
        },
        {
          kind: 'stat',
          title: 'Readers at work',
          description: 'Sessions with an exchange in the last five minutes.',
          unit: 'short',
          width: 4,
          queries: [{ expr: sum(of('darbaza_sessions_active')) }],
        },
      ],
    },
    {
      title: 'Requests',
      panels: [
        {
          kind: 'timeseries',
          title: 'Requests by surface',
          description:
            'The portal, the staff console, pages of publishers (zone), and the gateway’s own things.',
          unit: 'reqps',
          width: 8,
          queries: [
            { expr: rate('darbaza_requests_total', { by: ['surface'] }), legend: '{{surface}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Share of server errors',
          description: 'Answers of 500 and more. In the zone those of publishers are among them.',
          unit: 'percentunit',
          width: 8,
          queries: [{ expr: errorShare, legend: '{{surface}}' }],
        },
        {
          kind: 'timeseries',
          title: 'Errors by code',
          description:
            'Requests that ended in an error of the list in docs/reference.md; empty when there are none.',
          unit: 'ops',
          width: 8,
          queries: [
            { expr: `${rate('darbaza_failures_total', { by: ['code'] })} > 0`, legend: '{{code}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Time of an answer',
          description: 'From the request to the last byte, by surface: median and slowest 5 %.',
          unit: 's',
          width: 12,
          queries: [
            {
              expr: quantile(0.5, 'darbaza_request_duration_seconds', { by: ['surface'] }),
              legend: '{{surface}} median',
            },
            {
              expr: quantile(0.95, 'darbaza_request_duration_seconds', { by: ['surface'] }),
              legend: '{{surface}} 95 %',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Time of the publishers',
          description: 'From the gateway’s question to the head of the publisher’s answer.',
          unit: 's',
          width: 12,
          queries: [
            { expr: quantile(0.5, 'darbaza_upstream_duration_seconds'), legend: 'median' },
            { expr: quantile(0.95, 'darbaza_upstream_duration_seconds'), legend: '95 %' },
            { expr: quantile(0.99, 'darbaza_upstream_duration_seconds'), legend: '99 %' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Size of answers',
          description: 'As sent, by surface: median and largest 5 %.',
          unit: 'bytes',
          width: 12,
          queries: [
            {
              expr: quantile(0.5, 'darbaza_response_size_bytes', { by: ['surface'] }),
              legend: '{{surface}} median',
            },
            {
              expr: quantile(0.95, 'darbaza_response_size_bytes', { by: ['surface'] }),
              legend: '{{surface}} 95 %',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Sent to readers',
          description: 'Bytes of publishers’ answers.',
          unit: 'Bps',
          width: 12,
          queries: [{ expr: rate('darbaza_exchange_sent_bytes_total'), legend: 'bytes' }],
        },
      ],
    },
    {
      title: 'Inside',
      panels: [
        {
          kind: 'timeseries',
          title: 'Rewriting of a body',
          description: 'Bodies that come whole, the slowest 5 % by content.',
          unit: 's',
          width: 8,
          queries: [
            {
              expr: quantile(0.95, 'darbaza_rewriting_duration_seconds', { by: ['content'] }),
              legend: '{{content}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Rewritten as it streams',
          description:
            'Seconds of a processor in a second for bodies that are too long or too slow to come whole, by content. Near 1 for each process, readers wait.',
          unit: 'short',
          width: 12,
          queries: [
            {
              expr: rate('darbaza_rewriting_streamed_seconds_total', { by: ['content'] }),
              legend: '{{content}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'WebSockets',
          description: 'Open now, in all processes.',
          unit: 'short',
          width: 12,
          queries: [{ expr: sum(of('darbaza_web_sockets_open')), legend: 'open' }],
        },
        {
          kind: 'timeseries',
          title: 'Rewritten',
          description: 'Bytes of bodies as they came, by content.',
          unit: 'Bps',
          width: 8,
          queries: [
            {
              expr: rate('darbaza_rewriting_bytes_total', { by: ['content'] }),
              legend: '{{content}}',
            },
            {
              expr: rate('darbaza_rewriting_streamed_bytes_total', { by: ['content'] }),
              legend: '{{content}}, streamed',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Operations of the store',
          description: 'The slowest 1 % by part, and how many fail.',
          unit: 's',
          width: 8,
          queries: [
            {
              expr: quantile(0.99, 'darbaza_store_command_duration_seconds', { by: ['part'] }),
              legend: '{{part}} 99 %',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Failures of the store',
          description: 'Operations that failed, by part.',
          unit: 'ops',
          width: 8,
          queries: [
            { expr: rate('darbaza_store_failures_total', { by: ['part'] }), legend: '{{part}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Processor',
          description: 'Cores in use; the processes of a gateway together.',
          unit: 'short',
          width: 8,
          queries: [
            {
              expr: sum(`rate(${node('process_cpu_seconds_total')}[$__rate_interval])`, [
                'instance',
              ]),
              legend: '{{instance}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Memory',
          description: 'Resident memory; the processes of a gateway together.',
          unit: 'bytes',
          width: 8,
          queries: [
            {
              expr: sum(node('process_resident_memory_bytes'), ['instance']),
              legend: '{{instance}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Event loop',
          description:
            'How late a turn comes, slowest 1 %. Above 0.1 s everybody waits for somebody.',
          unit: 's',
          width: 12,
          queries: [
            {
              expr: `max by (instance) (${node('nodejs_eventloop_lag_p99_seconds')})`,
              legend: '{{instance}}',
            },
          ],
        },
        {
          kind: 'table',
          title: 'Versions',
          description: 'Which versions run where.',
          unit: 'short',
          width: 12,
          queries: [{ expr: `max by (instance, version, node) (${of('darbaza_build_info')})` }],
        },
      ],
    },
    {
      title: 'Sign-in',
      panels: [
        {
          kind: 'timeseries',
          title: 'Sign-ins',
          description: 'By outcome; “address” are readers who are admitted by their network.',
          unit: 'ops',
          width: 12,
          queries: [
            { expr: rate('darbaza_sign_ins_total', { by: ['outcome'] }), legend: '{{outcome}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Sign-in services that were lost',
          description: 'Times that a provider was not found any more.',
          unit: 'ops',
          width: 12,
          queries: [
            {
              expr: rate('darbaza_provider_losses_total', { by: ['provider'] }),
              legend: '{{provider}}',
            },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Claims that counted for nothing',
          description: 'By reason; a rise means that the provider’s words have changed.',
          unit: 'ops',
          width: 24,
          queries: [
            {
              expr: rate('darbaza_claims_rejected_total', { by: ['reason'] }),
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
  ],
}
