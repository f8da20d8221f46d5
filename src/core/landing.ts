/**
 * The landing: the one host of the zone that is the gateway's own. A session of the portal reaches
 * the zone here, where no script of a publisher runs that could read an address or plant a secret.
 * @module
 */

/** As with EZproxy. No host of a publisher has this label: it would be a name without a dot. */
const label = 'login'

/** `https://login.proxy.example.edu` for `https://proxy.example.edu`. */
export function landingOrigin(zoneOrigin: string): string {
  const { protocol, host } = new URL(zoneOrigin)
  return `${protocol}//${label}.${host}`
}
