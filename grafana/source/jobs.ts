/**
 * *Links and jobs*: what runs by itself: links, rules in force, records of use, scheduled jobs.
 * @module
 */
import type { Dashboard } from './dashboard.ts'
import { alike, of, rate, sum, total } from './query.ts'

const due = alike('darbaza_job_due_timestamp_seconds', { by: ['name'] })
const up = alike('darbaza_link_up', { by: ['resource'] })
const done = alike('darbaza_job_last_success_timestamp_seconds', { by: ['name'] })

/** The page. */
export const jobs: Dashboard = {
  uid: 'darbaza-jobs',
  title: 'Links and jobs',
  description:
    'What runs by itself: the check of links, rules in force, records of use, scheduled jobs.',
  from: 'now-7d',
  rows: [
    {
      title: 'Links',
      panels: [
        {
          kind: 'stat',
          title: 'Databases with a broken link',
          description: 'Failed twice in a row, hours apart.',
          unit: 'short',
          width: 4,
          steps: [[1, 'red']],
          queries: [{ expr: `sum(${up} < bool 1)` }],
        },
        {
          kind: 'stat',
          title: 'Links that are known to work',
          description: 'Of the databases of which anybody can tell.',
          unit: 'percentunit',
          width: 4,
          queries: [{ expr: `avg(${up})` }],
        },
        {
          kind: 'stat',
          title: 'Since all were checked',
          description: 'Time since the checker came to the end of all that was due: an hour or so.',
          unit: 's',
          width: 4,
          steps: [[3 * 3600, 'yellow']],
          queries: [
            { expr: `time() - ${alike('darbaza_link_check_last_success_timestamp_seconds')}` },
          ],
        },
        {
          kind: 'stat',
          title: 'Open reports of readers',
          description: 'That something does not work; staff end them at /staff/links.',
          unit: 'short',
          width: 4,
          steps: [[1, 'yellow']],
          queries: [{ expr: alike('darbaza_link_reports_open') }],
        },
        {
          kind: 'timeseries',
          title: 'Links of each database',
          description: '1 while they work, 0 while one is broken; a gap where nobody can tell.',
          unit: 'short',
          width: 8,
          queries: [{ expr: up, legend: '{{resource}}' }],
        },
      ],
    },
    {
      title: 'Rules',
      panels: [
        {
          kind: 'stat',
          title: 'Rule set in force',
          description: 'Its version; 0 for the files. Of several processes the lowest.',
          unit: 'short',
          width: 6,
          queries: [{ expr: alike('darbaza_rules_version') }],
        },
        {
          kind: 'stat',
          title: 'In force for',
          description: 'Time since the last process took the rules over.',
          unit: 's',
          width: 6,
          queries: [{ expr: `time() - ${alike('darbaza_rules_timestamp_seconds')}` }],
        },
        {
          kind: 'stat',
          title: 'Rule sets refused',
          description: 'Published, but damaged or not fit here; in the time shown.',
          unit: 'short',
          width: 6,
          steps: [[1, 'red']],
          queries: [{ expr: total('darbaza_rules_failures_total') }],
        },
        {
          kind: 'stat',
          title: 'Overrides by staff',
          description: 'That hold now, by kind.',
          unit: 'short',
          width: 6,
          queries: [
            { expr: alike('darbaza_overrides_active', { by: ['kind'] }), legend: '{{kind}}' },
          ],
        },
      ],
    },
    {
      title: 'Records of use',
      panels: [
        {
          kind: 'timeseries',
          title: 'Usage events',
          description: 'Recorded, and taken by the store: the same but for a moment.',
          unit: 'ops',
          width: 12,
          queries: [
            { expr: rate('darbaza_usage_events_total', { by: ['result'] }), legend: '{{result}}' },
          ],
        },
        {
          kind: 'timeseries',
          title: 'Waiting on disk',
          description: 'Events that the store has not taken yet. Grows while the store is away.',
          unit: 'bytes',
          width: 8,
          queries: [{ expr: sum(of('darbaza_spool_bytes'), ['instance']), legend: '{{instance}}' }],
        },
        {
          kind: 'stat',
          title: 'Lost',
          description: 'Events lost to a full disk, in the time shown.',
          unit: 'short',
          width: 4,
          steps: [[1, 'red']],
          queries: [{ expr: total('darbaza_usage_events_total', { where: { result: 'lost' } }) }],
        },
      ],
    },
    {
      title: 'Access log',
      panels: [
        {
          kind: 'timeseries',
          title: 'Lines',
          description:
            'Written for ezPAARSE, or lost to a slow or full disk; none without accessLog.',
          unit: 'ops',
          width: 24,
          queries: [
            {
              expr: rate('darbaza_access_log_lines_total', { by: ['result'] }),
              legend: '{{result}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Scheduled jobs',
      panels: [
        {
          kind: 'table',
          title: 'Not done yet',
          description: '1 for a job that was due and is not done for that time.',
          unit: 'short',
          width: 8,
          steps: [[1, 'yellow']],
          queries: [{ expr: `${done} < bool ${due}` }],
        },
        {
          kind: 'table',
          title: 'Time since it was due',
          description: 'Of each job, the last time that it was due.',
          unit: 's',
          width: 8,
          queries: [{ expr: `time() - ${due}` }],
        },
        {
          kind: 'timeseries',
          title: 'Runs',
          description: 'Times that a job ran, by outcome.',
          unit: 'ops',
          width: 8,
          queries: [
            {
              expr: rate('darbaza_jobs_total', { by: ['name', 'outcome'] }),
              legend: '{{name}} {{outcome}}',
            },
          ],
        },
      ],
    },
  ],
}
