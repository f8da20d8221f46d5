/**
 * What stands under `rewriting:` in a rule file, every key with its meaning and default.
 * @module
 */
import { z } from 'zod'

import { expected, expectedSecretly, shortText, textThat } from '../core/expectations.ts'
import { bodyLabels, textKinds } from '../core/rewriting-options.ts'
import { isPathPattern } from './path-patterns.ts'

const hostPhrase = expected('a host (www.jstor.org or *.jstor.org) or { domain: jstor.org }')
const name = textThat(
  (text) => /^[^\s:/]{1,300}$/.test(text),
  'a host without scheme and port, such as www.jstor.org or *.jstor.org',
)
const host = z.union([name, z.strictObject({ domain: name }, { error: hostPhrase })], {
  error: hostPhrase,
})
/** Hosts that an option is for. */
export const scopeHosts = z
  .array(host)
  .max(200)
  .optional()
  .describe('Hosts of the resource that it is for. Default: all.')
const path = textThat(
  isPathPattern,
  'a path that begins with "/", in which * stands for anything in a segment and ** for anything',
)
const paths = z
  .array(path)
  .max(200)
  .optional()
  .describe('Paths that it is for: * within a segment, ** anything. Default: all.')

const anyText = z
  .string({ error: expected('text of at most 4000 characters') })
  .max(4000, { error: expected('text of at most 4000 characters') })
const fixture = z.strictObject({
  from: anyText.describe('A stretch of the publisher’s own text.'),
  to: anyText.describe('What is to come of it; with keep, what is found in it.'),
})

const replacement = z.strictObject({
  find: shortText(1000).optional().describe('The text to find, as it stands. This or pattern.'),
  pattern: shortText(1000)
    .optional()
    .describe('The RE2 pattern to find. A match of more than 4,096 characters may be missed.'),
  replace: anyText
    .optional()
    .describe(
      'What takes its place, before URLs are mapped: write the publisher’s own addresses. $1, ${name} are groups of a pattern.',
    ),
  keep: z
    .literal(true, { error: expected('true, or replace instead of it') })
    .optional()
    .describe(
      'true leaves what is found as the publisher wrote it, and an address that begins right behind it. This or replace.',
    ),
  in: z
    .strictObject({
      kinds: z
        .array(z.enum(textKinds))
        .min(1, { error: () => 'found an empty list, expected kinds of text' })
        .optional()
        .describe('Kinds of text. Default: all that are rewritten.'),
      hosts: scopeHosts,
      paths,
    })
    .optional()
    .describe('Where to look. Default: in every text of the resource.'),
  test: z
    .union(
      [
        fixture,
        z
          .array(fixture)
          .min(1, { error: () => 'found an empty list, expected a fixture' })
          .max(50),
      ],
      { error: expected('{ from: …, to: … } or a list of these') },
    )
    .describe('Fixtures: what is to come of which text. A rule that fails its own is refused.'),
})

// Whoever writes a licence key here by mistake does not read it in a log.
const headerError = {
  error: expectedSecretly('text of printable ASCII, { env: NAME } or { file: PATH }'),
}
const headerValue = z.union(
  [
    z
      .string(headerError)
      .regex(/^[!-~](?:[ -~]*[!-~])?$/, headerError)
      .max(4000, headerError),
    z.strictObject(
      { env: z.string(headerError).regex(/^[A-Za-z_]\w*$/, headerError) },
      headerError,
    ),
    z.strictObject({ file: z.string(headerError).min(1, headerError) }, headerError),
  ],
  headerError,
)

const anonymousPath = z.union(
  [
    path,
    z.strictObject({
      path,
      hosts: scopeHosts,
      methods: z
        .array(z.enum(['GET', 'HEAD', 'OPTIONS']))
        .min(1, { error: () => 'found an empty list, expected GET, HEAD or OPTIONS' })
        .optional()
        .describe('Methods that need no session. Default: GET and HEAD.'),
    }),
  ],
  { error: expected('a path such as /rss/**, or { path: …, hosts: […], methods: […] }') },
)

const presetCookie = z.strictObject({
  name: textThat(
    (text) => /^[!#$%&'*+.^`|~\w-]{1,200}$/.test(text),
    'the name of a cookie',
  ).describe('Its name.'),
  value: textThat(
    (text) => /^[!#-+\--:<-[\]-~]{0,2000}$/.test(text),
    'the value of a cookie',
  ).describe('Its value, as it is sent.'),
  domain: shortText(300).describe('It is sent to this host of the resource and those below it.'),
})

const typeOverride = z.strictObject({
  type: textThat(
    (text) => /^(?:[\w.+-]+\/[\w.+-]+)?$/.test(text),
    'a media type such as text/plain, or "" for none',
  )
    .optional()
    .describe('The type as received, "" for none. Default: any.'),
  hosts: scopeHosts,
  paths,
  as: z.enum(bodyLabels).describe('What to read it as; none leaves it as it is.'),
})

/** Everything under `rewriting:`. */
export const rewritingSchema = z.strictObject({
  replace: z
    .array(replacement)
    .max(200)
    .optional()
    .describe('Texts of the publisher’s that are changed by hand. Default: none.'),
  bareHosts: z
    .boolean()
    .optional()
    .describe('Map script strings that are nothing but a known host. Default: false.'),
  encodedUrls: z
    .boolean()
    .optional()
    .describe('Map percent-encoded URLs (https%3A%2F%2F…) of known hosts. Default: false.'),
  requestHeaders: z
    .record(z.string(), headerValue)
    .optional()
    .describe('Headers that requests of signed-in readers carry to the publisher. Default: none.'),
  neverProxy: z
    .array(host)
    .max(1000)
    .optional()
    .describe('Hosts that stay direct although a domain of the rule covers them. Default: none.'),
  anonymousPaths: z
    .array(anonymousPath)
    .max(200)
    .optional()
    .describe(
      'Paths that need no sign-in; the publisher sees the licensed address all the same. Default: none.',
    ),
  cookies: z
    .enum(['default', 'server'])
    .optional()
    .describe('server keeps all cookies from the browser. Default: default.'),
  setCookies: z
    .array(presetCookie)
    .max(50)
    .optional()
    .describe('Cookies that the publisher gets unless it has set them itself. Default: none.'),
  contentTypes: z
    .array(typeOverride)
    .max(200)
    .optional()
    .describe('What bodies are read as whatever their label; the first that fits. Default: none.'),
  shim: z.boolean().optional().describe('false leaves the browser shim out. Default: true.'),
})

/** The options as written. */
export type RewritingInput = z.output<typeof rewritingSchema>
