import test from 'ava'
import * as fc from 'fast-check'

import { loadConfig } from '../../src/config/load.ts'
import type { ClaimsConfig } from '../../src/config/config.ts'
import { claimRejections } from '../../src/core/claims.ts'
import type { ClaimRejection } from '../../src/core/claims.ts'
import { limits } from '../../src/core/limits.ts'
import { categories, patronKey } from '../../src/core/types.ts'
import type { Category, Place } from '../../src/core/types.ts'
import { patronFromClaims, requireClaims } from '../../src/identity/claims.ts'
import { decide } from '../../src/policy/decide.ts'
import { resourceWith } from '../policy/fixtures.ts'
import { libraryPlace, remotePlace } from './world.ts'

const issuer = 'https://id.uni.kg'

/** The claim names are those that a gateway has whose configuration names none. */
const [provider] = loadConfig(new URL('../../config/demo.yaml', import.meta.url).pathname, {
  env: {},
}).identity.providers
const defaults = provider!.claims

const config: ClaimsConfig = {
  ...defaults,
  allowedScopes: ['Uni.KG'],
  isUnscopedAllowed: false,
  values: {
    students: { category: 'student' },
    '/Teachers': { category: 'faculty' },
    law: { unit: 'law' },
    'law/civil': { unit: 'civil-law' },
    'Юридический факультет': { unit: 'law' },
    'Юридика факультети': { unit: 'law' },
    'Faculty of Law': { unit: 'law', category: 'student' },
    'urn:mace:uni.kg:reader': { category: 'affiliate' },
    '62e90394-69f5-4237-9190-012177145e10': { category: 'staff' },
  },
}

const readAll = (claims: Record<string, unknown>, changes: Partial<ClaimsConfig> = {}) =>
  patronFromClaims({ sub: 'u1', ...claims }, { ...config, ...changes }, issuer)

const read = (...asked: Parameters<typeof readAll>) => readAll(...asked).patron

function rejected(...asked: Parameters<typeof readAll>): ClaimRejection[] {
  const { findings } = readAll(...asked)
  return findings.flatMap((finding) => (finding.kind === 'rejected' ? [finding.reason] : []))
}

const scoped = (value: unknown) => ({ eduperson_scoped_affiliation: value })

const commonLibTerms = 'urn:mace:dir:entitlement:common-lib-terms'
const overage = { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'x' } } }

const table: [title: string, claims: Record<string, unknown>, expected: Category[]][] = [
  ['two values', scoped(['student@uni.kg', 'member@uni.kg']), ['student', 'member']],
  ['a foreign scope gives nothing', scoped(['student@other.kg']), []],
  ['a scope below an allowed one is foreign', scoped(['student@x.uni.kg']), []],
  ['an unscoped value gives nothing unless allowed', scoped(['student']), []],
  ['alum is alum only', scoped(['alum@uni.kg']), ['alum']],
  [
    'alum beside student keeps the rights of both',
    scoped(['alum@uni.kg', 'student@uni.kg', 'member@uni.kg']),
    ['student', 'member', 'alum'],
  ],
  ['library-walk-in is walk-in', scoped(['library-walk-in@uni.kg']), ['walk-in']],
  ['walk-in is no word of eduPerson', scoped(['walk-in@uni.kg']), []],
  ['employee is staff', scoped(['employee@uni.kg']), ['staff']],
  ['affiliate is affiliate', scoped(['affiliate@uni.kg']), ['affiliate']],
  ['one string', scoped('student@uni.kg'), ['student']],
  ['a string separated by spaces', scoped('student@uni.kg  staff@uni.kg'), ['staff', 'student']],
  ['a string separated by semicolons', scoped('student@uni.kg;alum@uni.kg'), ['student', 'alum']],
  ['upper case', scoped('STUDENT@UNI.KG'), ['student']],
  ['a name that is not listed', { affiliations: 'student@uni.kg' }, []],
  ['the first @ splits', scoped('a@b@uni.kg'), []],
  ['the first @ splits, and the rest is the scope', scoped('student@b@uni.kg'), []],
  ['an empty scope is foreign', scoped('student@'), []],
  ['an e-mail address proves nothing', { email: 'x@uni.kg', email_verified: true }, []],
  ['a full path of Keycloak counts for its parents', { groups: ['/students/2025'] }, ['student']],
  ['a group without slash', { groups: ['Students'] }, ['student']],
  ['a group in the table with slash', { groups: ['teachers'] }, ['faculty']],
  ['a subgroup that is no full path is a name of its own', { groups: ['students/2025'] }, []],
  ['a prefix of a name is another name', { groups: ['/students-former'] }, []],
  ['a last segment is not the group', { groups: ['/former/students'] }, []],
  ['roles of a realm', { realm_access: { roles: ['students'] } }, ['student']],
  [
    'roles of the client',
    {
      resource_access: { 'darbaza-demo': { roles: ['students'] }, other: { roles: ['teachers'] } },
    },
    ['student'],
  ],
  ['roles of a directory', { wids: ['62E90394-69f5-4237-9190-012177145e10'] }, ['staff']],
  ['an entitlement of the table', { entitlements: ['urn:mace:uni.kg:reader'] }, ['affiliate']],
  ['a unit of the table with a category', { department: 'faculty of law' }, ['student']],
  ['values of other kinds', scoped([1, null, {}, ['student@uni.kg'], true]), []],
  ['an object', scoped({ student: 'student@uni.kg' }), []],
  ['a number', scoped(7), []],
  ['names of the prototype', { constructor: 'student', groups: ['__proto__', 'toString'] }, []],
  ['a path through the prototype', { realm_access: 'x', resource_access: [] }, []],
]

