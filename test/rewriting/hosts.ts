/**
 * Host maps of a few publishers, for tests of the headers.
 * @module
 */
import type { HostMap, Upstream } from '../../src/core/resource.ts'
import { createHostMap } from '../../src/hosts/map.ts'
import { resourceWith, ruleOf } from '../support/conformance-case.ts'

const resources = [
  resourceWith([
    ruleOf('www.jstor.org', 'exact'),
    ruleOf('jstor.org', 'domain'),
    ruleOf('pubs.acs.org', 'exact'),
    ruleOf('api.acs.org', 'exact'),
    ruleOf('e.lanbook.com:8443', 'exact'),
    { host: 'old.example.net', match: 'exact', scheme: 'http' },
  ]),
]

/** The zone of a library behind TLS, and the one of a demonstration on this machine. */
export const secureHosts = createHostMap({ resources, zoneOrigin: 'https://proxy.example.edu' })
export const plainHosts = createHostMap({ resources, zoneOrigin: 'http://proxy.localhost:8080' })

/** The upstream of a URL that is known. */
export function upstreamOf(hosts: HostMap, url: string): Upstream {
  const upstream = hosts.upstreamOf(new URL(hosts.mapUrl(url) ?? url).host)
  if (upstream === undefined) throw new Error(`${url} is not known`)
  return upstream
}
