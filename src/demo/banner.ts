/**
 * What the demo says when it is ready: what to open, who to sign in as, what to try.
 * @module
 */
import type { Account } from './accounts.ts'

/** Everything that the banner tells. */
interface BannerFacts {
  readonly portalOrigin: string
  readonly managementOrigin: string
  readonly readingRoom: string | undefined
  readonly accounts: readonly Account[]
}

/** The banner, ready to print. */
export function banner({
  portalOrigin,
  managementOrigin,
  readingRoom,
  accounts,
}: BannerFacts): string {
  const rule = '─'.repeat(78)
  const idWidth = Math.max(...accounts.map(({ id }) => id.length)) + 2
  const nameWidth = Math.max(...accounts.map(({ name }) => name.length)) + 2
  return [
    '',
    rule,
    '  Darbaza is open. Go to',
    '',
    `      ${portalOrigin}/`,
    '',
    '  and sign in (no password) as',
    '',
    ...accounts.map(
      ({ id, name, role }) => `      ${id.padEnd(idWidth)}${name.padEnd(nameWidth)}${role}`,
    ),
    '',
    '  To try: read an article and its PDF; open Ala-Too Books (one seat) as two',
    '  people in two browsers; sign out and press Back.',
    ...(readingRoom === undefined ? [] : readingRoomLines(portalOrigin, readingRoom)),
    '',
    `  Metrics and health: ${managementOrigin}/metrics, /healthz, /readyz`,
    '  All publishers, people and articles are made up. Ctrl+C stops everything.',
    rule,
    '',
    '',
  ].join('\n')
}

function readingRoomLines(portalOrigin: string, address: string): readonly string[] {
  return [
    '',
    '  As a library computer, without sign-in:',
    `      chromium --user-data-dir=/tmp/kiosk \\`,
    `        --host-resolver-rules='MAP *.localhost ${address}' ${portalOrigin}/`,
  ]
}
