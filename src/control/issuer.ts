/**
 * A sign-in service as staff name it: with or without the slash at its end, which they cannot know.
 * @module
 */
import type { ProviderConfig } from '../config/config.ts'
import { issuerText } from '../core/types.ts'

/** The configured issuer that is meant, by `issuerText`; undefined when it is none of them. */
export function issuerNamed(
  typed: string,
  providers: readonly Pick<ProviderConfig, 'issuer'>[],
): string | undefined {
  const known = providers.map(({ issuer }) => issuerText(issuer))
  const text = issuerText(typed.trim())
  return known.find((issuer) => issuer === text) ?? known.find((one) => bare(one) === bare(text))
}

function bare(issuer: string): string {
  return issuer.replace(/\/$/, '')
}
