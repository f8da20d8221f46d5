import test from 'ava'

import {
  isHostWithPort,
  isIssuer,
  isSocketAddress,
  publicOrigin,
} from '../../src/config/addresses.ts'
import { isRange } from '../../src/core/ranges.ts'

/** [rule, function, taken, refused] */
const tables: readonly (readonly [
  string,
  (text: string) => boolean,
  readonly string[],
  readonly string[],
])[] = [
  [
    'a range is an address, an aligned block or a pair of one family',
    isRange,
    [
      '10.0.0.1',
      '10.0.0.0/8',
      '0.0.0.0/0',
      '10.0.0.1-10.0.0.9',
      '::1',
      '2001:db8::/32',
      '::1-::9',
      '::ffff:10.0.0.0/104',
      '::/80',
    ],
    [
      '',
      'x',
      '10.0.0.1/8',
      '10.0.0.0/33',
      '10.0.0.0/08',
      '10.0.0.0/',
      '/8',
      '10/8',
      '10.0.0.9-10.0.0.1',
      '10.0.0.1-::1',
      '1.1.1.1-1.1.1.2-1.1.1.3',
      '010.0.0.1',
      'fe80::1%1',
      'fe80::%1/64',
      '10.0.0.1 - 10.0.0.9',
      '::ffff:0:0/90',
    ],
  ],
  [
    'a socket address is an address with a port from 1',
    isSocketAddress,
    ['127.0.0.1:1', '[::1]:65535'],
    [
      '127.0.0.1',
      '127.0.0.1:0',
      '127.0.0.1:65536',
      '::1:80',
      '[127.0.0.1',
      'localhost:80',
      '[::1]',
      '',
    ],
  ],
  [
    'a resolved host is in A-labels and small letters, perhaps with a port',
    isHostWithPort,
    ['www.example.org', 'www.example.org:8443', 'xn--e1afmkfd.xn--p1ai'],
    [
      'www',
      'WWW.example.org',
      'www.example.org:0',
      'www.example.org.',
      'https://www.example.org',
      'пример.рф',
      '',
    ],
  ],
  [
    'an issuer is https, or http on this machine, without query, fragment and credentials',
    isIssuer,
    [
      'https://login.example.edu',
      'https://login.example.edu/realms/x/',
      'http://localhost:8081',
      'http://127.0.0.1:1',
      'http://[::1]:1',
    ],
    [
      'http://login.example.edu',
      'https://login.example.edu?x',
      'https://login.example.edu#x',
      'https://me@login.example.edu',
      'login.example.edu',
      'ftp://login.example.edu',
      '',
    ],
  ],
  [
    'an origin is https, or http below .localhost, with a name and nothing after it',
    (text) => publicOrigin(text) !== undefined,
    [
      'https://a.example',
      'https://a.example/',
      'https://a.example:8443',
      'http://localhost:1',
      'HTTP://A.localhost',
    ],
    [
      'http://a.example',
      'http://127.0.0.1',
      'https://127.0.0.1',
      'https://[::1]',
      'https://a.example/x',
      'https://a.example?',
      'https://a.example#',
      'https://me@a.example',
      'https://a.example.',
      'https://1',
      'https:a.example',
      ' https://a.example',
      'https://a.exa\tmple',
      'a.example',
      'wss://a.example',
      '',
    ],
  ],
]

for (const [rule, isTaken, taken, refused] of tables) {
  test(rule, (t) => {
    for (const text of taken) t.true(isTaken(text), text)
    for (const text of refused) t.false(isTaken(text), text)
  })
}
