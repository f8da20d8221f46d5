/**
 * The gateway's own style sheet and pictures, below `/.darbaza/assets/` of every host. A file's name
 * carries the hash of its content, so that browsers keep it for ever.
 *
 * During an update two versions of the gateway may serve one zone: a known name with another hash is
 * answered with what is here, not to be kept. Anything else below the prefix does not exist.
 * @module
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

import type { GatewayContext, Stage } from '../core/context.ts'
import { GatewayError } from '../core/errors.ts'
import { reservedPrefix } from '../core/pages.ts'

const prefix = `${reservedPrefix}assets/`
const types = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
} as const

interface Asset {
  readonly path: string
  readonly type: string
  readonly body: string
}

/** The assets, and the stage that serves them. */
export interface Assets {
  /** Path of `style.css` and the like, the same on every host. */
  url(name: string): string
  readonly stage: Stage
}

/** Reads the files that stand beside this module. */
export function createAssets(): Assets {
  const assets = loadAssets(join(import.meta.dirname, 'assets'))
  const url = (name: string): string => {
    const asset = assets.get(name)
    if (asset === undefined) throw new GatewayError('ERR_CONFIG', `no asset is named "${name}"`)
    return asset.path
  }
  return {
    url,
    async stage(context, next) {
      if (!context.req.url?.startsWith(prefix)) return next()
      serve(context, assets)
    },
  }
}

/** Pictures first: the style sheet names them, and its hash must change when theirs do. */
function loadAssets(folder: string): ReadonlyMap<string, Asset> {
  const assets = new Map<string, Asset>()
  for (const name of readdirSync(folder).toSorted((a, b) => extname(b).localeCompare(extname(a)))) {
    const type = Object.entries(types).find(([extension]) => extname(name) === extension)?.[1]
    if (type === undefined) continue
    const body = readFileSync(join(folder, name), 'utf8').replaceAll(
      /url\(([\w.-]+)\)/g,
      (match, inner: string) => `url(${assets.get(inner)?.path ?? match})`,
    )
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 12)
    const path = prefix + name.replace(/(\.\w+)$/, `-${hash}$1`)
    assets.set(name, { path, type, body })
  }
  return assets
}

function serve(context: GatewayContext, assets: ReadonlyMap<string, Asset>): void {
  const name = context.path.slice(prefix.length).replace(/-[0-9a-f]{12}(?=\.\w+$)/, '')
  const asset = assets.get(name)
  if (asset === undefined || !['GET', 'HEAD'].includes(context.method)) {
    throw new GatewayError('ERR_NOT_FOUND', 'no such asset')
  }
  const isCurrent = context.path === asset.path
  context.set('Cache-Control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache')
  context.set('X-Content-Type-Options', 'nosniff')
  context.set('Cross-Origin-Resource-Policy', 'same-origin')
  context.type = asset.type
  context.body = asset.body
}
