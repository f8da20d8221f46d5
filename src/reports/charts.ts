/**
 * Charts as SVG, drawn on the server by ECharts: no script runs in the browser.
 *
 * What stands in a page must bear its content security policy, dark mode and print: styles within the
 * picture become attributes, and colours the variables of the style sheet. Each chart is drawn twice, for
 * a wide page and for a telephone, where a wide one would be too small to read; the style sheet shows one.
 * @module
 */
import { setImmediate as othersFirst } from 'node:timers/promises'

import { BarChart, LineChart } from 'echarts/charts'
import { GridComponent, LegendComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

import type { Language } from '../core/languages.ts'
import type { Chart } from './model.ts'
import { valueText } from './value-text.ts'

use([BarChart, LineChart, GridComponent, LegendComponent, SVGRenderer])

/** A chart for each width, as SVG elements. */
export interface ChartPictures {
  readonly wide: string
  readonly narrow: string
}

/** Stand for the variables of the style sheet; ECharts calculates with what it knows as a colour. */
const inks = {
  series: ['#a00001', '#a00002', '#a00003', '#a00004'],
  text: '#a00005',
  line: '#a00006',
} as const

const variables: Readonly<Record<string, string>> = {
  [inks.series[0]]: 'var(--chart-1)',
  [inks.series[1]]: 'var(--chart-2)',
  [inks.series[2]]: 'var(--chart-3)',
  [inks.series[3]]: 'var(--chart-4)',
  [inks.text]: 'var(--ink)',
  [inks.line]: 'var(--line)',
}

/** Told apart by form as well as by colour. */
const forms = [
  { symbol: 'circle', dash: 'solid' },
  { symbol: 'rect', dash: 'dashed' },
  { symbol: 'triangle', dash: 'dotted' },
  { symbol: 'diamond', dash: [8, 3, 2, 3] },
] as const

interface Canvas {
  readonly width: number
  readonly fontSize: number
  /** Room for names beside lying bars. */
  readonly nameWidth: number
}

const canvases = {
  wide: { width: 960, fontSize: 14, nameWidth: 300 },
  narrow: { width: 320, fontSize: 13, nameWidth: 120 },
} as const satisfies Record<keyof ChartPictures, Canvas>

/** Draws a chart, in turns with others: the first picture of a process takes long. */
export async function drawChart(chart: Chart, language: Language): Promise<ChartPictures> {
  const wide = await draw(chart, language, 'wide')
  return { wide, narrow: await draw(chart, language, 'narrow') }
}

async function draw(chart: Chart, language: Language, size: keyof ChartPictures): Promise<string> {
  await othersFirst()
  const canvas = canvases[size]
  const picture = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: canvas.width,
    height: heightOf(chart),
  })
  try {
    await othersFirst()
    picture.setOption(optionOf(chart, language, canvas))
    await othersFirst()
    return inPage(picture.renderToSVGString({ useViewBox: true }), `${chart.id}-${size}`)
  } finally {
    // Else its timer would keep the process.
    picture.dispose()
  }
}

const legendHeight = 36

function heightOf({ kind, labels, series }: Chart): number {
  if (kind !== 'bars') return 300
  return labels.length * (14 + 20 * series.length) + legendHeight + 8
}

function optionOf(chart: Chart, language: Language, canvas: Canvas): EChartsCoreOption {
  const { kind, series } = chart
  const isLying = kind === 'bars'
  const text = { color: inks.text, fontSize: canvas.fontSize, fontFamily: 'inherit' }
  const shown = (value: unknown): string =>
    typeof value === 'number' ? valueText(value, 'decimal', language) : ''
  const names = {
    type: 'category',
    data: isLying ? chart.labels.map((label) => shortened(label, canvas)) : [...chart.labels],
    inverse: isLying,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: inks.line } },
    axisLabel: isLying ? { ...text, interval: 0 } : { ...text, hideOverlap: true },
  }
  const numbers = {
    type: 'value',
    axisLabel: isLying ? { show: false } : { ...text, formatter: shown },
    splitLine: { show: !isLying, lineStyle: { color: inks.line } },
  }
  return {
    animation: false,
    color: [...inks.series],
    textStyle: text,
    legend: {
      show: series.length > 1,
      top: 0,
      left: 0,
      itemGap: 18,
      textStyle: text,
      inactiveColor: inks.line,
      selectedMode: false,
    },
    grid: {
      top: series.length > 1 ? legendHeight + 8 : 12,
      left: isLying ? namesWidth(chart, canvas) + 16 : 4,
      // The numbers stand at the ends of lying bars.
      right: isLying ? 84 : 16,
      bottom: 4,
      outerBoundsMode: isLying ? 'none' : 'same',
      outerBoundsContain: 'axisLabel',
    },
    xAxis: isLying ? numbers : names,
    yAxis: isLying ? names : numbers,
    series: series.map(({ name, values }, place) => ({
      name,
      type: kind === 'lines' ? 'line' : 'bar',
      data: values.map((value) => value ?? null),
      silent: true,
      emphasis: { disabled: true },
      ...(kind === 'lines'
        ? {
            symbol: forms[place % forms.length]?.symbol,
            symbolSize: 8,
            lineStyle: { width: 2.5, type: forms[place % forms.length]?.dash },
          }
        : {
            barMaxWidth: isLying ? 16 : 30,
            barGap: '12%',
            itemStyle: { borderRadius: isLying ? [0, 3, 3, 0] : [3, 3, 0, 0] },
            label: {
              ...text,
              show: isLying,
              position: 'right',
              formatter: ({ value }: { readonly value: unknown }) => shown(value),
            },
          }),
    })),
  }
}

/** Of a letter, in the middle of many and in the widest font that pages fall back to, in its own size. */
const letterWidth = 0.64

/** Nobody measures letters on a server: names get the room that such letters need, up to a bound. */
function namesWidth({ labels }: Chart, canvas: Canvas): number {
  const letters = Math.max(...labels.map((label) => shortened(label, canvas).length))
  return letters * letterWidth * canvas.fontSize
}

function shortened(label: string, { nameWidth, fontSize }: Canvas): string {
  const most = Math.floor(nameWidth / (letterWidth * fontSize))
  return label.length <= most ? label : `${label.slice(0, most - 1).trimEnd()}…`
}

/** What a page may hold: no style of its own, ids that no other picture has, colours by name. */
function inPage(svg: string, id: string): string {
  return svg
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replaceAll(/ (?:ecmeta_\w+|class|xmlns(?::\w+)?|xml:space|baseProfile|version)="[^"]*"/g, '')
    .replaceAll(/ style="([^"]*)"/g, (_, declarations: string) => attributesOf(declarations))
    .replaceAll(/\bzr\d+-/g, `${id}-`)
    .replaceAll(/"(#a0000\d)"/g, (_, ink: string) => `"${variables[ink] ?? 'currentcolor'}"`)
    .replace('<svg ', '<svg aria-hidden="true" focusable="false" ')
}

/** The styles of a text; each is an attribute of the same name as well (SVG 2, section 6.6). */
function attributesOf(declarations: string): string {
  return declarations
    .split(';')
    .map((declaration) => declaration.split(':'))
    .filter(([name = '']) => /^(?:font-(?:size|weight|style))$/.test(name.trim()))
    .map(([name = '', value = '']) => ` ${name.trim()}="${value.trim()}"`)
    .join('')
}
