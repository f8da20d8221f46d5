/**
 * A gateway as a library runs it: it speaks TLS and HTTP/2 itself, portal and zone are two domains,
 * and the publisher stands on https with a certificate of an authority of its own.
 * @module
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createBrowser, signInAt, type Reader } from '../support/browser.ts'
import type { BrowserOptions } from '../support/browser.ts'
import { writeCertificate, type CertificatePair } from '../support/certificates.ts'
import { clientOf, gatewayPorts, prepareGateway, type Rule } from '../support/gateway.ts'
import { startProvider } from '../support/provider.ts'

/** The publisher that the library has licensed. */
export interface Licensed {
  /** Its resource's name. */
  readonly id: string
  readonly hosts: readonly string[]
  readonly start: string
  /** What its rule says beside that. */
  readonly rule?: Rule
  /** Starts it with a certificate for its hosts; all of them stand on one port. */
  serve(files: CertificatePair): Promise<{ readonly port: number; stop(): Promise<void> }>
}

/** The library, open. */
export interface Campus {
  readonly portal: string
  /** Authority of the zone, of which proxied hosts are parts. */
  readonly zone: string
  /** The proxied form of a publisher's URL. */
  proxied(url: string): string
  /** A browser that finds the campus, and nothing else but the given hosts. */
  browser(hosts?: BrowserOptions['hosts']): ReturnType<typeof createBrowser>
  /** Signs in at the provider's page, to which the reader has been sent. */
  signIn(reader: Reader): Promise<void>
  close(): Promise<void>
}

/** Opens the library on free ports, with its provider and the publisher. */
export async function openCampus(licensed: Licensed): Promise<Campus> {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-tls-'))
  const files = await writeCertificate(folder, licensed.id, licensed.hosts)
  const publisher = await licensed.serve(files)
  const ports = await gatewayPorts()
  const portal = `https://library.campus.test:${ports.public}`
  const zone = `reading.test:${ports.public}`
  const provider = await startProvider({
    accounts: { aida: { affiliation: 'student', name: 'Aida' } },
    clients: [clientOf(portal)],
  })
  const gateway = await prepareGateway({
    issuer: provider.issuer,
    ports,
    hosts: {},
    rules: { [licensed.id]: ruleFor(licensed) },
    config: {
      portal: { url: portal },
      zone: { url: `https://${zone}` },
      listen: {
        port: ports.public,
        tls: {
          portal: await writeCertificate(folder, 'portal', ['library.campus.test']),
          zone: await writeCertificate(folder, 'zone', ['*.reading.test']),
        },
      },
      upstream: {
        allow: ['127.0.0.1/32'],
        ca: files.cert,
        resolve: Object.fromEntries(
          licensed.hosts.map((host) => [host, `127.0.0.1:${publisher.port}`]),
        ),
      },
    },
  })
  await gateway.start()
  return {
    portal,
    zone,
    proxied: (url) => gateway.proxied(url).replace(/^[^/]*\/\/([^./]+)[^/]*/, `https://$1.${zone}`),
    browser: (hosts) =>
      createBrowser({
        hosts: { '*.campus.test': '127.0.0.1', '*.reading.test': '127.0.0.1', ...hosts },
        certificates: 'unchecked',
      }),
    signIn: (reader) => signInAt(provider, reader, 'aida'),
    async close() {
      await gateway.stop()
      await provider.stop()
      await publisher.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

function ruleFor({ id, hosts, start, rule }: Licensed): Rule {
  return {
    title: id,
    provider: id,
    start,
    hosts,
    licence: { categories: ['student'], seats: 2 },
    ...rule,
  }
}