for (const [title, claims, expected] of table) {
  test(`categories: ${title}`, (t) => {
    t.deepEqual(read(claims).categories, expected)
  })
}

for (const name of defaults.affiliation) {
  test(`an affiliation counts under the name ${name}, as text and as list`, (t) => {
    t.deepEqual(read({ [name]: 'student@uni.kg' }).categories, ['student'])
    t.deepEqual(read({ [name]: ['STUDENT@UNI.KG'] }).categories, ['student'])
  })
}

for (const name of defaults.entitlement) {
  test(`common-lib-terms counts under the name ${name}`, (t) => {
    t.deepEqual(read({ [name]: [commonLibTerms.toUpperCase()] }).categories, ['walk-in'])
  })
}

const places: Record<'on site' | 'off site', Place> = {
  'on site': { ...libraryPlace, treatment: 'authenticate', channel: 'onsite' },
  'off site': remotePlace,
}
// The address gives no category here: who may read follows from the claims alone.
delete (places['on site'] as { category?: Category }).category

const anyone = resourceWith({ categories: ['faculty', 'staff', 'student', 'member', 'walk-in'] })
const withAffiliates = resourceWith({ categories: ['student', 'affiliate'] })
const ofLaw = resourceWith({ units: ['law'] })
const byGroup = resourceWith({ categories: [], groups: ['readers'] })

/** What comes of the claims at the end: whether they read, and why not. */
function outcome(
  claims: Record<string, unknown>,
  where: keyof typeof places,
  {
    changes = {},
    resource = anyone,
  }: { changes?: Partial<ClaimsConfig>; resource?: typeof anyone } = {},
): string {
  const patron = read(claims, changes)
  const decision = decide({ resource, patron, place: places[where], todayOn: '2026-11-30' })
  return decision.isAllowed ? 'allowed' : decision.reason
}

