import test from 'ava'
import * as fc from 'fast-check'

import type { ClaimsConfig } from '../../src/config/config.ts'
import { limits } from '../../src/core/limits.ts'
import { categories } from '../../src/core/types.ts'
import type { Category } from '../../src/core/types.ts'
import { patronFromClaims } from '../../src/identity/claims.ts'

const issuer = 'https://id.uni.kg'

const config: ClaimsConfig = {
  affiliation: [
    'eduPersonScopedAffiliation',
    'eduperson_scoped_affiliation',
    'edu_person_scoped_affiliations',
    'eduperson_affiliation',
  ],
  groups: ['groups', 'realm_access.roles', 'eduperson_entitlement'],
  unit: ['unit', 'ou'],
  displayName: ['name', 'preferred_username'],
  allowedScopes: ['Uni.KG'],
  isUnscopedAllowed: false,
  groupCategories: { students: 'student', '/Teachers': 'faculty' },
}

const read = (claims: Record<string, unknown>, changes: Partial<ClaimsConfig> = {}) =>
  patronFromClaims({ sub: 'u1', ...claims }, { ...config, ...changes }, issuer)

const scoped = (value: unknown) => ({ eduperson_scoped_affiliation: value })

const commonLibTerms = 'urn:mace:dir:entitlement:common-lib-terms'

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
  ['alias: camel case', { eduPersonScopedAffiliation: 'student@uni.kg' }, ['student']],
  ['alias: plural', { edu_person_scoped_affiliations: ['student@uni.kg'] }, ['student']],
  ['a name that is not listed', { affiliation: 'student@uni.kg' }, []],
  ['the first @ splits', scoped('a@b@uni.kg'), []],
  ['the first @ splits, and the rest is the scope', scoped('student@b@uni.kg'), []],
  ['an empty scope is foreign', scoped('student@'), []],
  [
    'common-lib-terms alone says nothing of a category',
    { eduperson_entitlement: commonLibTerms },
    [],
  ],
  [
    'an overage pointer of Entra gives nothing',
    { hasgroups: true, _claim_names: { groups: 'x' } },
    [],
  ],
  ['an e-mail address proves nothing', { email: 'x@uni.kg', email_verified: true }, []],
  ['a full path of Keycloak counts for its parents', { groups: ['/students/2025'] }, ['student']],
  ['a group without slash', { groups: ['Students'] }, ['student']],
  ['a group in the table with slash', { groups: ['teachers'] }, ['faculty']],
  ['a subgroup that is no full path is a name of its own', { groups: ['students/2025'] }, []],
  ['a prefix of a name is another name', { groups: ['/students-former'] }, []],
  ['roles within an object', { realm_access: { roles: ['students'] } }, ['student']],
  ['values of other kinds', scoped([1, null, {}, ['student@uni.kg'], true]), []],
  ['an object', scoped({ student: 'student@uni.kg' }), []],
  ['names of the prototype', { constructor: 'student', groups: ['__proto__', 'toString'] }, []],
]

for (const [title, claims, expected] of table) {
  test(`categories: ${title}`, (t) => {
    t.deepEqual(read(claims).categories, expected)
  })
}

test('unscoped values count where the issuer is allowed them', (t) => {
  t.deepEqual(read(scoped('student'), { isUnscopedAllowed: true }).categories, ['student'])
})

test('without allowed scopes no scoped value counts', (t) => {
  t.deepEqual(read(scoped('student@uni.kg'), { allowedScopes: [] }).categories, [])
})

test('an entitlement counts where the table names it', (t) => {
  const groupCategories = { [commonLibTerms]: 'member' } as const
  const claims = { eduperson_entitlement: commonLibTerms }
  t.deepEqual(read(claims, { groupCategories }).categories, ['member'])
})

test('groups lose the leading slash and gain their parents', (t) => {
  const { groups } = read({ groups: ['/law/2025', 'Library', '/'] })
  t.deepEqual(groups, ['law', 'law/2025', 'Library'])
})

test('unit and display name are the first text under their names', (t) => {
  const patron = read({
    ou: ['Faculty of Law', 'x'],
    name: ' Aida\u0000\nB. ',
    preferred_username: 'a',
  })
  t.is(patron.unit, 'Faculty of Law')
  t.is(patron.displayName, 'Aida B.')
  t.false('unit' in read({ unit: 7 }))
})

test('a person is issuer and subject, unchanged', (t) => {
  const patron = read({ sub: 'AbC|1', iss: 'https://evil.example' })
  t.is(patron.issuer, issuer)
  t.is(patron.subject, 'AbC|1')
})

for (const sub of [undefined, '', 7, 'x'.repeat(256), 'a b', 'ä', 'a\n']) {
  test(`a subject that is no subject is refused: ${JSON.stringify(sub)?.slice(0, 20)}`, (t) => {
    t.throws(() => read({ sub }), { code: 'ERR_SIGN_IN' })
  })
}

test('too many and too long values are ignored, not kept', (t) => {
  const many = Array.from({ length: 10_000 }, (_, index) => `g${index}`)
  t.is(read({ groups: many }).groups.length, limits.identity.claimValues)
  t.deepEqual(read({ groups: ['x'.repeat(limits.identity.claimChars + 1)] }).groups, [])
})

test('whatever the claims are, the patron is well-formed', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...config.affiliation, 'groups', 'unit', 'name'),
          fc.anything(),
        ),
        (claims) => {
          const patron = read(claims)
          const isOrdered = patron.categories.every(
            (category, index, all) =>
              index === 0 || categories.indexOf(all[index - 1]!) < categories.indexOf(category),
          )
          return isOrdered && patron.groups.every((group) => typeof group === 'string')
        },
      ),
    ),
  )
})
