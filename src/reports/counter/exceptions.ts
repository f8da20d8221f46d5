/**
 * COUNTER's exceptions: what is not as it was asked for. The messages are verbatim, as the Code of
 * Practice requires; what is said beside them stands in `Data`.
 *
 * Source: COUNTER Code of Practice 5.1, appendix D, table D.1.
 * @module
 */

/** Each code with its message and the HTTP status that it comes with; 200 is within a report. */
export const exceptionFacts = {
  1000: { message: 'Service Not Available', status: 503 },
  1010: { message: 'Service Busy', status: 503 },
  1011: { message: 'Report Queued for Processing', status: 202 },
  1020: { message: 'Client has made too many requests', status: 429 },
  1030: { message: 'Insufficient Information to Process Request', status: 400 },
  2000: { message: 'Requestor Not Authorized to Access Service', status: 401 },
  2010: {
    message: 'Requestor is Not Authorized to Access Usage for Institution',
    status: 403,
  },
  2011: { message: 'Global Reports Not Supported', status: 403 },
  2020: { message: 'APIKey Invalid', status: 401 },
  3020: { message: 'Invalid Date Arguments', status: 400 },
  3030: { message: 'No Usage Available for Requested Dates', status: 200 },
  3031: { message: 'Usage Not Ready for Requested Dates', status: 200 },
  3032: { message: 'Usage No Longer Available for Requested Dates', status: 200 },
  3040: { message: 'Partial Data Returned', status: 200 },
  3050: { message: 'Parameter Not Recognized in this Context', status: 200 },
  3060: { message: 'Invalid ReportFilter Value', status: 200 },
  3061: { message: 'Incongruous ReportFilter Value', status: 200 },
  3062: { message: 'Invalid ReportAttribute Value', status: 200 },
  3063: { message: 'Components Not Supported', status: 200 },
  3070: { message: 'Required ReportFilter Missing', status: 200 },
} as const satisfies Record<number, { readonly message: string; readonly status: number }>

/** A code of the table. */
export type ExceptionCode = keyof typeof exceptionFacts

/** An exception as JSON has it; codes below 1000 are for words of our own. */
export interface CounterException {
  readonly Code: number
  readonly Message: string
  readonly Data?: string
}

/** The sentence that stands in every report of ours, where COUNTER has a place for it. */
export const honesty: CounterException = {
  Code: 0,
  Message: 'COUNTER-formatted, gateway-observed, not audited',
}

/** The HTTP status of an exception that stands alone; codes that the table lacks are within a report. */
export function statusOf({ Code }: CounterException): number {
  const facts: Readonly<Record<number, { readonly status: number }>> = exceptionFacts
  return facts[Code]?.status ?? 200
}

/** An exception of the table, with what is said beside it. */
export function exceptionOf(code: ExceptionCode, data?: string): CounterException {
  const { message } = exceptionFacts[code]
  return { Code: code, Message: message, ...(data !== undefined && { Data: data }) }
}
