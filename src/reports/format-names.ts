/**
 * The names of the formats in which a report can be had as a file.
 * @module
 */
import { reportFormats } from '../core/reports.ts'

/** The name of a format. */
export type FormatName = (typeof reportFormats)[number]

/** Whether a format has that name. */
export function isFormatName(text: string): text is FormatName {
  return reportFormats.some((name) => name === text)
}
