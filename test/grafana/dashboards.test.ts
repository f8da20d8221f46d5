import { readFileSync } from 'node:fs'

import test from 'ava'

import { dashboardJson } from '../../grafana/source/dashboard.ts'
import { dashboards } from '../../grafana/source/main.ts'
import { catalogue } from '../../src/metrics/catalogue.ts'
import { alerts, dashboardFiles, metricsIn, recordings } from './panels.ts'
import type { PanelJson } from './panels.ts'

test('the files are what the sources say: npm run dashboards', (t) => {
  const said = Object.entries(dashboards).map(([name, each]) => [
    name,
    JSON.parse(JSON.stringify(dashboardJson(each))) as unknown,
  ])
  t.deepEqual<unknown, unknown>(dashboardFiles, Object.fromEntries(said))
})

const table: Readonly<Record<string, { readonly type: string }>> = catalogue
const named = [
  ...Object.values(dashboardFiles).flatMap(({ panels }) =>
    panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ),
  ...[...alerts, ...recordings].map(({ expr }) => expr),
].flatMap(metricsIn)

test('every metric of a panel, alert or recording is one of the table', (t) => {
  const unknown = named.filter((name) => {
    const base = name.replace(/_bucket$/, '')
    if (!name.startsWith('darbaza_')) return false
    return (base === name) === (table[base]?.type === 'histogram') || table[base] === undefined
  })
  t.deepEqual(unknown, [])
})

test('every metric of the table is looked at somewhere', (t) => {
  const seen = new Set(named.map((name) => name.replace(/_bucket$/, '')))
  t.deepEqual(
    Object.keys(catalogue).filter((name) => !seen.has(name)),
    [],
  )
})

test('uids and titles are given once, and no file carries the number of a database', (t) => {
  const all = Object.values(dashboardFiles)
  t.is(new Set(all.map(({ uid }) => uid)).size, all.length)
  t.is(new Set(all.map(({ title }) => title)).size, all.length)
  t.true(all.every(({ id }) => id === undefined))
})

const overlap = ({ gridPos: a }: PanelJson, { gridPos: b }: PanelJson) =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

for (const [name, { panels, templating }] of Object.entries(dashboardFiles)) {
  const shown = panels.filter(({ type }) => type !== 'row')

  test(`${name}: each panel has a title, a description, a unit and a query`, (t) => {
    for (const { title, description = '', fieldConfig, targets = [] } of shown) {
      t.true(title.length > 2 && description.endsWith('.'), title)
      t.truthy(fieldConfig?.defaults.unit, title)
      t.true(targets.length > 0, title)
    }
    t.is(new Set(panels.map(({ id }) => id)).size, panels.length)
    t.is(new Set(shown.map(({ title }) => title)).size, shown.length)
  })

  test(`${name}: data come from the source and the gateways that are chosen on top`, (t) => {
    t.deepEqual(
      templating.list.slice(0, 3).map((each) => each.name),
      ['datasource', 'job', 'instance'],
    )
    const choices = new Set(templating.list.map((each) => each.name))
    for (const { title, datasource, targets = [] } of shown) {
      t.is(datasource?.uid, '${datasource}', title)
      for (const target of targets) {
        t.is(target.datasource.uid, '${datasource}', title)
        const selectors = target.expr.match(/(?:darbaza|process|nodejs)_\w+(?:\{[^}]*\})?/g) ?? []
        for (const selector of selectors) {
          t.true(selector.includes('{job=~"$job", instance=~"$instance"'), `${title}: ${selector}`)
        }
        for (const [, variable = ''] of target.expr.matchAll(/\$(\w+)/g)) {
          t.true(variable.startsWith('__') || choices.has(variable), `${title}: $${variable}`)
        }
      }
    }
  })

  test(`${name}: counters are looked at by their growth, over what Grafana finds fit`, (t) => {
    for (const { title, targets = [] } of shown) {
      for (const { expr } of targets) {
        const grown = [...expr.matchAll(/(?:rate|increase)\((?:\w+)\{[^}]*\}\[(\$\w+)\]\)/g)]
        const counters = metricsIn(expr).filter((each) => /_(?:total|bucket)$/.test(each))
        t.is(grown.length, counters.length, `${title}: ${expr}`)
        for (const [, over = ''] of grown) {
          t.true(['$__rate_interval', '$__range'].includes(over), `${title}: ${over}`)
        }
      }
    }
  })

  test(`${name}: panels do not lie on each other`, (t) => {
    for (const [index, panel] of panels.entries()) {
      t.true(panel.gridPos.x + panel.gridPos.w <= 24, panel.title)
      const under = panels.slice(index + 1).filter((other) => overlap(panel, other))
      t.deepEqual(under, [], panel.title)
    }
  })
}

test('the dashboards are provisioned from where compose.yaml puts them', (t) => {
  const provisioning = readFileSync('grafana/provisioning/dashboards/darbaza.yml', 'utf8')
  const compose = readFileSync('compose.yaml', 'utf8')
  const path = /path: (\S+)/.exec(provisioning)?.[1]
  t.regex(compose, new RegExp(`\\./grafana/dashboards:${path}:ro`))
  t.regex(compose, /\.\/grafana\/provisioning:\/etc\/grafana\/provisioning:ro/)
  t.regex(compose, /\.\/grafana\/prometheus:\/etc\/prometheus:ro/)
})
