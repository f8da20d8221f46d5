/**
 * Rules of the source that no linter knows: import ranks, files nobody uses, exports without words,
 * clocks and chance in one place, sizes, and what the README must name.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import test from 'ava'

import { withTables } from '../docs/source/tables.ts'
import { denialFacts } from '../src/core/denials.ts'
import { errorStatuses } from '../src/core/errors.ts'
import { metrics } from '../src/core/figures.ts'
import { catalogue } from '../src/metrics/catalogue.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')

/** DESIGN.md section 2: what stands in a lower rank may be imported, the same rank may not. */
const ranks: readonly (readonly string[])[] = [
  ['core'],
  ['config', 'resources', 'store', 'locales'],
  ['hosts', 'identity', 'policy', 'rewriting', 'exchange', 'usage', 'pages'],
  ['rulebook.ts'],
  ['control'],
  ['listener', 'metrics', 'reports', 'portal', 'console', 'links', 'jobs'],
  ['pipeline.ts', 'body-thread.ts', 'telling.ts', 'showing.ts', 'gateway.ts'],
  ['demo'],
  ['cli'],
  ['main.ts'],
]

/** Run in a browser, not imported. */
const isForBrowser = (name: string): boolean => /^rewriting\/client\/|\/assets\//.test(name)

const linesMax = 500

interface SourceFile {
  readonly name: string
  readonly text: string
  readonly imports: readonly string[]
}

const sources = readSources(join(root, 'src'))

function readSources(folder: string): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js)$/.test(name))
    .toSorted()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8')
      return { name, text, imports: importsOf(text, join(folder, dirname(name)), folder) }
    })
}

/** Local files that a file imports, statically or not, or has a thread run, relative to the folder. */
function importsOf(text: string, from: string, folder: string): string[] {
  const specifiers = text.matchAll(/(?:\bfrom|\bimport|\bnew URL)\s*\(?\s*'(\.[^']+\.ts)'/g)
  return [...specifiers].map(([, specifier = '']) => relative(folder, resolve(from, specifier)))
}

function rankOf(name: string): number {
  const first = name.split('/')[0] ?? ''
  return ranks.findIndex((rank) => rank.includes(first))
}

test('every source file stands in a folder that has a rank', (t) => {
  t.deepEqual(
    sources.map(({ name }) => name).filter((name) => rankOf(name) === -1),
    [],
  )
})

test('imports go down the ranks, and within a rank stay in their folder', (t) => {
  const wrong = sources.flatMap(({ name, imports }) =>
    imports
      .filter((target) => {
        const isSameFolder = target.split('/')[0] === name.split('/')[0]
        const isTogether =
          rankOf(name) === rankOf(target) && ranks[rankOf(name)]?.[0] === 'pipeline.ts'
        return !isSameFolder && !isTogether && rankOf(target) >= rankOf(name)
      })
      .map((target) => `${name} imports ${target}`),
  )
  t.deepEqual(wrong, [])
})

test('no files import each other in a circle', (t) => {
  const byName = new Map(sources.map((source) => [source.name, source]))
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) circles.push([...path.slice(path.indexOf(name)), name].join(' -> '))
    if (done.has(name) || path.includes(name)) return
    for (const target of byName.get(name)?.imports ?? []) visit(target, [...path, name])
    done.add(name)
  }
  for (const { name } of sources) visit(name, [])
  t.deepEqual(circles, [])
})

test('every import leads to a file', (t) => {
  const broken = sources.flatMap(({ name, imports }) =>
    imports
      .filter((target) => !existsSync(join(root, 'src', target)))
      .map((target) => `${name} imports ${target}`),
  )
  t.deepEqual(broken, [])
})

test('every source file is reached from the entry', (t) => {
  const byName = new Map(sources.map((source) => [source.name, source]))
  const reached = new Set<string>()
  const waiting = ['main.ts']
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (reached.has(name)) continue
    reached.add(name)
    waiting.push(...(byName.get(name)?.imports ?? []))
  }
  const unused = sources
    .map(({ name }) => name)
    .filter((name) => !reached.has(name) && !isForBrowser(name))
  t.deepEqual(unused, [])
})

