/**
 * Dashboards from few words: panels are told what they show, and get their place, number and the
 * fields that Grafana wants from here.
 *
 * Source: Grafana, "Dashboard JSON model"; github.com/grafana/dashboard-linter for what is asked of
 * a good one: a data source by variable, a title, a description, a unit.
 * @module
 */

/** Grafana's names of units. */
export type Unit =
  | 'short'
  | 'percentunit'
  | 's'
  | 'bytes'
  | 'Bps'
  | 'reqps'
  | 'ops'
  | 'dateTimeAsIso'
  | 'bool_yes_no'

/** One line of a panel. */
export interface Query {
  readonly expr: string
  /** In Grafana's words, such as `{{pool}}`; empty for none. */
  readonly legend?: string
}

/** What a panel shows. */
export interface Panel {
  readonly kind: 'stat' | 'timeseries' | 'bargauge' | 'table'
  readonly title: string
  readonly description: string
  readonly unit: Unit
  readonly queries: readonly Query[]
  /** Of 24 columns. */
  readonly width: 4 | 6 | 8 | 12 | 24
  /** Values from which on it turns to a colour. */
  readonly steps?: readonly (readonly [from: number, colour: 'green' | 'yellow' | 'red'])[]
  /** Colour of what is below all steps; green unless told. */
  readonly base?: 'green' | 'red'
  readonly max?: number
}

/** Panels under a heading. */
export interface Row {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** A choice on top of the page, by the values of a label. */
export interface Choice {
  readonly name: string
  readonly label: string
  readonly query: string
}

/** A page. */
export interface Dashboard {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly from: string
  readonly choices?: readonly Choice[]
  readonly rows: readonly Row[]
}

const datasource = { type: 'prometheus', uid: '${datasource}' }
const heights = { stat: 4, timeseries: 8, bargauge: 8, table: 8 } as const
const columns = 24

/** The JSON that Grafana reads from a file. */
export function dashboardJson(dashboard: Dashboard): object {
  const { uid, title, description, from, choices = [], rows } = dashboard
  return {
    uid,
    title,
    description,
    tags: ['darbaza'],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from, to: 'now' },
    timezone: 'browser',
    links: [
      {
        type: 'dashboards',
        title: 'Darbaza',
        tags: ['darbaza'],
        asDropdown: false,
        includeVars: true,
        keepTime: false,
      },
    ],
    templating: { list: [sourceChoice, ...[...gatewayChoices, ...choices].map(choiceJson)] },
    panels: placed(rows),
  }
}

const sourceChoice = {
  name: 'datasource',
  label: 'Data source',
  type: 'datasource',
  query: 'prometheus',
  current: {},
}

const gatewayChoices: readonly Choice[] = [
  { name: 'job', label: 'Job', query: 'label_values(darbaza_build_info, job)' },
  {
    name: 'instance',
    label: 'Gateway',
    query: 'label_values(darbaza_build_info{job=~"$job"}, instance)',
  },
]

function choiceJson({ name, label, query }: Choice): object {
  return {
    name,
    label,
    type: 'query',
    datasource,
    query: { query, refId: name },
    definition: query,
    // When the time range changes, too: a pool that is new since the page was opened.
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.+',
    current: { selected: true, text: ['All'], value: ['$__all'] },
  }
}

/** Rows below each other, their panels from left to right. */
function placed(rows: readonly Row[]): object[] {
  const panels: object[] = []
  let y = 0
  let id = 0
  for (const row of rows) {
    panels.push({
      id: (id += 1),
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: columns, h: 1 },
    })
    y += 1
    let x = 0
    let lineHeight = 0
    for (const panel of row.panels) {
      if (x + panel.width > columns) {
        x = 0
        y += lineHeight
        lineHeight = 0
      }
      const h = heights[panel.kind]
      panels.push(panelJson(panel, { id: (id += 1), x, y, h }))
      x += panel.width
      lineHeight = Math.max(lineHeight, h)
    }
    y += lineHeight
  }
  return panels
}

interface Spot {
  readonly id: number
  readonly x: number
  readonly y: number
  readonly h: number
}

function panelJson(panel: Panel, { id, x, y, h }: Spot): object {
  const { kind, title, description, unit, width, base = 'green', steps = [], max } = panel
  return {
    id,
    type: kind,
    title,
    description,
    datasource,
    gridPos: { x, y, w: width, h },
    targets: panel.queries.map((query, index) => targetJson(query, index, kind)),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(max !== undefined && { max }),
        color: { mode: kind === 'timeseries' ? 'palette-classic' : 'thresholds' },
        thresholds: {
          mode: 'absolute',
          steps: [
            { color: base, value: null },
            ...steps.map(([value, color]) => ({ color, value })),
          ],
        },
        ...(kind === 'timeseries' && { custom: { fillOpacity: 10, showPoints: 'never' } }),
      },
      overrides: [],
    },
    options: optionsOf[kind],
    ...(kind === 'table' && { transformations: [{ id: 'organize', options: hiddenColumns }] }),
  }
}

/** What a table of instant values has beside its labels and the value. */
const hiddenColumns = { excludeByName: { Time: true, __name__: true } }

const lastValue = { calcs: ['lastNotNull'], fields: '', values: false }

const optionsOf = {
  stat: { reduceOptions: lastValue, colorMode: 'value', graphMode: 'area' },
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  bargauge: { reduceOptions: lastValue, orientation: 'horizontal', displayMode: 'basic' },
  table: { showHeader: true },
} as const

function targetJson({ expr, legend = '' }: Query, index: number, kind: Panel['kind']): object {
  const isNow = kind === 'table' || kind === 'bargauge'
  return {
    refId: String.fromCharCode(65 + index),
    datasource,
    expr,
    legendFormat: legend,
    range: !isNow,
    instant: isNow,
    ...(kind === 'table' && { format: 'table' }),
  }
}
