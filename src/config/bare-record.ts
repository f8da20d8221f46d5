/**
 * Records by names that operators choose.
 * @module
 */

/** Without a prototype, so that a group named `constructor` finds nothing. */
export function bareRecord<Value>(record: Record<string, Value>): Record<string, Value> {
  const bare: Record<string, Value> = Object.create(null)
  return Object.assign(bare, record)
}