const clt = { eduperson_entitlement: commonLibTerms }
const off = 'off site'
const decisions: [title: string, found: string, expected: string][] = [
  ['student and member', outcome(scoped(['student@uni.kg', 'member@uni.kg']), off), 'allowed'],
  ['a student of elsewhere', outcome(scoped('student@other.kg'), off), 'claims_missing'],
  ['an unscoped student', outcome(scoped('student'), off), 'claims_missing'],
  ['alumni', outcome(scoped(['alum@uni.kg']), off), 'category_not_entitled'],
  [
    'alumni who study',
    outcome(scoped(['alum@uni.kg', 'student@uni.kg', 'member@uni.kg']), off),
    'allowed',
  ],
  ['a walk-in on site', outcome(scoped('library-walk-in@uni.kg'), 'on site'), 'allowed'],
  ['a walk-in off site', outcome(scoped('library-walk-in@uni.kg'), off), 'place_not_entitled'],
  ['only common-lib-terms, on site', outcome(clt, 'on site'), 'allowed'],
  ['only common-lib-terms, off site', outcome(clt, off), 'place_not_entitled'],
  [
    'only common-lib-terms, off site, by the setting',
    outcome(clt, off, { changes: { commonLibTerms: 'member' } }),
    'allowed',
  ],
  [
    'common-lib-terms of a walk-in, off site',
    outcome({ ...clt, ...scoped('library-walk-in@uni.kg') }, off),
    'place_not_entitled',
  ],
  [
    'common-lib-terms of an affiliate, off site',
    outcome({ ...clt, ...scoped('affiliate@uni.kg') }, off),
    'allowed',
  ],
  ['an affiliate', outcome(scoped('affiliate@uni.kg'), off), 'category_not_entitled'],
  [
    'an affiliate whom the licence lists',
    outcome(scoped('affiliate@uni.kg'), off, { resource: withAffiliates }),
    'allowed',
  ],
  ['a value with two @', outcome(scoped('a@b@uni.kg'), off), 'claims_missing'],
  ['groups that were left out', outcome(overage, off), 'groups_missing'],
  [
    'groups that were left out, of a student by role',
    outcome({ ...overage, roles: ['students'] }, off),
    'allowed',
  ],
  [
    'groups that were left out, where a group is licensed',
    outcome({ ...overage, roles: ['students'] }, off, { resource: byGroup }),
    'groups_missing',
  ],
  [
    'groups that were left out, as older tokens say',
    outcome({ hasgroups: true }, off),
    'groups_missing',
  ],
  [
    'groups that were left out get no category by default',
    outcome(overage, off, { changes: { defaultCategory: 'member' } }),
    'groups_missing',
  ],
  [
    'groups that were left out, where a unit is licensed',
    outcome({ ...overage, ...scoped('student@uni.kg') }, off, { resource: ofLaw }),
    'groups_missing',
  ],
  [
    'a licensed unit, by the name of its faculty',
    outcome({ ou: 'Юридический факультет', ...scoped('student@uni.kg') }, off, { resource: ofLaw }),
    'allowed',
  ],
  ['an unreadable pointer', outcome({ _claim_names: 'groups' }, off), 'groups_missing'],
  [
    'a pointer to another claim',
    outcome({ _claim_names: { address: 'x' } }, off),
    'claims_missing',
  ],
  ['an e-mail address of Google without hd', outcome({ email: 'x@uni.kg' }, off), 'claims_missing'],
  ['a full path of Keycloak', outcome({ groups: '/students/2025' }, off), 'allowed'],
  [
    'a category by default',
    outcome({ hd: 'uni.kg' }, off, { changes: { defaultCategory: 'member' } }),
    'allowed',
  ],
  [
    'a category by default is not added to another',
    outcome(scoped('alum@uni.kg'), off, { changes: { defaultCategory: 'member' } }),
    'category_not_entitled',
  ],
]

for (const [title, found, expected] of decisions) {
  test(`a decision by claims: ${title}: ${expected}`, (t) => {
    t.is(found, expected)
  })
}

const rejections: [title: string, claims: Record<string, unknown>, expected: ClaimRejection[]][] = [
  ['a foreign scope', scoped('student@other.kg'), ['foreign_scope']],
  ['an unscoped value', scoped('student'), ['unscoped']],
  [
    'a word of nobody’s',
    scoped(['guest@uni.kg', 'a@b@uni.kg']),
    ['unknown_value', 'unknown_value'],
  ],
  ['a group that the table lacks', { groups: ['/chess', '/students'] }, ['unmatched_value']],
  ['a unit that the table lacks', { ou: 'Alchemy' }, ['unmatched_value']],
  ['an entitlement of others', { entitlements: ['urn:other'] }, []],
  [
    'a claim of the wrong kind',
    { groups: { a: 1 }, ...scoped(true) },
    ['unreadable', 'unreadable'],
  ],
  ['a value of the wrong kind', { groups: ['students', 7] }, ['unreadable']],
  ['10 KB', { groups: ['x'.repeat(10_240)] }, ['unreadable']],
  [
    'line breaks',
    scoped(['student@uni.kg\nstaff@uni.kg', 'x\u2028']),
    ['unreadable', 'unreadable'],
  ],
  ['half a character', { groups: ['\ud800'] }, ['unreadable']],
  ['groups left out', overage, ['too_many']],
]

