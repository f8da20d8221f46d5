/**
 * Ala-Too Books, a made-up publisher of e-books: three hosts of one domain and one of another.
 * @module
 */
import type { Publisher } from '../publisher.ts'
import { apiRoutes } from './api.ts'
import { cdnRoutes } from './cdn.ts'
import { domain } from './hosts.ts'
import { notFoundPage } from './pages.ts'
import { apexRoutes, wwwRoutes } from './www.ts'

/** The publisher. */
export const alatooBooks: Publisher = {
  sites: {
    [domain]: apexRoutes,
    [`www.${domain}`]: wwwRoutes,
    [`api.${domain}`]: apiRoutes,
    'cdn.alatoo-content.example': cdnRoutes,
  },
  notFound: notFoundPage,
}
