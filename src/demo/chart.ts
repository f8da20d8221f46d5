/**
 * Charts as plain strokes and words, so that a page can draw them in SVG and a PDF with its own pen.
 * @module
 */
import { html } from './markup.ts'

/** One figure of an article. */
export interface Figure {
  readonly caption: string
  readonly kind: 'lines' | 'bars'
  readonly yLabel: string
  readonly xTicks: readonly string[]
  readonly series: readonly { readonly name: string; readonly values: readonly number[] }[]
}

/** What to draw, in units of a 640 by 360 sheet. */
interface Drawing {
  readonly paths: readonly {
    readonly d: string
    readonly colour: string
    readonly mode: 'stroke' | 'fill'
    readonly width: number
  }[]
  readonly words: readonly {
    readonly x: number
    readonly y: number
    readonly text: string
    readonly anchor: 'start' | 'middle' | 'end'
    readonly colour: string
  }[]
}

/** The sheet of every drawing. */
export const sheet = { width: 640, height: 360 } as const

const colours = ['#0b6e8f', '#d1663a', '#7a8f3c', '#5d4a8a']
const plot = { left: 64, right: 616, top: 40, bottom: 312 } as const

/** Lays a figure out. */
export function drawFigure(figure: Figure): Drawing {
  const max = niceMax(Math.max(...figure.series.flatMap(({ values }) => values)))
  const y = (value: number) => plot.bottom - (value / max) * (plot.bottom - plot.top)
  const slot = (plot.right - plot.left) / figure.xTicks.length
  const middle = (index: number) => plot.left + slot * (index + 0.5)
  const levels = [0, 0.25, 0.5, 0.75, 1].map((part) => part * max)
  const grey = '#5b6770'
  return {
    paths: [
      ...levels.map((level) => ({
        d: `M${plot.left} ${y(level).toFixed(1)}H${plot.right}`,
        colour: level === 0 ? '#33404a' : '#dfe5e8',
        mode: 'stroke' as const,
        width: 1,
      })),
      ...figure.series.flatMap((series, index) => seriesPaths(figure, series.values, index, y)),
      ...figure.series.map((_, index) => ({
        d: `M${plot.left + index * 160} 14h22v8h-22z`,
        colour: colourOf(index),
        mode: 'fill' as const,
        width: 0,
      })),
    ],
    words: [
      ...levels.map((level) => word(plot.left - 8, y(level) + 4, String(level), 'end', grey)),
      ...figure.xTicks.map((tick, index) => word(middle(index), 332, tick, 'middle', grey)),
      ...figure.series.map(({ name }, index) =>
        word(plot.left + 28 + index * 160, 23, name, 'start', '#26323a'),
      ),
      word(plot.right, 352, figure.yLabel, 'end', grey),
    ],
  }
}

/** The figure as a picture of a given width. */
export function figureSvg(figure: Figure, width: number): string {
  const { paths, words } = drawFigure(figure)
  const height = Math.round((width * sheet.height) / sheet.width)
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${sheet.width} ${sheet.height}"
    font-family="Helvetica, Arial, sans-serif"
    font-size="12"
  >
    <title>${figure.caption}</title>
    <rect width="640" height="360" fill="#fff" />
    ${paths.map(({ d, colour, mode, width: pen }) =>
      mode === 'fill'
        ? html`<path d="${d}" fill="${colour}" />`
        : html`<path d="${d}" fill="none" stroke="${colour}" stroke-width="${pen}" />`,
    )}
    ${words.map(({ x, y, text, anchor, colour }) => html`<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour}">${text}</text>`)}
  </svg> `.text
}

function seriesPaths(
  { kind, xTicks, series }: Figure,
  values: readonly number[],
  index: number,
  y: (value: number) => number,
): Drawing['paths'] {
  const slot = (plot.right - plot.left) / xTicks.length
  const colour = colourOf(index)
  if (kind === 'lines') {
    const points = values.map(
      (value, at) => `${(plot.left + slot * (at + 0.5)).toFixed(1)} ${y(value).toFixed(1)}`,
    )
    return [{ d: `M${points.join('L')}`, colour, mode: 'stroke', width: 2.5 }]
  }
  const width = (slot * 0.7) / series.length
  return values.map((value, at) => {
    const left = plot.left + slot * (at + 0.15) + width * index
    const d = `M${left.toFixed(1)} ${plot.bottom}V${y(value).toFixed(1)}h${width.toFixed(1)}V${plot.bottom}z`
    return { d, colour, mode: 'fill', width: 0 }
  })
}

function word(
  x: number,
  y: number,
  text: string,
  anchor: 'start' | 'middle' | 'end',
  colour: string,
): Drawing['words'][number] {
  return { x: Math.round(x), y: Math.round(y), text, anchor, colour }
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? '#000'
}

/** The next of 1, 2, 4, 6, 8, 10 times a power of ten: quarters of it read well on an axis. */
function niceMax(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 2, 4, 6, 8, 10].find((step) => step * power >= value) ?? 10) * power
}
