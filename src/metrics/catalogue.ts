/**
 * Every metric of the gateway as one table: its type, its words, its labels, its buckets.
 *
 * Units are Prometheus's base units (seconds, bytes). Labels are bounded: a resource is one of the
 * rules or `_other`, a pool one of theirs, the rest are closed lists. No user, URL, host or address is
 * ever a label. `job` and `instance` are Prometheus's own. The README's table is made of this one (`npm run tables`).
 *
 * Source: Prometheus, "Metric and label naming", "Instrumentation", "Histograms and summaries".
 * @module
 */

/** A number that only grows. */
interface CounterFacts {
  readonly type: 'counter'
  readonly help: string
  readonly labels: readonly string[]
}

/** A number of now; `aggregator` says what those of several worker processes come to as one. */
interface GaugeFacts {
  readonly type: 'gauge'
  readonly help: string
  readonly labels: readonly string[]
  readonly aggregator: 'sum' | 'max' | 'min'
}

/** How many fell below each bound. */
interface HistogramFacts {
  readonly type: 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly buckets: readonly number[]
}

/** What is known of one metric. */
export type MetricFacts = CounterFacts | GaugeFacts | HistogramFacts

/** From an untouched picture to a PDF over a slow line: the usual ten seconds are not enough. */
const requestSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
/** A body in memory; one that streams is as long under way as its sender takes. */
const rewritingSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1]
/** A command: SQLite takes parts of a millisecond, Redis one or two; a second is a time-out. */
const commandSeconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
/** From "one moment" to "come back after lunch". */
const waitSeconds = [10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200]
/** 1 KiB to 64 MiB, each four times the one before: PDFs have tens of megabytes. */
const sizeBytes = Array.from({ length: 9 }, (_, power) => 1024 * 4 ** power)

