/**
 * Names that came from outside, as reports show them.
 * @module
 */
import { limits } from '../core/limits.ts'

/**
 * The text in one line, bounded, without characters that are not seen: controls, marks that turn the
 * direction of what follows, halves of pairs.
 */
export function plainText(text: string): string {
  const { nameChars } = limits.reports
  const line = text
    .slice(0, nameChars * 4)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  if (line.length <= nameChars) return line
  // Half a pair at the end would be no letter.
  return `${line
    .slice(0, nameChars - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`
}
