/**
 * Certificates that vouch for themselves, as files.
 * @module
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { generate } from 'selfsigned'

/** Files in PEM. */
export interface CertificatePair {
  readonly cert: string
  readonly key: string
}

/** Writes a certificate for some names; it is its own authority. */
export async function writeCertificate(
  folder: string,
  name: string,
  hosts: readonly string[],
): Promise<CertificatePair> {
  const pair = await generate([{ name: 'commonName', value: name }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: hosts.map((value) => ({ type: 2, value })) },
    ],
  })
  const files = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
  writeFileSync(files.cert, pair.cert)
  writeFileSync(files.key, pair.private)
  return files
}
