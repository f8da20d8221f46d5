/**
 * A secret of `gateway.yaml`, which never stands in it.
 * @module
 */
import { z } from 'zod'

import { expectedSecretly, shortText, textThat } from '../core/expectations.ts'

/** Where a secret may be, in words. */
export const secretPhrase =
  '{ file: PATH } or { env: NAME }, because a secret never stands in this file'

/** A secret, by where it is kept. */
export const secret = z
  .strictObject(
    {
      file: shortText(4096)
        .optional()
        .describe('File with the secret; its last newline is dropped.'),
      env: textThat((text) => /^[A-Za-z_]\w*$/.test(text), 'the name of an environment variable')
        .optional()
        .describe('Environment variable with the secret.'),
    },
    { error: expectedSecretly(secretPhrase) },
  )
  .refine(({ file, env }) => (file === undefined) !== (env === undefined), {
    error: expectedSecretly(secretPhrase),
  })
  .meta({ minProperties: 1, maxProperties: 1 })

/** A secret as written: by file or by environment variable. */
export type SecretSource = z.output<typeof secret>
