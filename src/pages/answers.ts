/**
 * How a page of the portal or the console is answered: its frame, type and headers.
 * @module
 */
import type { GatewayContext, Stage } from '../core/context.ts'
import type { PortalRoute } from '../core/routes.ts'
import { createPageHeaders } from './headers.ts'
import type { Frame } from './models.ts'

/** What surrounds every page depends on. */
export interface AnswerParts {
  /** Of all providers. */
  readonly issuers: readonly string[]
  /** `away` when none of them answers. */
  readonly identityStatus: () => 'ready' | 'away'
  /** Whether the reader of a request may enter the staff console. */
  readonly isStaff: (context: GatewayContext) => boolean
}

/** Answers with pages. */
export interface Answers {
  /** A route that is read. */
  get(path: string, handle: Stage): PortalRoute
  /** A form that is sent; what it answers with is a page, or the way to one. */
  post(path: string, handle: Stage): PortalRoute
  /** Shows a page that is composed in its frame. */
  show(context: GatewayContext, page: (frame: Frame) => string): void
}

/** Makes the answers of a gateway. */
export function createAnswers(parts: AnswerParts): Answers {
  const setHeaders = createPageHeaders(parts.issuers)
  const route = (method: PortalRoute['method']) => (path: string, handle: Stage) => ({
    method,
    path,
    async handle(context: GatewayContext, next: Parameters<Stage>[1]) {
      setHeaders(context)
      await handle(context, next)
    },
  })
  return {
    get: route('GET'),
    post: route('POST'),
    show(context, page) {
      context.type = 'text/html; charset=utf-8'
      context.body = page(frameOf(context, parts))
    },
  }
}

/** Signing in must not end on the page that says one is signed out, or on that of the choice. */
export function afterSignIn({ path, url, querystring }: GatewayContext): string {
  if (path === '/sign-in') return new URLSearchParams(querystring).get('to') ?? '/'
  return path === '/signed-out' ? '/' : url
}

function frameOf(context: GatewayContext, { identityStatus, isStaff }: AnswerParts): Frame {
  const { state, url } = context
  return {
    language: state.language,
    path: url,
    afterSignIn: afterSignIn(context),
    visitor: state.session === undefined ? 'signed-out' : 'signed-in',
    isProviderAway: identityStatus() === 'away',
    isStaff: isStaff(context),
  }
}
