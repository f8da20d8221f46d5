/**
 * The browser shim, as it is served: one script for each resource with the table of its hosts, named
 * by its content, so that browsers keep it as long as it holds.
 *
 * It contains the public host names of the resource and the rule by which they are written in the
 * zone: nothing of the reader.
 * @module
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import type { Stage } from '../core/context.ts'
import { percentDecoded } from '../core/decoding.ts'
import { reservedPrefix, seatSignsPath } from '../core/pages.ts'
import type { HostMap, HostRule, Resource, Rulebook } from '../core/resource.ts'
import type { DirectHost } from '../core/rewriting-options.ts'
import { scriptCookiesPath } from './script-cookies.ts'

/** A script ready to be sent. */
export interface ShimScript {
  readonly body: string
  readonly etag: string
}

/** The shim under one set of rules. */
export interface Shim {
  /** What is put first into the head of a resource's documents. */
  headMarkup(resource: Resource): string
  /** What is put first into the scripts of a resource's workers. */
  workerOpening(resource: Resource): string
  /** The script under a path below the reserved prefix; undefined when there is none. */
  serve(path: string): ShimScript | undefined
}

interface Script extends ShimScript {
  readonly path: string
}

const source = sourceOf('shim.js')
/** For pages of resources that count seats; the same for all of them. */
const seatScript = makeSeatScript()
const shimPath = /^\/\.darbaza\/shim\/([^/]+)\.[\w-]{16}\.js$/

/** The shim of one rulebook; scripts are made when they are first asked for. */
function createRulebookShim({ resources, hosts }: Rulebook): Shim {
  const scripts = new Map<string, Script>()

  function scriptOf(resource: Resource): Script {
    const made = scripts.get(resource.id) ?? makeScript(resource, hosts)
    scripts.set(resource.id, made)
    return made
  }

  return {
    headMarkup(resource) {
      const markup = `<script src="${scriptOf(resource).path}"></script>`
      if (resource.licence.seats === undefined) return markup
      return `${markup}<script src="${seatScript.path}" async=""></script>`
    },
    workerOpening: (resource) => scriptOf(resource).body,
    serve(path) {
      if (path === seatScript.path) return seatScript
      const resource = resources.get(percentDecoded(shimPath.exec(path)?.[1] ?? '') ?? '')
      if (resource === undefined) return undefined
      const script = scriptOf(resource)
      return script.path === path ? script : undefined
    },
  }
}

/** The shim of every rulebook, and the stage that serves it. */
export function createShim(): { of(rulebook: Rulebook): Shim; readonly stage: Stage } {
  const shims = new WeakMap<Rulebook, Shim>()
  const of = (rulebook: Rulebook): Shim => {
    const shim = shims.get(rulebook) ?? createRulebookShim(rulebook)
    shims.set(rulebook, shim)
    return shim
  }
  const stage: Stage = async (context, next) => {
    const isRead = context.method === 'GET' || context.method === 'HEAD'
    const script = isRead ? of(context.state.rulebook).serve(context.path) : undefined
    if (script === undefined) return next()
    context.set('Cache-Control', 'private, max-age=31536000, immutable')
    context.set('ETag', script.etag)
    // Pages that isolate themselves load it too, and sandboxed frames, which are of no site.
    context.set('Cross-Origin-Resource-Policy', 'cross-origin')
    context.set('X-Content-Type-Options', 'nosniff')
    context.type = 'text/javascript; charset=utf-8'
    context.body = script.body
    context.status = 200
    if (context.fresh) context.status = 304
  }
  return { of, stage }
}

function makeScript(resource: Resource, hosts: HostMap): Script {
  const table = tableOf(resource, hosts)
  const digest = createHash('sha256').update(source).update(JSON.stringify(table))
  const version = digest.digest('base64url').slice(0, 16)
  const path = `${reservedPrefix}shim/${encodeURIComponent(resource.id)}.${version}.js`
  const literal = JSON.stringify({ ...table, script: path, cookies: scriptCookiesPath })
  return {
    path,
    etag: `"${version}"`,
    body: `(${source})(${literal});\n`,
  }
}

function makeSeatScript(): Script {
  const body = `(${sourceOf('seat.js')})(${JSON.stringify(seatSignsPath)});\n`
  const version = createHash('sha256').update(body).digest('base64url').slice(0, 16)
  return { path: `${reservedPrefix}seat.${version}.js`, etag: `"${version}"`, body }
}

function sourceOf(file: string): string {
  return withoutComments(readFileSync(new URL(`client/${file}`, import.meta.url), 'utf8'))
}

/** What the shim knows of the resource; its own comment names the parts. */
function tableOf({ hosts: rules, rewriting }: Resource, hosts: HostMap) {
  const zone = new URL(hosts.zoneOrigin)
  const labels = rules.flatMap((rule): [string, string][] => {
    const label = hosts.proxiedAuthority(rule.scheme, authorityOf(rule))
    // A label that the name does not spell can only be told.
    return label?.startsWith('h---')
      ? [[authorityOf(rule), label.slice(0, -zone.host.length - 1)]]
      : []
  })
  return {
    zone: hosts.zoneOrigin,
    known: knownPattern(rules, [
      ...(rewriting?.neverProxy ?? []),
      { host: zone.hostname, match: 'domain' },
    ]),
    labels: Object.fromEntries(labels),
  }
}

/** A pattern of all hosts of the rules, as `host` or `host:port`, but for the exceptions. */
function knownPattern(rules: readonly HostRule[], exceptions: readonly DirectHost[]): string {
  const authorities = rules.map((rule) => ({ ...rule, host: authorityOf(rule) }))
  return `^(?!${anyOf(exceptions)})${anyOf(authorities)}`
}

function anyOf(entries: readonly DirectHost[]): string {
  return `(?:${entries.map(patternOf).join('|')})$`
}

function patternOf({ host, match }: DirectHost): string {
  // A label neither begins nor ends with a hyphen: the zone could not spell it.
  const below = '(?:[^.:-]+(?:-+[^.:-]+)*\\.)'
  const name = host.replaceAll('.', '\\.')
  if (match === 'exact') return name
  return below + (match === 'domain' ? '*' : '+') + name
}

/** Comments stand on lines of their own in the source; the indentation goes with them. */
function withoutComments(text: string): string {
  return text.replace(/^ *(?:\/\*[^]*?\*\/|\/\/.*)?\n?/gm, '').trim()
}

function authorityOf({ host, port }: HostRule): string {
  return port === undefined ? host : `${host}:${port}`
}
