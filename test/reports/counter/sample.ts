/**
 * Who reports in the tests of reports.
 * @module
 */
import type { Reporter, ReportRequest } from '../../../src/reports/counter/report.ts'

/** A library with all ids that COUNTER knows. */
export const reporter: Reporter = {
  counter: {
    namespace: 'kgu',
    platform: 'Library Gateway',
    customerId: 'main',
    institutionIds: { ISNI: '0000 0001 2150 090X', ROR: '02mhbdp94' },
  },
  institutionName: 'University of Examples',
  at: Date.UTC(2026, 10, 30, 6, 7, 8, 900),
}

/** A report of three months. */
export function asked(id: ReportRequest['id'], more: Partial<ReportRequest> = {}): ReportRequest {
  return { id, from: '2026-08', to: '2026-10', exceptions: [], ...more }
}
