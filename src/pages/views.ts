/**
 * Views: Eta templates that escape whatever they are given. A library overrides any of them by a
 * file of the same name in a folder of its own.
 *
 * All are read and compiled at once, at start: a faulty one stops the gateway with its name, and
 * showing a page reads no file.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

import { Eta } from 'eta'

import { GatewayError } from '../core/errors.ts'

/** Renders a view by name with the values that it calls `it`. */
export type RenderView = (view: string, values: object) => string

/**
 * Compiles the views.
 *
 * @param folders Folders of `.eta` files; what stands in a later one wins.
 * @throws {GatewayError} `ERR_CONFIG`, with the file that cannot be read or compiled.
 */
export function createViews(folders: readonly string[]): RenderView {
  const eta = new Eta({ autoEscape: true, autoTrim: [false, 'nl'] })
  for (const folder of folders) loadFolder(eta, folder)
  return (view, values) => eta.render(`@${view}`, values)
}

function loadFolder(eta: Eta, folder: string): void {
  for (const file of reading(folder, () => readdirSync(folder))) {
    if (!file.endsWith('.eta')) continue
    const path = join(folder, file)
    reading(path, () => eta.loadTemplate(`@${basename(file, '.eta')}`, readFileSync(path, 'utf8')))
  }
}

function reading<Result>(at: string, read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause)
    throw new GatewayError('ERR_CONFIG', `the view cannot be used: ${found}`, { at, cause })
  }
}
