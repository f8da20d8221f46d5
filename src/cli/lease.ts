/**
 * A job of gateways done by a command: under the lease of that job, so that one process does it at a
 * time.
 * @module
 */
import { randomToken } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { RecordStore } from '../store/contract.ts'

/**
 * Works under the lease of a job; rejects with `ERR_OVERLOAD` while somebody else has it.
 *
 * @param what The doing, for the message: `harvests`.
 */
export async function underLease(
  records: RecordStore,
  { job, what }: { readonly job: string; readonly what: string },
  work: () => Promise<void>,
): Promise<void> {
  const lease = `job:lease:${job}`
  const token = randomToken()
  if (!(await records.create(lease, token, limits.jobs.leaseMs))) {
    throw new GatewayError('ERR_OVERLOAD', `a gateway ${what} now, or failed lately: try later`)
  }
  const renewal = setInterval(() => {
    void records.extend(lease, limits.jobs.leaseMs, token).catch(() => undefined)
  }, limits.jobs.leaseMs / 3)
  try {
    await work()
  } finally {
    clearInterval(renewal)
    await records.removeHolding(lease, token)
  }
}