for (const [title, claims, expected] of rejections) {
  test(`what counts for nothing is told: ${title}`, (t) => {
    t.deepEqual(rejected(claims), expected)
  })
}

test('without a table no group is missing in it', (t) => {
  t.deepEqual(rejected({ groups: ['chess'], ou: 'Alchemy' }, { values: {} }), [])
})

test('unscoped values count where the issuer is allowed them', (t) => {
  t.deepEqual(read(scoped('student'), { isUnscopedAllowed: true }).categories, ['student'])
})

function studentOf(claims: Record<string, unknown>, scopes = ['uni.kg']): readonly Category[] {
  const changes = { isUnscopedAllowed: true, allowedScopes: scopes }
  return read({ ...scoped('student'), ...claims }, changes).categories
}

test('an unscoped value is of the home organisation where that is told', (t) => {
  t.deepEqual(studentOf({ schac_home_organization: 'UNI.kg' }), ['student'])
  t.deepEqual(studentOf({ schacHomeOrganization: 'other.kg' }), [])
  t.deepEqual(studentOf({ hd: 'other.kg' }), [])
  t.deepEqual(studentOf({ hd: 'other.kg' }, []), ['student'])
})

test('without allowed scopes no scoped value counts', (t) => {
  t.deepEqual(read(scoped('student@uni.kg'), { allowedScopes: [] }).categories, [])
})

test('groups lose the leading slash and gain their parents', (t) => {
  const { groups } = read({ groups: ['/law/2025', 'Library', '/'] })
  t.deepEqual(groups, ['law', 'law/2025', 'Library'])
})

test('a text of groups is split, or is one, by the setting', (t) => {
  const claims = { groups: 'Faculty of Law' }
  t.deepEqual(read(claims).groups, ['Faculty', 'of', 'Law'])
  t.deepEqual(read(claims, { isTextSplit: false }).groups, ['Faculty of Law'])
  t.is(read(claims, { isTextSplit: false }).unit, 'law')
})

for (const [title, claims, expected] of [
  ['in Russian', { department: 'Юридический факультет' }, 'law'],
  ['in Kyrgyz, in capitals', { ou: ['ЮРИДИКА ФАКУЛЬТЕТИ'] }, 'law'],
  ['with a letter written as two', { ou: 'Юридический факультет'.normalize('NFD') }, 'law'],
  ['by a group', { groups: ['/law/2025'] }, 'law'],
  ['by the narrowest group', { groups: ['/law/civil/2025'] }, 'civil-law'],
  ['by the unit before the group', { groups: ['/law/civil'], ou: 'Faculty of Law' }, 'law'],
  ['that the table lacks', { department: 'Alchemy' }, undefined],
] as const) {
  test(`a unit is what the table says: ${title}`, (t) => {
    t.is(read(claims).unit, expected)
  })
}

test('without units in the table, unit is the first text; so is the display name', (t) => {
  const claims = { ou: ['Faculty of Law', 'x'], name: ' Aida\u0000\nB. ', preferred_username: 'a' }
  const patron = read(claims, { values: {} })
  t.is(patron.unit, 'Faculty of Law')
  t.is(patron.displayName, 'Aida B.')
  t.false('unit' in read({ ou: 7 }, { values: {} }))
})

test('a person is issuer and subject, unchanged', (t) => {
  const patron = read({ sub: 'AbC|1', iss: 'https://evil.example' })
  t.is(patron.issuer, issuer)
  t.is(patron.subject, 'AbC|1')
})

for (const sub of [undefined, '', 7, 'x'.repeat(256), 'a b', 'ä', 'a\n', 'y'.repeat(10_240)]) {
  test(`a subject that is no subject is refused: ${JSON.stringify(sub)?.slice(0, 20)}`, (t) => {
    t.throws(() => read({ sub }), { code: 'ERR_SIGN_IN' })
  })
}

test('what a subject holds never shapes a key', (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[!-~]{1,255}$/), fc.stringMatching(/^[!-~]{1,99}$/), (a, b) => {
      const keys = [a, b].map((sub) => patronKey(read({ sub })))
      t.true(keys.every((key) => /^[\w-]{43}$/.test(key)))
      t.is(keys[0] === keys[1], a === b)
    }),
    { numRuns: 200, examples: [['}{:*', '{u1}:x']] },
  )
})

