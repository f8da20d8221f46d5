/**
 * The names of the formats in which a report can be had as a file.
 * @module
 */

/** Each is the end of a file's name as well. */
export const formatNames = ['csv', 'tsv', 'xlsx', 'json', 'html'] as const

/** The name of a format. */
export type FormatName = (typeof formatNames)[number]

/** Whether a format has that name. */
export function isFormatName(text: string): text is FormatName {
  return formatNames.some((name) => name === text)
}
