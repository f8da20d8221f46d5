/**
 * Answers that the scripts of one other origin may read, with credentials (Fetch Standard, section 3.3).
 * @module
 */
import type { PublisherRoute } from './publisher.ts'
import type { Reply } from './reply.ts'
import type { Visit } from './visit.ts'

/** What a host shares with scripts. */
export interface CorsTerms {
  /** Whose scripts. */
  readonly origin: string
  readonly methods: string
  /** Headers that they may send. */
  readonly headers: string
  /** Further headers of answers to theirs and of answers before them, as they go onto the wire. */
  readonly answer?: Readonly<Record<string, string>>
  readonly preflight?: Readonly<Record<string, string>>
}

/** The answer before a request, and answers with what lets scripts read them. */
export function createCors(terms: CorsTerms): {
  readonly preflight: (visit: Visit) => Reply
  readonly shared: (
    answer: (visit: Visit, groups: readonly string[]) => Reply,
  ) => PublisherRoute['answer']
} {
  const headersFor = ({ origin }: Visit): Record<string, string> => {
    if (origin !== terms.origin) return { vary: 'Origin' }
    return {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      ...terms.answer,
      vary: 'Origin',
    }
  }
  return {
    preflight(visit) {
      const headers = {
        ...headersFor(visit),
        'access-control-allow-methods': terms.methods,
        'access-control-allow-headers': terms.headers,
        ...terms.preflight,
      }
      return { status: 204, headers, body: Buffer.alloc(0), kind: 'page' }
    },
    shared: (answer) => (visit, groups) => {
      const reply = answer(visit, groups)
      return { ...reply, headers: { ...reply.headers, ...headersFor(visit) } }
    },
  }
}
