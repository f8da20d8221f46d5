/**
 * Which reports there are, and by what they can be divided: the settings name them, `reports/` makes them.
 * @module
 */

/** Each report with what it can be divided by, the first unless told; in the order of lists. */
export const reportCuts = {
  summary: [],
  use: ['month', 'resource', 'category', 'unit', 'site', 'channel', 'hour', 'format'],
  titles: [],
  readers: [],
  refusals: [],
  seats: [],
  costs: [],
  unused: [],
  collection: [],
} as const satisfies Record<string, readonly string[]>

/** Formats of a report's file; each is the end of its name as well. */
export const reportFormats = ['csv', 'tsv', 'xlsx', 'json', 'html'] as const

/** Reports as settings name them: `summary`, or `use/unit` with what it is divided by. */
export const reportChoices = Object.entries(reportCuts).flatMap(([name, cuts]) => [
  name,
  ...cuts.map((cut) => `${name}/${cut}`),
])
