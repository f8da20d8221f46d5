/**
 * The hosts of the publisher of hard things.
 * @module
 */

/** Pages. */
export const www = 'https://www.vault.test'

/** Sign-in, and what is framed. */
export const id = 'https://id.vault.test'

/** Data. */
export const api = 'https://api.vault.test'

/** Scripts, styles, pictures. */
export const assets = 'https://static.vault.test'