/** The table. */
export const catalogue = {
  darbaza_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels tell which versions run.',
    labels: ['version', 'node'],
    aggregator: 'max',
  },
  darbaza_workers_serving: {
    type: 'gauge',
    help: 'Processes that serve readers now.',
    labels: [],
    aggregator: 'max',
  },
  darbaza_requests_total: {
    type: 'counter',
    help: 'Requests of browsers that are over, by surface and status class (2xx and so on).',
    labels: ['surface', 'status'],
  },
  darbaza_requests_in_flight: {
    type: 'gauge',
    help: 'Requests that are being answered now.',
    labels: [],
    aggregator: 'sum',
  },
  darbaza_request_duration_seconds: {
    type: 'histogram',
    help: 'From the request to the last byte of its answer, by surface; no WebSockets, no live waiting rooms.',
    labels: ['surface'],
    buckets: requestSeconds,
  },
  darbaza_response_size_bytes: {
    type: 'histogram',
    help: 'Length of answers as sent, without their headers, by surface.',
    labels: ['surface'],
    buckets: sizeBytes,
  },
  darbaza_exchanges_total: {
    type: 'counter',
    help: 'Exchanges with publishers that were answered, by resource and status class; 1xx is a WebSocket.',
    labels: ['resource', 'status'],
  },
  darbaza_exchange_seconds_total: {
    type: 'counter',
    help: 'Time from the request to the last byte, of all exchanges together; divided by their number, the mean. No WebSockets.',
    labels: ['resource'],
  },
  darbaza_exchange_sent_bytes_total: {
    type: 'counter',
    help: 'Body bytes sent to readers.',
    labels: ['resource'],
  },
  darbaza_upstream_duration_seconds: {
    type: 'histogram',
    help: 'From the question to a publisher to the head of its answer, a wait for a connection included.',
    labels: [],
    buckets: requestSeconds,
  },
  darbaza_rewriting_duration_seconds: {
    type: 'histogram',
    help: 'Time to rewrite a body that came whole, a wait for a thread included, by content.',
    labels: ['content'],
    buckets: rewritingSeconds,
  },
  darbaza_rewriting_bytes_total: {
    type: 'counter',
    help: 'Body bytes that were rewritten whole, as they came, perhaps compressed, by content.',
    labels: ['content'],
  },
  darbaza_rewriting_streamed_seconds_total: {
    type: 'counter',
    help: 'Time spent on rewriting bodies that stream (long and slow ones, streams of events), waits left out, by content.',
    labels: ['content'],
  },
  darbaza_rewriting_streamed_bytes_total: {
    type: 'counter',
    help: 'Bytes of these, not compressed any more, by content.',
    labels: ['content'],
  },
  darbaza_web_sockets_open: {
    type: 'gauge',
    help: 'WebSockets that are open now, or about to be.',
    labels: [],
    aggregator: 'sum',
  },
  darbaza_decisions_total: {
    type: 'counter',
    help: 'Decisions by resource and outcome: allowed, direct, or the reason of the denial.',
    labels: ['resource', 'outcome'],
  },
  darbaza_failures_total: {
    type: 'counter',
    help: 'Requests that ended in an operating error, by code.',
    labels: ['code'],
  },
  darbaza_fair_use_reached_total: {
    type: 'counter',
    help: 'Readers who used up the fair-use quota of a resource, by mode: watch or enforce.',
    labels: ['resource', 'mode'],
  },
  darbaza_sign_ins_total: {
    type: 'counter',
    help: 'Sign-ins by outcome (success, failure, address) and provider.',
    labels: ['outcome', 'provider'],
  },
  darbaza_claims_rejected_total: {
    type: 'counter',
    help: 'Values of claims that counted for nothing at sign-in, by reason.',
    labels: ['reason'],
  },
  darbaza_provider_up: {
    type: 'gauge',
    help: '1 when the identity provider of that id was found.',
    labels: ['provider'],
    aggregator: 'min',
  },
  darbaza_provider_losses_total: {
    type: 'counter',
    help: 'Times that the identity provider of that id was not found any more.',
    labels: ['provider'],
  },
  darbaza_sessions_active: {
    type: 'gauge',
    help: 'Sessions with an exchange in the last five minutes, as each process saw them.',
    labels: [],
    aggregator: 'sum',
  },
  darbaza_seats_used: {
    type: 'gauge',
    help: 'Seats held now or kept for who has waited, by pool.',
    labels: ['pool'],
    aggregator: 'max',
  },
  darbaza_seats_limit: {
    type: 'gauge',
    help: 'Seats of the licence, by pool.',
    labels: ['pool'],
    aggregator: 'max',
  },
  darbaza_seats_waiting: {
    type: 'gauge',
    help: 'Readers who wait for a seat now, by pool.',
    labels: ['pool'],
    aggregator: 'max',
  },
  darbaza_seat_waits_total: {
    type: 'counter',
    help: 'Readers who joined the queue for a seat, were granted one, or left, by resource; the rest of those who joined just went.',
    labels: ['resource', 'outcome'],
  },
  darbaza_seat_wait_seconds: {
    type: 'histogram',
    help: 'How long those had waited who got a seat.',
    labels: [],
    buckets: waitSeconds,
  },
  darbaza_licence_end_timestamp_seconds: {
    type: 'gauge',
    help: 'When the last day of the licence is over, without its grace days; none for a licence without end.',
    labels: ['resource'],
    aggregator: 'max',
  },
  darbaza_link_up: {
    type: 'gauge',
    help: '1 when the links of the resource work, 0 when one is broken; none when nobody can tell.',
    labels: ['resource'],
    aggregator: 'min',
  },
  darbaza_link_check_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'When the check of links last came to the end of all that was due; none for never.',
    labels: [],
    aggregator: 'max',
  },
  darbaza_link_reports_open: {
    type: 'gauge',
    help: 'Reports of readers that something does not work, and that staff have not ended.',
    labels: [],
    aggregator: 'max',
  },
  darbaza_link_report_oldest_timestamp_seconds: {
    type: 'gauge',
    help: 'When the oldest report of readers that staff have not ended came; none while all are ended.',
    labels: [],
    aggregator: 'max',
  },
  darbaza_rules_version: {
    type: 'gauge',
    help: 'Version of the rule set in force, 0 for the files; of several processes the lowest.',
    labels: [],
    aggregator: 'min',
  },
  darbaza_rules_timestamp_seconds: {
    type: 'gauge',
    help: 'When the rules came into force; of several processes the last.',
    labels: [],
    aggregator: 'max',
  },
  darbaza_rules_failures_total: {
    type: 'counter',
    help: 'Published rule sets that are damaged or do not do here, by each process.',
    labels: [],
  },
  darbaza_overrides_active: {
    type: 'gauge',
    help: 'Overrides by staff that hold now, by kind: suspension, block, closure, seats.',
    labels: ['kind'],
    aggregator: 'max',
  },
  darbaza_usage_events_total: {
    type: 'counter',
    help: 'Usage events by what became of them: recorded; stored, those of an earlier process included; lost to a full disk and full memory together; late, older than what is kept.',
    labels: ['result'],
  },
  darbaza_spool_bytes: {
    type: 'gauge',
    help: 'Usage events on disk that the store has not taken yet.',
    labels: [],
    aggregator: 'sum',
  },
  darbaza_access_log_lines_total: {
    type: 'counter',
    help: 'Lines of the access log by what became of them: written, or lost to a slow or full disk.',
    labels: ['result'],
  },
  darbaza_store_up: {
    type: 'gauge',
    help: '1 when the store answers.',
    labels: [],
    aggregator: 'min',
  },
  darbaza_store_command_duration_seconds: {
    type: 'histogram',
    help: 'Time of an operation of the store, well or badly ended, by part: records (sessions), seats, usage, figures, control (rules).',
    labels: ['part'],
    buckets: commandSeconds,
  },
  darbaza_store_failures_total: {
    type: 'counter',
    help: 'Operations of the store that failed, by part.',
    labels: ['part'],
  },
  darbaza_jobs_total: {
    type: 'counter',
    help: 'Scheduled jobs that a process ran, by name and outcome: done, failed.',
    labels: ['name', 'outcome'],
  },
  darbaza_job_due_timestamp_seconds: {
    type: 'gauge',
    help: 'When a scheduled job was due last, by name.',
    labels: ['name'],
    aggregator: 'max',
  },
  darbaza_job_last_success_timestamp_seconds: {
    type: 'gauge',
    help: 'The time due for which a scheduled job was done last, by whichever process; 0 for never.',
    labels: ['name'],
    aggregator: 'max',
  },
} as const satisfies Readonly<Record<string, MetricFacts>>

/** A name of the table. */
export type MetricName = keyof typeof catalogue

type NamesOf<Type> = {
  [Name in MetricName]: (typeof catalogue)[Name]['type'] extends Type ? Name : never
}[MetricName]

/** Counters of the table. */
export type CounterName = NamesOf<'counter'>
/** Gauges of the table. */
export type GaugeName = NamesOf<'gauge'>
/** Histograms of the table. */
export type HistogramName = NamesOf<'histogram'>

/** The labels that a metric has, each with a value. */
export type LabelsOf<Name extends MetricName> = Readonly<
  Record<(typeof catalogue)[Name]['labels'][number], string>
>