const exportPattern =
  /^export (?:declare )?(?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/gm

test('every export has a doc comment and every file says what it promises', (t) => {
  const bare = sources
    .filter(({ name }) => !isForBrowser(name))
    .flatMap(({ name, text }) => {
      const missing = [...text.matchAll(exportPattern)]
        .filter(({ index }) => !/\*\/\s*$/.test(text.slice(0, index)))
        .map(([, word]) => `${name}: ${word}`)
      const hasHeader = /^(?:#![^\n]*\n)?\/\*\*[\s\S]*?@module\n \*\//.test(text)
      return hasHeader ? missing : [...missing, `${name}: no header ending in @module`]
    })
  t.deepEqual(bare, [])
})

/** Types are left out: the shape of a parameter is named for those who read, not to be imported. */
test('every exported value is used outside its file', (t) => {
  const tests = readSources(join(root, 'test'))
  const unused = sources
    .filter(({ name }) => !isForBrowser(name))
    .flatMap(({ name, text }) => {
      const others = [...sources.filter((other) => other.name !== name), ...tests]
      return [...text.matchAll(exportPattern)]
        .filter(([declaration]) => !/\b(?:interface|type) \w+$/.test(declaration))
        .map(([, word = '']) => word)
        .filter((word) => !others.some((other) => new RegExp(`\\b${word}\\b`).test(other.text)))
        .map((word) => `${name}: ${word}`)
    })
  t.deepEqual(unused, [])
})

test('the clock and chance are read in core/clock.ts alone', (t) => {
  const pattern =
    /\bDate\.now\(|\bMath\.random\(|\bnew Date\(\)|\bperformance\.now\(|\brandomBytes\(|\brandomUUID\(/
  const wrong = sources
    .filter(({ name }) => name !== 'core/clock.ts' && !isForBrowser(name))
    .filter(({ text }) => pattern.test(text))
    .map(({ name }) => name)
  t.deepEqual(wrong, [])
})

test('no file is longer than one can hold in mind', (t) => {
  const long = sources
    .map(({ name, text }) => ({ name, lines: text.split('\n').length }))
    .filter(({ lines }) => lines > linesMax)
  t.deepEqual(long, [])
})

test('certificates of publishers are always verified', (t) => {
  t.deepEqual(
    sources.filter(({ text }) => /rejectUnauthorized:\s*false/.test(text)).map(({ name }) => name),
    [],
  )
})

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const manuals = existsSync(join(root, 'docs'))
  ? readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => readFileSync(join(root, 'docs', name), 'utf8'))
  : []
const words = [readme, ...manuals].join('\n')

test('the manual names every error code and none that does not exist', (t) => {
  const codes = Object.keys(errorStatuses)
  t.deepEqual(
    codes.filter((code) => !words.includes(`\`${code}\``)),
    [],
  )
  const named = [...words.matchAll(/\bERR_[A-Z_]+\b/g)].map(([code]) => code)
  t.deepEqual(
    named.filter((code) => !codes.includes(code)),
    [],
  )
})

test('the manual names every scheduled job', (t) => {
  const jobs = sources
    .filter(({ name }) => name.startsWith('jobs/'))
    .flatMap(({ text }) => [...text.matchAll(/\bname: '([a-z-]+)'/g)].map(([, name]) => name))
  t.true(jobs.length > 0)
  t.deepEqual(
    jobs.filter((name) => !words.includes(`\`${name}\``)),
    [],
  )
})

test('the manual names every reason for a refusal', (t) => {
  t.deepEqual(
    Object.keys(denialFacts).filter((reason) => !words.includes(`\`${reason}\``)),
    [],
  )
})

test('the tables of reports and metrics in the README are what the source says', (t) => {
  const [found, expected] = [readme, withTables(readme)].map(tableLines)
  const about = [
    ...expected!
      .difference(found!)
      .values()
      .map((line) => `lacks ${line}`),
    ...found!
      .difference(expected!)
      .values()
      .map((line) => `has too much ${line}`),
  ]
  t.deepEqual(about, [], 'run: npm run tables')
  t.true(
    readme === withTables(readme),
    'the tables are not laid out as they should: npm run tables',
  )
})

/** Lines of tables, whatever the width of their columns. */
function tableLines(text: string): ReadonlySet<string> {
  return new Set(text.match(/^\| [^-].*$/gm)?.map((line) => line.replace(/ +/g, ' ')))
}

test('the README has a line for each figure of use and for no other', (t) => {
  const section = readme.slice(readme.indexOf('### Figures of use'), readme.indexOf('### Metrics'))
  const names = [...section.matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell = '']) =>
    cell.split(',').map((name) => name.trim().slice(1, -1)),
  )
  t.deepEqual(names.toSorted(), [...metrics].toSorted())
})

test('the manual names no metric that there is not', (t) => {
  // What a histogram is exposed as is named in prose as well.
  const named = [...words.matchAll(/\bdarbaza_[a-z_]+\b/g)]
    .map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''))
    .filter((name) => !Object.hasOwn(catalogue, name))
  t.deepEqual(named, [])
})
