/**
 * The languages of the portal, and words for readers in them.
 * @module
 */

/** In their order of precedence. */
export const languages = ['ky', 'ru', 'en'] as const

/** A language of the portal. */
export type Language = (typeof languages)[number]

/** Words for readers; a missing language falls back along `languages`. */
export type Text = Readonly<Partial<Record<Language, string>>>
