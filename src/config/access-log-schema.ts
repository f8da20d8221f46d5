/**
 * What `accessLog:` of `gateway.yaml` may say.
 * @module
 */
import { z } from 'zod'

import { expected, textThat, wholeNumber } from '../core/expectations.ts'
import { logFields, readLogFormat, usualLogFormat } from '../core/log-format.ts'
import { path } from './fields.ts'

const logFormat = z
  .string({ error: expected('a LogFormat of EZproxy') })
  .max(1000, { error: expected('at most 1000 characters') })
  .regex(/^[ -~]+$/, { error: expected('printable ASCII') })
  .superRefine((format, context) => {
    const { pieces, unknown } = readLogFormat(format)
    const fields = pieces.flatMap((piece) => (piece.kind === 'field' ? [piece.field] : []))
    const [first] = unknown
    if (first !== undefined) {
      const message = `found ${first}, expected directives of ${Object.keys(logFields).join(' ')}`
      context.addIssue({ code: 'custom', message })
    } else if (!fields.includes('%t') || !(fields.includes('%r') || fields.includes('%U'))) {
      const message = 'expected %t, and %r or %U: without time and address nobody can read it'
      context.addIssue({ code: 'custom', message })
    }
  })

/** The section `accessLog`. */
export const accessLogSchema = z.strictObject({
  folder: path
    .optional()
    .describe('Folder of its files, of this machine alone. Default: access in the data folder.'),
  format: logFormat
    .default(usualLogFormat)
    .describe(`EZproxy’s LogFormat, as far as it goes here. Default: ${usualLogFormat}.`),
  keepDays: wholeNumber(1, 3660)
    .default(31)
    .describe('Days for which files are kept. Default: 31.'),
  queryParameters: z
    .array(textThat((text) => /^[!#-%'-~]{1,100}$/.test(text), 'the name of a parameter, or *'))
    .max(1000)
    .default([])
    .describe('Parameters that stay in logged addresses, * for all. Default: none.'),
})
