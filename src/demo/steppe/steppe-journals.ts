/**
 * Steppe Journals, a made-up publisher of two journals: five hosts of one domain.
 * @module
 */
import type { Publisher } from '../publisher.ts'
import { apiRoutes } from './api.ts'
import { domain } from './hosts.ts'
import { takeReader } from './live.ts'
import { loginRoutes } from './login.ts'
import { notFoundPage } from './pages.ts'
import { staticRoutes } from './static.ts'
import { apexRoutes, wwwRoutes } from './www.ts'

/** The publisher. */
export const steppeJournals: Publisher = {
  sites: {
    [domain]: apexRoutes,
    [`www.${domain}`]: wwwRoutes,
    [`static.${domain}`]: staticRoutes,
    [`api.${domain}`]: apiRoutes,
    [`login.${domain}`]: loginRoutes,
  },
  notFound: ({ url }) => notFoundPage(url.pathname),
  socket: takeReader,
}
