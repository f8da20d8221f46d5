import test from 'ava'
import fc from 'fast-check'

import { doiOf, isbnOf, issnOf } from '../../src/core/identifiers.ts'
import { limits } from '../../src/core/limits.ts'

const dois: readonly (readonly [string, string | undefined])[] = [
  ['10.1000/ABC', '10.1000/abc'],
  ['doi:10.1000/abc', '10.1000/abc'],
  ['DOI: 10.1000/abc', '10.1000/abc'],
  ['info:doi/10.1000/abc', '10.1000/abc'],
  ['https://doi.org/10.1000/abc', '10.1000/abc'],
  ['http://dx.doi.org/10.1000/abc?nosfx=y', '10.1000/abc'],
  ['10.1000%2Fabc', '10.1000/abc'],
  ['10.1000%252Fabc', '10.1000/abc'],
  [' 10.1000/abc. ', '10.1000/abc'],
  ['10.1000/abc),', '10.1000/abc'],
  ['10.1000/abc/', '10.1000/abc'],
  ['10.1000.10/123456', '10.1000.10/123456'],
  ['10.1016/S0140-6736(05)67889-9', '10.1016/s0140-6736(05)67889-9'],
  [
    '10.1002/(SICI)1097-4636(199823)43:4<338::AID-JBM1>3.0.CO;2-B',
    '10.1002/(sici)1097-4636(199823)43:4<338::aid-jbm1>3.0.co;2-b',
  ],
  ['10.1088/1475-7516/2016/01/001', '10.1088/1475-7516/2016/01/001'],
  ['10.1000/%D0%B0', '10.1000/а'],
  ['10.1000/%', '10.1000/%'],
  ['10.100/abc', undefined],
  ['10.1000/', undefined],
  ['10.1000', undefined],
  ['11.1000/abc', undefined],
  ['10.1000/a b', undefined],
  ['10.1000/a\u0000b', undefined],
  ['10.1000/a%0Ab', undefined],
  ['', undefined],
  [`10.1000/${'a'.repeat(limits.core.identifierChars)}`, undefined],
]

test('a DOI has one spelling', (t) => {
  for (const [text, doi] of dois) t.is(doiOf(text), doi, text)
})

const issns: readonly (readonly [string, string | undefined])[] = [
  ['0317-8471', '0317-8471'],
  ['03178471', '0317-8471'],
  ['ISSN 0317-8471', '0317-8471'],
  ['urn:issn:0317-8471', '0317-8471'],
  ['e-ISSN: 1050-124x', '1050-124X'],
  ['0317-8472', undefined],
  ['1050-1240', undefined],
  ['0317 8471', undefined],
  ['X317-8471', undefined],
  ['', undefined],
]

test('an ISSN has one spelling, and one with a wrong check digit is none', (t) => {
  for (const [text, issn] of issns) t.is(issnOf(text), issn, text)
})

const isbns: readonly (readonly [string, string | undefined])[] = [
  ['978-3-16-148410-0', '9783161484100'],
  ['9783161484100', '9783161484100'],
  ['urn:isbn:9783161484100', '9783161484100'],
  ['ISBN-13: 978 3 16 148410 0', '9783161484100'],
  ['3-16-148410-X', '9783161484100'],
  ['0-306-40615-2', '9780306406157'],
  ['978\u20133\u201316\u2013148410\u20130', '9783161484100'],
  ['978-3-16-148410-1', undefined],
  ['0-306-40615-3', undefined],
  ['977-3-16-148410-0', undefined],
  ['X-306-40615-2', undefined],
  ['', undefined],
]

test('an ISBN is its thirteen digits, and one with a wrong check digit is none', (t) => {
  for (const [text, isbn] of isbns) t.is(isbnOf(text), isbn, text)
})

/** Texts that are nearly such a thing. */
const near = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.stringMatching(/^(doi:|https:\/\/doi\.org\/)?10\.\d{4}\/[\w%().,;:<>?#/-]{0,30}$/),
  fc.stringMatching(/^(issn )?\d{4}-?\d{3}[\dxX]$/),
  fc.stringMatching(/^(isbn )?(978|979)?[\d -]{9,14}[\dX]?$/),
)

test('identifiers are made in one step: a second one changes nothing', (t) => {
  fc.assert(
    fc.property(near, (text) => {
      for (const read of [doiOf, issnOf, isbnOf]) {
        const once = read(text)
        if (once !== undefined && read(once) !== once) return false
      }
      return true
    }),
  )
  t.pass()
})
