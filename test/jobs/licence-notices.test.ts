import test from 'ava'

import type { LicenceTerms } from '../../src/core/licence.ts'
import { createEventBus, type GatewayEvent } from '../../src/core/events.ts'
import type { Resource } from '../../src/core/resource.ts'
import { licenceNoticesJob } from '../../src/jobs/licence-notices.ts'

const terms = (written: Partial<LicenceTerms>) => ({ graceDays: 0, ...written }) as LicenceTerms

/** Half past eleven in the evening there is the next morning at the library. */
const lateAtGreenwich = () => Date.parse('2026-11-30T23:30:00Z')

test('the job tells of open resources alone, by the library’s own day', async (t) => {
  const heard: GatewayEvent[] = []
  const bus = createEventBus((error) => t.fail(String(error)))
  bus.listen((event) => heard.push(event))
  const licence = terms({ untilOn: '2026-11-30' })
  const resources = [
    { id: 'open', isOpen: true, licence },
    { id: 'closed', isOpen: false, licence },
  ] as Resource[]
  const clock = { now: lateAtGreenwich, steady: lateAtGreenwich }
  const parts = { bus, clock, timeZone: 'Asia/Bishkek', resources: () => resources }
  await licenceNoticesJob(parts).run()
  t.is(heard.length, 1)
  t.like(heard[0], { kind: 'licence', resourceId: 'open', state: 'ended', on: '2026-11-30' })
})
