/**
 * Loaded before a gateway, leaves usage out of it: nothing is classified, made a pseudonym of, written to
 * the spool and the store or counted, and no citation is read from a page. Metrics and the log of the
 * program hear of every exchange as they do otherwise. What usage costs is the difference to a gateway as
 * it is.
 * @module
 */
import { registerHooks } from 'node:module'

const instead: Readonly<Record<string, string>> = {
  '/src/usage/stage.ts': './told-stage.ts',
  '/src/usage/recorder.ts': './no-recorder.ts',
  '/src/rewriting/citation.ts': './no-citation.ts',
}

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const found = Object.entries(instead).find(([path]) => resolved.url.endsWith(path))
    if (found === undefined) return resolved
    return { ...resolved, url: new URL(found[1], import.meta.url).href }
  },
})
