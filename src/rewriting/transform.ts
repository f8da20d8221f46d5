/**
 * What it means to rewrite a body: the types that the transforms, the stage and their tests share.
 *
 * Rewriting is source-preserving: bytes that need no change do not change. What a transform does
 * not understand it passes on untouched.
 * @module
 */
import type { HostMap, Upstream } from '../core/resource.ts'

/** One body being rewritten: bytes in, bytes out; any chunk boundary gives the same total output. */
export interface BodyTransform {
  /** Takes the next bytes and gives what can be decided so far; it may be nothing. */
  write(chunk: Uint8Array): Uint8Array
  /** No more bytes will come: gives all that was held back. */
  end(): Uint8Array
}

/** What a body needs to know of the page it belongs to. */
export interface PageFacts {
  readonly hosts: HostMap
  readonly upstream: Upstream
  /** The full upstream URL of the response. */
  readonly url: string
  /** Put first into the head of a document; absent for fragments and for what is no document. */
  readonly headMarkup?: string
  /** Put first into the script that a worker begins with; absent for every other. */
  readonly workerOpening?: string
  /** Whether script strings that are nothing but a known host name are mapped too; default false. */
  readonly mapsBareHosts?: boolean
  /**
   * Whether elements that would ask a sister host without credentials ask with them, since the
   * gateway knows nobody otherwise; default false.
   */
  readonly asksWithCredentials?: boolean
  /**
   * Whether the shim stands in its head and has to be let run by policies in meta elements; absent
   * where these stay as they are.
   */
  readonly hasShim?: boolean
  /** Whether usage asks what the page says of its work; default false. */
  readonly readsCitation?: boolean
}

/**
 * The languages that are rewritten. `unlabelled` is told apart by its first bytes; `plain` is JSON
 * under a text/plain label, or nothing.
 */
export type BodyKind =
  | 'css'
  | 'event-stream'
  | 'flight' // React server component rows
  | 'html'
  | 'javascript'
  | 'json' // with NDJSON, XSSI prefixes, manifests
  | 'lines' // HLS playlists, text/uri-list
  | 'plain'
  | 'unlabelled'
  | 'xhtml'
  | 'xml'
