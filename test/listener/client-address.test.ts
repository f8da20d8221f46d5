import test from 'ava'

import { createClientAddressReader } from '../../src/listener/client-address.ts'

const reader = createClientAddressReader(['10.0.0.1-10.0.0.2', '::1/128'])

const rows: readonly [
  title: string,
  socket: string | undefined,
  forwarded: string | string[] | undefined,
  client: string,
][] = [
  ['no proxy', '203.0.113.9', undefined, '203.0.113.9'],
  ['an untrusted peer is not believed', '203.0.113.9', '192.0.2.1', '203.0.113.9'],
  ['a trusted peer is', '10.0.0.1', '192.0.2.1', '192.0.2.1'],
  [
    'what the client wrote stands left and is not read',
    '10.0.0.1',
    '10.9.9.9, 192.0.2.1',
    '192.0.2.1',
  ],
  ['two trusted proxies in a row', '10.0.0.1', '192.0.2.1, 10.0.0.2', '192.0.2.1'],
  [
    'several header lines are one list',
    '10.0.0.1',
    ['192.0.2.7', '192.0.2.1, 10.0.0.2'],
    '192.0.2.1',
  ],
  ['a trusted proxy that says nothing is the client', '10.0.0.1', undefined, '10.0.0.1'],
  ['an empty header likewise', '10.0.0.1', '', '10.0.0.1'],
  ['only proxies in the list', '10.0.0.1', '10.0.0.2', '10.0.0.2'],
  ['IPv4 inside IPv6 is IPv4', '::ffff:10.0.0.1', '::ffff:192.0.2.1', '192.0.2.1'],
  ['ports and brackets are taken off', '10.0.0.1', '[2001:db8::5]:4711', '2001:db8::5'],
  ['a port after IPv4 is taken off', '10.0.0.1', '192.0.2.1:4711', '192.0.2.1'],
  ['IPv6 is canonical', '10.0.0.1', '2001:DB8:0:0:0:0:0:5', '2001:db8::5'],
  ['words are unreadable', '10.0.0.1', 'unknown', 'unreadable'],
  ['octal forms are unreadable', '10.0.0.1', '010.1.1.1', 'unreadable'],
  ['short forms are unreadable', '10.0.0.1', '127.1', 'unreadable'],
  ['zone ids are unreadable', '10.0.0.1', 'fe80::1%eth0', 'unreadable'],
  ['rubbish left of the client does no harm', '10.0.0.1', 'rubbish, 192.0.2.1', '192.0.2.1'],
  ['a socket without address', undefined, '192.0.2.1', 'unreadable'],
]

for (const [title, socket, forwarded, client] of rows) {
  test(`client address: ${title}`, (t) => {
    t.is(reader(socket, forwarded), client)
  })
}
