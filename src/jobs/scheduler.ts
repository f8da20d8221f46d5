/**
 * Scheduled jobs: each runs once for each time that it is due, whichever of any number of processes
 * does it, and a time that nobody was there for is made up for.
 *
 * A process that finds a job due takes its lease, runs it, and writes down for which time it is done.
 * One that dies in between leaves a lease that runs out, after which another begins again: a job must
 * bear to be run twice for the same time. Nobody touches a lease that another has taken since. A store that is away means that nothing is run.
 * @module
 */
import { Cron } from 'croner'

import { randomToken, type Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { RecordStore } from '../store/contract.ts'

/** Something to be done from time to time. */
export interface Job {
  /** A slug: part of a key, and a label of metrics. */
  readonly name: string
  /** When, as cron has it, in the institution's time zone: `0 7 * * *` is seven every morning. */
  readonly schedule: string
  /** Does it. May reject: it is tried again after `limits.jobs.retryMs`. */
  readonly run: () => Promise<void>
}

/** What came of a job. */
export interface JobOutcome {
  readonly name: string
  /** Epoch milliseconds of the time that it was due. */
  readonly dueAt: number
  /** Why it failed; absent when it is done. */
  readonly error?: unknown
}

/** What the scheduler needs. */
export interface SchedulerParts {
  readonly jobs: readonly Job[]
  readonly records: RecordStore
  readonly clock: Clock
  readonly timeZone: string
  readonly onOutcome: (outcome: JobOutcome) => void
}

/** When a job was due last, and for which time it was done last; epoch milliseconds, 0 for never. */
export interface JobTimes {
  readonly dueAt: number
  readonly doneAt: number
}

/**
 * How jobs stand, whichever process did them. The answer is undefined for a job of another name, and
 * rejects with `ERR_STORE_AWAY` when the store cannot tell.
 */
export function createJobTimes({
  jobs,
  records,
  clock,
  timeZone,
}: Pick<SchedulerParts, 'jobs' | 'records' | 'clock' | 'timeZone'>): (
  name: string,
) => Promise<JobTimes | undefined> {
  const dueAtOf = new Map(jobs.map((job) => [job.name, dueTimes(job, timeZone)]))
  return async (name) => {
    const dueAt = dueAtOf.get(name)?.(clock.now())
    if (dueAt === undefined) return undefined
    return { dueAt, doneAt: Number((await records.read(doneKey(name))) ?? 0) }
  }
}

/** A scheduler that runs. */
export interface Scheduler {
  /** Looks once, now, as it does by itself each `limits.jobs.lookMs`. */
  look(): Promise<void>
  /** Ends; a job under way is waited for. */
  stop(): Promise<void>
}

/**
 * Begins to look for jobs that are due.
 * @throws {TypeError} for a schedule that is none.
 */
export function startScheduler(parts: SchedulerParts): Scheduler {
  const planned = parts.jobs.map((job) => ({ job, lastDueAt: dueTimes(job, parts.timeZone) }))
  /** A job that takes long holds up itself alone: those of each minute go on beside it. */
  const running = new Map<string, Promise<void>>()

  function lookAt({ job, lastDueAt }: (typeof planned)[number]): Promise<void> {
    const dueAt = lastDueAt(parts.clock.now())
    const before = running.get(job.name)
    if (before !== undefined || dueAt === undefined) return before ?? Promise.resolve()
    const work = runOnce(job, dueAt, parts)
      // The store is away: the job is due at the next look as well.
      .catch(() => undefined)
      .finally(() => running.delete(job.name))
    running.set(job.name, work)
    return work
  }
  async function look(): Promise<void> {
    await Promise.all(planned.map(lookAt))
  }
  const timer = setInterval(() => void look(), limits.jobs.lookMs).unref()
  void look()
  return {
    look,
    async stop() {
      clearInterval(timer)
      await Promise.all(running.values())
    },
  }
}

/** The last time that a job was due, by the time now. */
function dueTimes({ schedule }: Job, timezone: string): (now: number) => number | undefined {
  const plan = new Cron(schedule, { timezone, paused: true })
  // A time is due at its very second, and croner takes those before the reference.
  return (now) => plan.previousRuns(1, new Date(Math.floor(now / 1000) * 1000 + 1))[0]?.getTime()
}

function doneKey(name: string): string {
  return `job:done:${name}`
}

async function runOnce(job: Job, dueAt: number, parts: SchedulerParts): Promise<void> {
  const { records, onOutcome } = parts
  const keys = { done: doneKey(job.name), lease: `job:lease:${job.name}` }
  const isDone = async () => Number(await records.read(keys.done)) >= dueAt
  if (await isDone()) return
  const token = randomToken()
  if (!(await records.create(keys.lease, token, limits.jobs.leaseMs))) return
  // Somebody may have finished it between the two questions above.
  if (await isDone()) {
    await records.removeHolding(keys.lease, token)
    return
  }

  const renewal = setInterval(() => {
    void records.extend(keys.lease, limits.jobs.leaseMs, token).catch(() => undefined)
  }, limits.jobs.leaseMs / 3)
  try {
    await job.run()
    await records.write(keys.done, String(dueAt), limits.jobs.rememberedMs)
    await records.removeHolding(keys.lease, token)
    onOutcome({ name: job.name, dueAt })
  } catch (error) {
    onOutcome({ name: job.name, dueAt, error })
    await records.extend(keys.lease, limits.jobs.retryMs, token)
  } finally {
    clearInterval(renewal)
  }
}
