/** What `explain` asks: what is in force, or the draft, and that it says which. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { loadConfig } from '../../src/config/load.ts'
import { beginOverride } from '../../src/control/overrides.ts'
import { prepareSet, putIntoForce } from '../../src/control/publish.ts'
import { systemClock } from '../../src/core/clock.ts'
import { patronKey } from '../../src/core/types.ts'
import { openStore } from '../../src/store/open.ts'
import { copyDelivered, root } from './explaining.ts'

const { folder, explain } = copyDelivered()
test.after.always(() => rmSync(folder, { recursive: true }))

const asked = ['scopus', '--brief', '--address', '2001:db8::8', '--at', '2026-11-23'] as const
const student = [...asked, '--category', 'student'] as const
const doer = { by: 'Aida', why: 'ticket 12' }

test('the draft, the published set, overrides and a named reader, each as it is asked', async (t) => {
  const storeFile = join(folder, 'data/darbaza.sqlite')
  const none = await explain(...student)
  t.is(none.stderr, 'Asked: the draft in the files, without overrides\n')
  t.false(existsSync(storeFile), 'asking makes no store')
  const refused = await explain(...student, '--published')
  t.is(refused.code, 1)
  t.regex(refused.stderr, /^nothing is published in this store/)
  t.is((await explain(...student, '--published', '--draft')).code, 1)

  const env = { DARBAZA_CLIENT_SECRET: 'a secret of this test' }
  const config = loadConfig(join(folder, 'config/gateway.yaml'), { env })
  const store = openStore(config.store, systemClock)
  t.teardown(() => store.close())
  const parts = { control: store.control, clock: systemClock, config }
  t.regex(
    (await explain(...student)).stderr,
    /^Asked: the files, since nothing is published; .*: 0$/m,
  )

  await putIntoForce(parts, await prepareSet(parts), doer)
  const rule = join(folder, 'rules/scopus.yaml')
  writeFileSync(rule, readFileSync(rule, 'utf8').replace(', student', ''))
  const inForce = await explain(...student)
  t.is(inForce.stderr, 'Asked: version 1, which is in force; overrides that hold: 0\n')
  t.regex(inForce.stdout, /^Allowed when one of 5 seats/m)
  t.is((await explain(...student, '--published')).stdout, inForce.stdout)
  const draft = await explain(...student, '--draft')
  t.regex(draft.stderr, /the draft in the files/)
  t.regex(draft.stdout, /^Refused: category_not_entitled/m)

  const claims = join(root, 'docs/claims.json')
  const subject = String(JSON.parse(readFileSync(claims, 'utf8')).sub)
  const [provider] = config.identity.providers
  const what = {
    kind: 'suspension',
    patron: patronKey({ issuer: provider!.issuer, subject }),
  } as const
  const named = [...asked.filter((word) => word !== '--brief'), '--claims', claims]
  t.regex(
    (await explain(...named)).stdout,
    /^ {2}standing {5}passed {5}store overrides: not suspended$/m,
  )
  await beginOverride(parts, { what, endsAt: systemClock.now() + 3_600_000 }, doer)
  t.regex((await explain(...named)).stdout, /^Refused: patron_suspended by store overrides$/m)
  t.regex((await explain(...named, '--draft')).stdout, /^ {2}standing {5}not asked$/m)
  t.regex((await explain(...student)).stdout, /^Allowed/m)
})

test('a store that is away is told, and nothing else is asked in its place unseen', async (t) => {
  const file = join(folder, 'config/away.yaml')
  const text = readFileSync(join(root, 'config/gateway.yaml'), 'utf8')
  const away = 'store:\n  redis:\n    url: redis://127.0.0.1:9/0\n'
  writeFileSync(file, text.replace(/^store:\n(?:[ #].*\n)*/m, away))
  const { code, stderr } = await explain(...student, '--config', file)
  t.is(code, 0, stderr)
  t.is(stderr, 'Asked: the draft in the files, without overrides: the store does not answer\n')
  t.is((await explain(...student, '--config', file, '--published')).code, 1)
})
