import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import test from 'ava'
import { parse } from 'yaml'

import { programPath } from '../support/provision.ts'
import { alerts } from './panels.ts'

interface RuleTests {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string
      readonly exp_alerts: readonly object[]
    }[]
  }[]
}

for (const words of [
  ['check', 'config', 'grafana/prometheus/prometheus.yml'],
  ['check', 'rules', '--lint=all', '--lint-fatal', 'grafana/prometheus/rules.yml'],
  ['test', 'rules', 'grafana/prometheus/rules.test.yml'],
]) {
  test(`promtool ${words.slice(0, 2).join(' ')} is content`, (t) => {
    const { status, stdout, stderr } = spawnSync(programPath('promtool'), words, {
      encoding: 'utf8',
    })
    t.is(status, 0, stdout + stderr)
  })
}

test('of each alert a test shows that it fires, and one that it is silent', (t) => {
  const { tests } = parse(readFileSync('grafana/prometheus/rules.test.yml', 'utf8')) as RuleTests
  const shown = tests.flatMap(({ alert_rule_test: cases }) => cases)
  for (const { alert } of alerts) {
    const own = shown.filter(({ alertname }) => alertname === alert)
    t.true(
      own.some((each) => each.exp_alerts.length > 0),
      `${alert} is never shown to fire`,
    )
    t.true(
      own.some((each) => each.exp_alerts.length === 0),
      `${alert} is never shown to be silent`,
    )
  }
})

test('each alert says what is wrong and leads to a heading of the manual', (t) => {
  const manual = readFileSync('docs/monitoring.md', 'utf8')
  const headings = [...manual.matchAll(/^### (\w+)$/gm)].map(([, heading]) => heading)
  t.deepEqual(
    headings,
    alerts.map(({ alert }) => alert),
  )
  for (const { alert, annotations } of alerts) {
    t.regex(annotations['summary'] ?? '', /\.$/, alert)
    t.is(annotations['runbook'], `docs/monitoring.md#${alert.toLowerCase()}`)
  }
})
