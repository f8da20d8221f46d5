/**
 * Pictures made by code: mountain landscapes for covers and headers. The same seed gives the same
 * bytes, so that validators hold.
 * @module
 */
import { html } from './markup.ts'
import type { Markup } from './markup.ts'

/** Sky above, then ridges from far to near. */
interface Palette {
  readonly sky: readonly [top: string, horizon: string]
  readonly sun: string
  readonly ridges: readonly string[]
}

/** The looks that covers choose from. */
export const palettes = {
  dawn: {
    sky: ['#f7d9c4', '#fdf3e3'],
    sun: '#f0a35e',
    ridges: ['#c7b8c9', '#9a8fb0', '#5f6590', '#2f3d63'],
  },
  lake: {
    sky: ['#bfe0ea', '#eef8f6'],
    sun: '#fff4cf',
    ridges: ['#a5cdd3', '#6aa9b5', '#2f7d8c', '#124f5f'],
  },
  autumn: {
    sky: ['#f6e2b5', '#fff7e2'],
    sun: '#e2863c',
    ridges: ['#dcb27a', '#b97c45', '#80502f', '#432a20'],
  },
  night: {
    sky: ['#1b2450', '#3d4a86'],
    sun: '#f3efd7',
    ridges: ['#5a659d', '#414c82', '#2a3363', '#151b3f'],
  },
  meadow: {
    sky: ['#d8ecd4', '#f6fbef'],
    sun: '#f7d774',
    ridges: ['#b4d3a5', '#80b07c', '#4a8560', '#1f5646'],
  },
} as const satisfies Record<string, Palette>

/** A landscape, and words over it if it is a cover. */
export function landscape(picture: {
  readonly seed: number
  readonly width: number
  readonly height: number
  readonly palette: Palette
  readonly overlay?: Markup
}): string {
  const { width, height, palette } = picture
  const random = seeded(picture.seed)
  const ridges = palette.ridges.map((colour, index) => {
    const base = height * (0.52 + (0.42 * index) / palette.ridges.length)
    return html`<path d="${ridge(random, width, height, base)}" fill="${colour}" />`
  })
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
  >
    <defs>
      <linearGradient id="sky" x2="0" y2="1">
        <stop stop-color="${palette.sky[0]}" />
        <stop offset="1" stop-color="${palette.sky[1]}" />
      </linearGradient>
    </defs>
    <rect width="${width}" height="${height}" fill="url(#sky)" />
    <circle
      cx="${round(width * (0.25 + random() * 0.5))}"
      cy="${round(height * 0.42)}"
      r="${round(Math.min(width, height) * 0.09)}"
      fill="${palette.sun}"
    />
    ${ridges}${picture.overlay}
  </svg> `.text
}

/** A ridge by midpoint displacement: halve each stretch, move its middle, less at every depth. */
function ridge(random: () => number, width: number, height: number, base: number): string {
  let heights = [random(), random(), random()].map((value) => base + (value - 0.5) * height * 0.12)
  for (let swing = height * 0.16; swing > 2; swing /= 2.1) {
    heights = heights.flatMap((left, index) => {
      const right = heights[index + 1]
      return right === undefined ? [left] : [left, (left + right) / 2 + (random() - 0.5) * swing]
    })
  }
  const step = width / (heights.length - 1)
  const points = heights.map((y, index) => `${round(index * step)} ${round(y)}`)
  return `M0 ${height}L${points.join('L')}L${width} ${height}Z`
}

/** Mulberry32: 32 bits of state are plenty for hills. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
