/** The section `reports`: what is delivered by itself, with each mistake at its place. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

import { inspectConfig } from '../../src/config/load.ts'

const folder = mkdtempSync(join(tmpdir(), 'darbaza-delivery-config-'))
test.after.always(() => {
  rmSync(folder, { recursive: true })
})

const base = `institution: { name: Misal, contact: help@example.edu }
portal: { url: 'https://library.example.edu' }
zone: { url: 'https://read.example.org' }
identity: { providers: [{ id: uni, issuer: 'https://login.example.edu', client: { id: darbaza } }] }
`

function inspected(reports: string, env = {}) {
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, `${base}reports: ${reports}\n`)
  return inspectConfig(file, { env })
}

const one = (more: string) => `{ schedule: [{ name: a, every: month, ${more} }] }`

for (const [reports, finding] of [
  [one('reports: [summary]'), /expected a folder, or addresses under mail/],
  [
    one('reports: [summary], mail: [a@b.example]'),
    /expected mail, since a schedule names addresses/,
  ],
  [
    one('reports: [summmary], folder: x'),
    /found "summmary", expected one of summary, use, use\/month/,
  ],
  [one('reports: [use/person], folder: x'), /found "use\/person"/],
  [one('reports: [], folder: x'), /reports/],
  [one('reports: [use], formats: [pdf], folder: x'), /formats\[0\].*"pdf"/],
  [one('reports: [use], mail: ["a@b, c@d"]'), /expected a mail address/],
  [one('reports: [use], folder: x').replace('name: a', 'name: A b'), /expected a slug/],
  [
    '{ schedule: [{ name: a, every: month, reports: [use], folder: x }, { name: a, every: year, reports: [use], folder: y }] }',
    /expected names that are their own/,
  ],
  ['{ mail: { host: h, from: a@b.example, password: hunter2 } }', /a secret never stands/],
] as const) {
  test(`${reports} is told`, (t) => {
    const { findings, config } = inspected(reports)
    t.is(config, undefined)
    const lines = findings.map(({ path, message }) => `${path}: ${message}`).join('\n')
    t.regex(lines, finding)
    t.notRegex(lines, /hunter2/)
  })
}

test('folders are relative to the file, and the password comes from the environment', (t) => {
  const reports = `{ schedule: [{ name: a, every: quarter, reports: [use/unit], folder: out }], mail: { host: h, from: a@b.example, username: u, password: { env: MAIL } } }`
  const { config } = inspected(reports, { MAIL: 'hunter2' })
  t.deepEqual(config?.reports, {
    schedule: [
      {
        name: 'a',
        every: 'quarter',
        reports: ['use/unit'],
        formats: ['xlsx'],
        language: 'ky',
        folder: join(folder, 'out'),
      },
    ],
    mail: {
      host: 'h',
      port: 587,
      security: 'starttls',
      from: 'a@b.example',
      username: 'u',
      password: 'hunter2',
    },
  })
  t.is(inspected(reports).config, undefined)
})
