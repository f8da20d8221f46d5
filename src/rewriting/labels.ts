/**
 * Labels of bodies that a rule knows better: what a body is read as, whatever its Content-Type says.
 * The header itself stays.
 * @module
 */
import type { Resource } from '../core/resource.ts'
import type { BodyLabel } from '../core/rewriting-options.ts'

const typeOf: Readonly<Record<Exclude<BodyLabel, 'none'>, string>> = {
  css: 'text/css',
  html: 'text/html',
  javascript: 'text/javascript',
  json: 'application/json',
  xml: 'text/xml',
}

/** The Content-Type to judge a body by; undefined when its rule says to leave it as it is. */
export function labelOf(
  contentType: string,
  { resource, host, target }: { resource: Resource; host: string; target: string },
): string | undefined {
  const overrides = resource.rewriting?.contentTypes
  if (overrides === undefined) return contentType
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  const [path = '/'] = target.split('?', 1)
  const override = overrides.find(
    (each) => (each.type ?? type) === type && each.scope.covers(host, path),
  )
  if (override === undefined) return contentType
  return override.as === 'none' ? undefined : typeOf[override.as]
}
