/**
 * A resource, patrons and a clock for the tests of policy.
 * @module
 */
import type { Clock } from '../../src/core/clock.ts'
import type { LicenceTerms } from '../../src/core/licence.ts'
import type { Resource } from '../../src/core/resource.ts'
import type { Session } from '../../src/core/types.ts'

/** A resource that students may read from anywhere, with these terms changed. */
export function resourceWith(terms: Partial<LicenceTerms>, isOpen = true): Resource {
  return {
    id: 'steppe',
    file: 'rules/steppe.yaml',
    title: { en: 'Steppe' },
    description: {},
    provider: 'Steppe Press',
    subjects: [],
    startUrl: 'https://www.steppe.example/',
    hosts: [],
    licence: {
      graceDays: 0,
      categories: ['student', 'faculty'],
      groups: [],
      remote: 'anywhere',
      sites: [],
      pool: 'steppe',
      seatIdleSeconds: 600,
      ...terms,
    },
    isOpen,
  }
}

/** The session of a student of this name. */
export function sessionOf(name: string, id = `session-${name}`): Session {
  return {
    id,
    patron: {
      issuer: 'https://id.example',
      subject: name,
      categories: ['student'],
      groups: [],
    },
    startedAt: 0,
    endsAt: Number.MAX_SAFE_INTEGER,
  }
}

/** A clock that stands still until it is told to go on. */
export function stoppedClock(startAt = Date.parse('2026-11-23T06:00:00Z')) {
  let passedMs = 0
  const clock: Clock = { now: () => startAt + passedMs, steady: () => passedMs }
  return { clock, pass: (ms: number) => void (passedMs += ms) }
}
