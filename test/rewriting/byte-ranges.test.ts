import { Readable } from 'node:stream'

import test from 'ava'

import { readRanges } from '../../src/rewriting/byte-ranges.ts'

const headers = [['content-type', 'multipart/byteranges; boundary=b']] as const

/** [what, the body, the label of its first part] */
const cases = [
  ['the label of the first part', '--b\r\nContent-Type: text/html\r\n\r\n<p>', 'text/html'],
  ['a preamble before it', 'x\n\ny\r\n--b\r\nContent-Type: text/css\r\n\r\na{}', 'text/css'],
  ['none, and one in its bytes', '--b\r\nA: b\r\n\r\nx\r\nContent-Type: text/css\r\n\r\n', ''],
  ['no delimiter', 'Content-Type: text/html\r\n\r\n', ''],
  ['no end of its fields', '--b\r\nContent-Type: text/html\r\n', ''],
] as const

for (const [what, text, type] of cases) {
  test(`several ranges: ${what}; the body stays whole`, async (t) => {
    for (const pieces of [[text], text.split('')]) {
      const body = Readable.from(pieces.map((piece) => Buffer.from(piece)))
      const { answer, judged } = await readRanges({ status: 206, headers, body })
      t.deepEqual(judged.headers, [['content-type', type]])
      t.is(Buffer.concat(await answer.body.toArray()).toString(), text)
    }
  })
}

test('delimiters over and over cost one look', async (t) => {
  const chunk = Buffer.from('\n--'.repeat(20_000))
  const before = process.cpuUsage()
  await readRanges({ status: 206, headers, body: Readable.from([chunk]) })
  const small = Array.from({ length: 5000 }, () => Buffer.from('\n--'))
  await readRanges({ status: 206, headers, body: Readable.from(small) })
  const { user, system } = process.cpuUsage(before)
  t.true(user + system < 400_000, `${user + system} microseconds`)
})
