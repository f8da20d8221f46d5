/** `explain --claims`: what a sign-in service tells of one reader, value by value. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { copyDelivered, root } from './explaining.ts'

const { folder, explain, placeOf } = copyDelivered()
writeFileSync(
  join(folder, 'config/gateway.yaml'),
  readFileSync(join(root, 'config/gateway.yaml'), 'utf8')
    .replace(
      /^ {8}values: \{\}$/m,
      `        values:
          /staff: staff
          /staff/law: { category: staff, unit: law }`,
    )
    .replace(
      /^ {2}units: \{\}$/m,
      `    - id: google
      name: Google
      issuer: https://accounts.google.com
      client: { id: x }
      claims:
        required: { hd: [example.edu] }
        defaultCategory: member
  units: {}`,
    ),
)
writeFileSync(join(folder, 'list.json'), '[]')
writeFileSync(join(folder, 'stranger.json'), '{"iss":"https://stranger.example"}')
test.after.always(() => rmSync(folder, { recursive: true }))

const config = 'config/gateway.yaml'
const remote = ['--address', '2001:db8::1']
const claimsIn = 'identity.providers[0].claims'
const byClaims: readonly [title: string, claims: object, lines: readonly string[]][] = [
  [
    'what made a category, and what counted for nothing',
    {
      eduperson_scoped_affiliation: ['student@example.edu', 'staff@other.example', 'guest@x'],
      groups: ['/staff/law', '/chess\u001b[2J'],
      department: 7,
    },
    [
      'Claims',
      `  student: eduperson_scoped_affiliation "student@example.edu" by ${placeOf(config, 'affiliation:')} ${claimsIn}.affiliation`,
      `  staff: groups "/staff/law" by ${placeOf(config, '/staff: staff')} ${claimsIn}.values./staff`,
      `  unit law: groups "/staff/law" by ${placeOf(config, '/staff/law: {')} ${claimsIn}.values./staff/law`,
      `  nothing: eduperson_scoped_affiliation "staff@other.example": foreign_scope by ${placeOf(config, 'allowedScopes')} ${claimsIn}.allowedScopes`,
      '  nothing: eduperson_scoped_affiliation "guest@x": unknown_value',
      '  nothing: groups: unreadable',
      '  nothing: department: unreadable',
      `  claims       passed     ${placeOf(config, 'claims:')} ${claimsIn}: staff, student`,
      'Allowed when one of 5 seats of "scopus" is free',
    ],
  ],
  [
    'no claim that is read',
    { email: 'a@example.edu' },
    [
      `  nothing: no claim of ${placeOf(config, 'claims:')} ${claimsIn} is there`,
      `Refused: claims_missing by ${placeOf(config, 'claims:')} ${claimsIn}`,
    ],
  ],
  [
    'too many groups',
    { _claim_names: { groups: 'src1' } },
    [
      '  nothing: groups: too_many',
      `Refused: groups_missing by ${placeOf(config, 'claims:')} ${claimsIn}`,
    ],
  ],
]

for (const [title, claims, expected] of byClaims) {
  test(`explains a reader by the claims of a file: ${title}`, async (t) => {
    const file = join(folder, `${title.replaceAll(' ', '-')}.json`)
    writeFileSync(file, JSON.stringify({ sub: 'u1', ...claims }))
    const { code, stdout, stderr } = await explain(
      'scopus',
      ...remote,
      '--claims',
      file,
      '--provider',
      'university',
    )
    t.is(stderr, 'Asked: the draft in the files, without overrides\n')
    t.is(code, 0)
    for (const line of expected) t.true(stdout.split('\n').includes(line), `${line}\n${stdout}`)
    t.false(stdout.includes('\u001b'))
  })
}

test('an account that is turned away is told as such, also as JSON', async (t) => {
  const file = join(folder, 'private.json')
  writeFileSync(file, '{"sub":"1","iss":"https://accounts.google.com","email":"a@example.edu"}')
  const asked = ['scopus', ...remote, '--claims', file]
  const { stdout } = await explain(...asked)
  t.regex(stdout, /^Turned away at sign-in: the claim "hd" is missing/m)
  t.regex(stdout, /^ {2}status 403; the reader sees "This account is not one of ours"$/m)
  const told = JSON.parse((await explain(...asked, '--json', '--provider', 'google')).stdout)
  t.is(told.turnedAway, 'ERR_FOREIGN_ACCOUNT')
  t.deepEqual(told.claims, [
    `member: no claim by ${placeOf(config, 'defaultCategory: member')} identity.providers[1].claims.defaultCategory`,
  ])
})

for (const [asked, expected] of [
  [
    'jstor -a 192.0.2.1 --claims rules/jstor.yaml',
    '--claims rules/jstor.yaml: what cannot be read (not JSON) found, a JSON object',
  ],
  ['jstor -a 192.0.2.1 --claims none', '--claims none: what cannot be read (ENOENT) found'],
  ['jstor -a 192.0.2.1 --claims list.json', '--claims list.json: something else found'],
  [
    'jstor -a 192.0.2.1 --claims stranger.json',
    'no --provider, and no issuer of one, found, one of university, google expected',
  ],
  [
    'jstor -a 192.0.2.1 --claims stranger.json --provider x',
    '--provider x found, one of university, google expected',
  ],
  [
    'jstor -a 192.0.2.1 --claims stranger.json --provider google',
    'the claims have no "sub" of 1 to 255 ASCII characters',
  ],
  [
    'jstor -a 192.0.2.1 --claims stranger.json --category staff',
    '--claims found beside --category, --group or --unit',
  ],
  ['jstor -a 192.0.2.1 --provider google', '--provider found, --claims FILE beside it expected'],
] as const) {
  test(`what cannot be answered is told, without a stack or a claim: ${asked}`, async (t) => {
    const { code, stdout, stderr } = await explain(...asked.split(' '))
    t.is(code, 1)
    t.is(stdout, '')
    t.true(stderr.includes(expected), stderr)
    t.notRegex(stderr, / {4}at |stranger\.example/)
  })
}
