/**
 * Dashboards and alerts as the files have them, for the tests.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { parse } from 'yaml'

const folder = join(import.meta.dirname, '../../grafana')

/** The part of a panel's JSON that the tests look at. */
export interface PanelJson {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly description?: string
  readonly datasource?: { readonly uid: string }
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets?: readonly {
    readonly refId: string
    readonly expr: string
    readonly legendFormat: string
    readonly datasource: { readonly uid: string }
  }[]
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } }
}

/** The part of a dashboard's JSON that the tests look at. */
export interface DashboardJson {
  readonly uid: string
  readonly id?: number
  readonly title: string
  readonly templating: {
    readonly list: readonly {
      readonly name: string
      readonly type: string
      readonly definition?: string
    }[]
  }
  readonly panels: readonly PanelJson[]
}

/** Every dashboard by the name of its file. */
export const dashboardFiles: Readonly<Record<string, DashboardJson>> = Object.fromEntries(
  readdirSync(join(folder, 'dashboards')).map((name) => [
    name.replace('.json', ''),
    JSON.parse(readFileSync(join(folder, 'dashboards', name), 'utf8')) as DashboardJson,
  ]),
)

/** An alert as the rule file has it. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly annotations: Readonly<Record<string, string>>
}

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly (AlertRule | { readonly record: string; readonly expr: string })[]
  }[]
}

const rules = parse(readFileSync(join(folder, 'prometheus/rules.yml'), 'utf8')) as RuleFile

/** Every alert, and every recording. */
export const alerts = rules.groups.flatMap((group) =>
  group.rules.flatMap((rule) => ('alert' in rule ? [rule] : [])),
)
export const recordings = rules.groups.flatMap((group) =>
  group.rules.flatMap((rule) => ('record' in rule ? [rule] : [])),
)

/** Every name that an expression takes for a metric of the gateway. */
export function metricsIn(expr: string): string[] {
  return [...expr.matchAll(/(?<![\w:])(?:darbaza|process|nodejs)_\w+/g)].map(([name]) => name)
}
