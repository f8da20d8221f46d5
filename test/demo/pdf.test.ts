import test from 'ava'

import { paperPdf } from '../../src/demo/pdf.ts'

const paper = {
  title: 'A title',
  authors: 'A. Author',
  source: 'A Journal 1(1), 1–2',
  identifier: 'doi:10.5555/x',
  publishedOn: '2026-01-02',
  abstract: 'Short.',
  sections: [
    { heading: 'One', paragraphs: Array.from({ length: 40 }, () => 'A −1 sentence. '.repeat(20)) },
  ],
  references: ['A reference.'],
}

test('one paper gives one file, whenever it is made', async (t) => {
  const first = await paperPdf(paper)
  await new Promise((resolve) => setTimeout(resolve, 1100))
  const second = await paperPdf(paper)
  t.true(first.equals(second))
  t.false(first.equals(await paperPdf({ ...paper, publishedOn: '2026-01-03' })))
})

test('a file begins and ends as a PDF and counts its pages', async (t) => {
  const text = (await paperPdf(paper)).toString('latin1')
  t.regex(text, /^%PDF-1\.\d/)
  t.regex(text, /%%EOF\s*$/)
  const pages = text.match(/\/Type \/Page\b/g)?.length ?? 0
  t.true(pages >= 4)
  t.is(Number(/\/Count (\d+)/.exec(text)?.[1]), pages)
  // The cross-reference table stands where the trailer says.
  const at = Number(/startxref\s+(\d+)/.exec(text)?.[1])
  t.is(text.slice(at, at + 4), 'xref')
})
