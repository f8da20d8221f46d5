import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import test from 'ava'

const root = join(import.meta.dirname, '../..')
const main = join(root, 'src/main.ts')

interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line as its users do, without any variable that could hold a secret. */
async function darbaza(folder: string, ...words: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'] } }
    const child = execFile(process.execPath, [main, ...words], options, (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

/** A copy of the delivered configuration and rules, with one text replaced in one file. */
function planted(file: string, text: string, mistake: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-check-'))
  for (const part of ['config', 'rules'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  const original = readFileSync(join(folder, file), 'utf8')
  if (!original.includes(text)) throw new Error(`${file} has no ${text}`)
  writeFileSync(join(folder, file), original.replace(text, mistake))
  return folder
}

function lineOf(folder: string, file: string, text: string): number {
  const lines = readFileSync(join(folder, file), 'utf8').split('\n')
  return lines.findIndex((line) => line.includes(text)) + 1
}

test('a fresh clone is without errors, and the missing secret is told as a warning', async (t) => {
  const { code, stdout, stderr } = await darbaza(root, 'check')
  t.is(stderr, '')
  t.is(code, 0)
  t.regex(
    stdout,
    /^warning C007 config\/gateway\.yaml:\d+ identity\.providers\[0\]\.client\.secret: the environment/,
  )
  t.regex(stdout, /^0 errors, 1 warning in config\/gateway\.yaml; \d+ rules are good$/m)
})

test('a mistake planted in a rule is found with file and line, and the exit code is 1', async (t) => {
  const folder = planted('rules/scopus.yaml', 'seats: 5', 'seats: five')
  const line = lineOf(folder, 'rules/scopus.yaml', 'seats: five')
  const { code, stdout } = await darbaza(folder, 'check')
  t.is(code, 1)
  const expected = `error F006 rules/scopus.yaml:${line} licence.seats: found "five", expected a whole number from 1 to 100000`
  t.true(stdout.split('\n').includes(expected), stdout)
  t.regex(stdout, /^1 error, 1 warning in/m)
})

test('a mistake planted in the configuration is found likewise, by a path from elsewhere', async (t) => {
  const folder = planted('config/gateway.yaml', 'idleMinutes: 60', 'idleMinute: 60')
  const file = join(folder, 'config/gateway.yaml')
  const line = lineOf(folder, 'config/gateway.yaml', 'idleMinute: 60')
  const { code, stdout } = await darbaza(root, 'check', '--config', file)
  t.is(code, 1)
  const expected = `error C005 ${file}:${line} identity.session.idleMinute: is not known here, is "idleMinutes" meant?`
  t.true(stdout.split('\n').includes(expected), stdout)
  t.regex(stdout, /the rules were not read/)
})

test('with --json the findings are one JSON document', async (t) => {
  const folder = planted('rules/jstor.yaml', 'domain: jstor.org', 'domain: org')
  const { code, stdout } = await darbaza(folder, 'check', '--json')
  t.is(code, 1)
  const report: { findings: object[] } = JSON.parse(stdout)
  t.like(report, { errors: 1, warnings: 1 })
  t.like(report.findings.at(-1), {
    number: 'F010',
    severity: 'error',
    line: lineOf(folder, 'rules/jstor.yaml', 'domain: org'),
    path: 'hosts[0]',
  })
})

test('a configuration that is not there is told, and the exit code is 1', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'darbaza-check-'))
  const { code, stdout } = await darbaza(folder, 'check')
  t.is(code, 1)
  t.regex(
    stdout,
    /^error C001 config\/gateway\.yaml: cannot be read \(ENOENT\)\n1 error, 0 warnings/,
  )
})

test('an unknown command or option is refused with the usage', async (t) => {
  for (const words of [['chek'], ['check', '--jsn'], ['schema']]) {
    const { code, stderr } = await darbaza(root, ...words)
    t.is(code, 1)
    t.regex(stderr, /^error: .*\n[^]*Usage: darbaza/, words.join(' '))
  }
})

test('a file that contradicts another names it as the place of the mistake is named', async (t) => {
  const folder = planted('rules/lanbook.yaml', '  - c.lan', '  - domain: jstor.org\n  - c.lan')
  const { stdout } = await darbaza(folder, 'check')
  t.regex(stdout, /^error F\d+ rules\/lanbook\.yaml:\d+ .* stands in rules\/jstor\.yaml too;/m)
})
