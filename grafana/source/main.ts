/**
 * Writes every dashboard as the file that Grafana reads: `npm run dashboards`.
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { dashboardJson, type Dashboard } from './dashboard.ts'
import { jobs } from './jobs.ts'
import { licences } from './licences.ts'
import { service } from './service.ts'
import { use } from './use.ts'

/** Every dashboard by the name of its file. */
export const dashboards: Readonly<Record<string, Dashboard>> = { service, licences, use, jobs }

if (import.meta.main) {
  for (const [name, dashboard] of Object.entries(dashboards)) {
    const file = join(import.meta.dirname, '../dashboards', `${name}.json`)
    writeFileSync(file, `${JSON.stringify(dashboardJson(dashboard), null, 2)}\n`)
  }
}
