/**
 * The host names of Ala-Too Books: a shop window and an API on one domain, files on another.
 * @module
 */

/** The registrable domain of pages and API. */
export const domain = 'alatoo-books.example'

/** Origins as the pages write them. */
export const origins = {
  apex: `http://${domain}`,
  www: `http://www.${domain}`,
  api: `http://api.${domain}`,
  cdn: 'http://cdn.alatoo-content.example',
} as const

/** Cookie for the colours of the reading page: written by script, read by pages and API. */
export const themeCookie = 'alatoo_theme'