test('more groups than are kept are too many groups, not fewer', (t) => {
  const many = Array.from({ length: 10_000 }, (_, index) => `g${index}`)
  const patron = read({ groups: many })
  t.is(patron.groups.length, limits.identity.groups)
  t.true(patron.hasTooManyGroups)
  const long = Array.from({ length: 100 }, (_, index) => `${'x'.repeat(400)}${index}`)
  t.true(read({ groups: long }).hasTooManyGroups)
  const deep = read({ groups: ['/a'.repeat(250)] })
  t.is(deep.groups.length, limits.identity.groupDepth)
})

for (const [title, claims, isLetIn] of [
  ['the domain', { hd: 'uni.kg' }, true],
  ['another case', { hd: 'UNI.KG' }, true],
  ['a list with it', { hd: ['x', 'uni.kg'] }, true],
  ['no domain, whatever the e-mail address says', { email: 'x@uni.kg' }, false],
  ['another domain', { hd: 'evil.kg' }, false],
  ['a domain below it', { hd: 'x.uni.kg' }, false],
  ['two domains in one text', { hd: 'evil.kg uni.kg' }, false],
  ['another kind', { hd: { 'uni.kg': true } }, false],
] as const) {
  test(`an account of a required domain: ${title}`, (t) => {
    const required = { hd: ['uni.kg', 'staff.uni.kg'] }
    if (isLetIn) t.notThrows(() => requireClaims(claims, required))
    else
      t.throws(() => requireClaims(claims, required), {
        code: 'ERR_FOREIGN_ACCOUNT',
        message: /"hd" (?:is missing|has another)/,
      })
  })
}

const claimNames = [
  ...config.affiliation,
  ...config.entitlement,
  ...config.organisation,
  ...config.groups,
  ...config.unit,
  'name',
  'realm_access',
  'resource_access',
  '_claim_names',
  'hasgroups',
]
const words = fc.constantFrom(
  'student@uni.kg',
  'library-walk-in@uni.kg',
  'students',
  '/students/2025',
  '/Teachers',
  'Faculty of Law',
  commonLibTerms,
  'student@other.kg',
  'a@b@uni.kg',
  '{}:*\n',
)
const anyClaims = fc.dictionary(
  fc.oneof(fc.constantFrom(...claimNames), fc.string()),
  fc.oneof(words, fc.array(fc.oneof(words, fc.jsonValue())), fc.jsonValue()),
)

test('whatever the claims are, the patron is well-formed and each category has a rule', (t) => {
  fc.assert(
    fc.property(anyClaims, fc.constantFrom(undefined, 'alum' as const), (claims, fallback) => {
      const byDefault = fallback === undefined ? {} : { defaultCategory: fallback }
      const { patron, findings } = readAll(claims, byDefault)
      const given = new Set(
        findings.flatMap((finding) => (finding.kind === 'category' ? [finding.category] : [])),
      )
      t.deepEqual(
        patron.categories,
        categories.filter((category) => given.has(category)),
      )
      for (const finding of findings) {
        if (finding.kind === 'category') {
          const { value, category, setting } = finding
          const isDefault = setting[0] === 'defaultCategory'
          const isRight = isDefault
            ? given.size === 1 && category === fallback && patron.hasTooManyGroups !== true
            : isOfRule(value ?? '', category)
          t.true(isRight, JSON.stringify(finding))
        }
        if (finding.kind === 'rejected') t.true(claimRejections.includes(finding.reason))
      }
      t.true(patron.groups.every((group) => /^[^\p{Cc}]+$/u.test(group)))
      t.true(JSON.stringify(patron.groups).length < 4 * limits.identity.groupChars)
    }),
    { numRuns: 1000 },
  )
})

/** The rules once more, each as one may read it in the manual. */
function isOfRule(value: string, category: Category): boolean {
  const text = value.toLowerCase()
  if (text === commonLibTerms) return category === 'member' || category === 'walk-in'
  const affiliation = category === 'walk-in' ? 'library-walk-in' : category
  return (
    text === `${affiliation}@uni.kg` ||
    (category === 'student' && /^\/?students$|^\/+students\/|^faculty of law$/.test(text)) ||
    (category === 'faculty' && /^\/*teachers(?:\/|$)/.test(text))
  )
}
