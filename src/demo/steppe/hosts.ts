/**
 * The host names of Steppe Journals; `.example` belongs to nobody (RFC 2606).
 * @module
 */

/** The registrable domain, whose cookies all hosts share. */
export const domain = 'steppe-journals.example'

/** Origins as the pages write them. */
export const origins = {
  apex: `http://${domain}`,
  www: `http://www.${domain}`,
  static: `http://static.${domain}`,
  api: `http://api.${domain}`,
  login: `http://login.${domain}`,
} as const

/** What the publisher calls its one subscriber, by the address that it pays for. */
export const subscriber = 'Ala-Too State University Library'

/** Names of the cookies that every host of the domain gets. */
export const cookieNames = { session: 'sj_session', institution: 'sj_institution' } as const
