/**
 * Rewriting a body in another thread: what is handed over, which is data alone, and the work there.
 * @module
 */
import type { PageCitation } from '../core/citation.ts'
import type { GatewayError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { HostMap, Resource, Rulebook, Upstream } from '../core/resource.ts'
import type { Finder, Replacement } from '../core/rewriting-options.ts'
import { exactly } from './kept-coders.ts'
import { pathOf } from './replace.ts'
import type { PageFacts } from './transform.ts'
import { rewriteHere, type WholeBody, type WholeBodyOptions } from './whole-body.ts'

/** The hosts under one rulebook, as a thread needs them to make a host map of its own. */
export interface ThreadRules {
  readonly zoneOrigin: string
  readonly resources: readonly Resource[]
}

/** What is said to a thread: rules, to be known by a number, before the first body under them. */
export type ThreadQuestion =
  | { readonly kind: 'rules'; readonly number: number; readonly rules: ThreadRules }
  | { readonly kind: 'body'; readonly id: number; readonly job: BodyJob }

/** What it answers to each body; a failure by the code of its error. */
export type ThreadAnswer =
  | {
      readonly id: number
      readonly kind: WholeBody['kind']
      readonly bytes: Uint8Array
      readonly citation?: PageCitation
    }
  | {
      readonly id: number
      readonly kind: 'failed'
      readonly code: GatewayError['code']
      readonly message: string
    }

/** One body. */
export interface BodyJob {
  readonly rules: number
  readonly coded: Uint8Array<ArrayBuffer>
  readonly options: Omit<WholeBodyOptions, 'page'>
  readonly page: Omit<PageFacts, 'hosts' | 'upstream'>
  readonly upstream: Omit<Upstream, 'resource'>
  readonly resource: string
  /** Those that hold for this page. */
  readonly replace: readonly Omit<Replacement, 'finder' | 'scope'>[] | undefined
}

/**
 * Rules without what cannot be handed over, functions and secrets within them, and without what no
 * body needs: all else of a resource is data.
 */
export function threadRules({ hosts, resources }: Rulebook): ThreadRules {
  return {
    zoneOrigin: hosts.zoneOrigin,
    resources: Array.from(
      resources.values(),
      ({ addresses: _addresses, usage: _usage, rewriting, ...resource }) => {
        const { neverProxy, encodedUrls } = rewriting ?? {}
        return {
          ...resource,
          rewriting: { ...(neverProxy && { neverProxy }), ...(encodedUrls && { encodedUrls }) },
        }
      },
    ),
  }
}

/** A body and what has to be known of it, to be handed over with the body's memory. */
export function bodyJob(coded: Buffer, options: WholeBodyOptions, rules: number): BodyJob {
  const { kind, contentType, codings, clientCoding } = options
  const { hosts: _hosts, upstream: asked, ...page } = options.page
  const { resource, ...upstream } = asked
  const path = pathOf(page.url)
  return {
    rules,
    coded: ownBytes(coded),
    options: { kind, contentType, codings, clientCoding },
    page,
    upstream,
    resource: resource.id,
    replace: resource.rewriting?.replace
      ?.filter(({ scope }) => scope.covers(upstream.host, path))
      .map(({ finder: _finder, scope: _scope, ...rest }) => rest),
  }
}

/** Memory that nothing else stands in: it is gone from here once it is handed over. */
function ownBytes(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  const isOwn = buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length
  return isOwn ? new Uint8Array(buffer) : new Uint8Array(exactly(bytes))
}

/** What a thread makes of rules and patterns as they are written. */
export interface ThreadTools {
  readonly hosts: HostMap
  readonly resource: Resource
  readonly finderFor: (pattern: string) => Finder | undefined
}

/** Does the work. */
export function runBodyJob(job: BodyJob, { hosts, resource, finderFor }: ThreadTools): WholeBody {
  const { coded, options, page, upstream, replace } = job
  const replacements = replace?.map((each): Replacement => {
    const finder = each.isPattern ? finderFor(each.find) : undefined
    return { ...each, ...(finder && { finder }), scope: everywhere }
  })
  const rewriting = { ...resource.rewriting, ...(replacements && { replace: replacements }) }
  const facts = { ...page, hosts, upstream: { ...upstream, resource: { ...resource, rewriting } } }
  return rewriteHere(Buffer.from(coded.buffer), { ...options, page: facts })
}

const everywhere = { hosts: [], paths: [], covers: () => true }

/**
 * What is kept for the rulebooks put in last: the one in force and that of exchanges which began
 * before. Both sides of a thread count alike, so that each knows what the other has.
 */
export class RecentRules<Kept> {
  readonly #kept = new Map<number, Kept>()

  /** Undefined when it is not there, or not any more. */
  get(number: number): Kept | undefined {
    return this.#kept.get(number)
  }

  /** Puts one in; the one that was put in first goes. */
  put(number: number, kept: Kept): void {
    this.#kept.set(number, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > limits.rewriting.threadRules && oldest !== undefined) {
      this.#kept.delete(oldest)
    }
  }
}
