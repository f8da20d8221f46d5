/**
 * The formats in which a report can be had as a file, as one table.
 * @module
 */
import { delimited } from './delimited.ts'
import type { FormatName } from './format-names.ts'
import { reportDocument } from './html.ts'
import { reportJson } from './json.ts'
import type { Report } from './model.ts'
import type { ReportRequest } from './request.ts'
import { reportWorkbook } from './xlsx.ts'

/** A format. */
interface FileFormat {
  readonly type: string
  /** The content of the file. */
  readonly write: (report: Report) => string | Buffer | Promise<string | Buffer>
}

/** The formats. */
export const fileFormats = {
  csv: { type: 'text/csv; charset=utf-8', write: (report) => delimited(report, ',') },
  tsv: {
    type: 'text/tab-separated-values; charset=utf-8',
    write: (report) => delimited(report, '\t'),
  },
  xlsx: {
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    write: reportWorkbook,
  },
  html: { type: 'text/html; charset=utf-8', write: reportDocument },
  json: { type: 'application/json; charset=utf-8', write: reportJson },
} as const satisfies Record<FormatName, FileFormat>

/** The content of a report's file, as bytes. */
export async function fileOf(report: Report, format: FormatName): Promise<Buffer> {
  const content = await fileFormats[format].write(report)
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content
}

/** What a report's file is called: of names and months that were read, nothing that was typed. */
export function fileName(
  { name, by, resourceId, span }: ReportRequest,
  format: FormatName,
): string {
  const { from, to } = span
  const parts = [name, by, resourceId, from === to ? from : `${from}-${to}`]
  return `${parts.filter((part) => part !== undefined).join('-')}.${format}`
}
