/**
 * Units of lengths.
 * @module
 */

/** In bytes, or in characters. */
export const KiB = 1024

/** Likewise. */
export const MiB = 1024 * KiB
