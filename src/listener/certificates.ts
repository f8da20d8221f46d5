/**
 * The certificates of the two names: one for the portal, a wildcard for the zone, read again when
 * their files change, so that a renewal needs no restart.
 *
 * A new pair that cannot be used is reported and the old one stays.
 * @module
 */
import { readFileSync, unwatchFile, watchFile } from 'node:fs'
import { createSecureContext, type SecureContext } from 'node:tls'

import type { CertificateFiles, ListenConfig } from '../config/config.ts'
import { asGatewayError, GatewayError } from '../core/errors.ts'

/** Chooses a certificate by the name that the browser asks for (SNI). */
export interface Certificates {
  contextFor(serverName: string): SecureContext
  close(): void
}

/** How often the files are looked at; renewals happen weeks before expiry. */
const watchMs = 5000

/**
 * @throws {GatewayError} `ERR_CONFIG` when a pair cannot be read or does not belong together.
 */
export function loadCertificates(
  tls: NonNullable<ListenConfig['tls']>,
  portalHost: string,
  onProblem: (error: GatewayError) => void,
): Certificates {
  const contexts = { portal: read(tls.portal), zone: read(tls.zone) }
  const watched = (['portal', 'zone'] as const).flatMap((name) => {
    const reread = () => {
      try {
        contexts[name] = read(tls[name])
      } catch (error) {
        onProblem(asGatewayError(error))
      }
    }
    return [tls[name].certFile, tls[name].keyFile].map((file) => ({ file, reread }))
  })
  for (const { file, reread } of watched) {
    watchFile(file, { interval: watchMs, persistent: false }, reread)
  }
  return {
    contextFor: (serverName) =>
      serverName.toLowerCase() === portalHost ? contexts.portal : contexts.zone,
    close() {
      for (const { file, reread } of watched) unwatchFile(file, reread)
    },
  }
}

function read(files: CertificateFiles): SecureContext {
  try {
    return createSecureContext({
      cert: readFileSync(files.certFile),
      key: readFileSync(files.keyFile),
      minVersion: 'TLSv1.2',
    })
  } catch (cause) {
    throw new GatewayError(
      'ERR_CONFIG',
      `${files.certFile} and ${files.keyFile} are not a certificate and its key`,
      { at: 'listen.tls', cause },
    )
  }
}
