/**
 * The programs that the tests run beside Node: a Redis server, a Chromium, Prometheus with promtool.
 *
 * Run by `npm test` before the tests. Installs what is missing on Debian and Ubuntu when it may;
 * elsewhere says what to install and fails, so that no test is ever skipped in silence. Says nothing
 * when nothing is missing.
 * @module
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/** A program by any of its names, and the packages that bring it. */
interface Program {
  readonly names: readonly string[]
  readonly debianPackage: string
  readonly ubuntuPackage: string
  readonly brewPackage: string
}

const programs = {
  redis: {
    names: ['redis-server'],
    debianPackage: 'redis-server',
    ubuntuPackage: 'redis-server',
    brewPackage: 'redis',
  },
  chromium: {
    names: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    debianPackage: 'chromium',
    ubuntuPackage: 'chromium-browser',
    brewPackage: '--cask chromium',
  },
  prometheus: {
    names: ['prometheus'],
    debianPackage: 'prometheus',
    ubuntuPackage: 'prometheus',
    brewPackage: 'prometheus',
  },
  promtool: {
    names: ['promtool'],
    debianPackage: 'prometheus',
    ubuntuPackage: 'prometheus',
    brewPackage: 'prometheus',
  },
} as const satisfies Record<string, Program>

/** A program that tests run. */
export type ProgramName = keyof typeof programs

/** Package lists and packages come from a mirror that may be slow, but not for ever. */
const installMs = 8 * 60_000

/** Full path of the program; undefined when it is not installed. */
export function findProgram(name: ProgramName): string | undefined {
  // Servers live in `sbin` on some systems, which is not on every PATH.
  const folders = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    '/usr/local/bin',
    '/usr/bin',
    '/usr/local/sbin',
    '/usr/sbin',
    '/opt/homebrew/bin',
  ]
  return programs[name].names
    .flatMap((each) => folders.map((folder) => path.resolve(folder, each)))
    .find(isExecutable)
}

/** Full path of the program; throws, with what to do, when it is not installed. */
export function programPath(name: ProgramName): string {
  const found = findProgram(name)
  if (found !== undefined) return found
  throw new Error(`${programs[name].names[0]} is not installed: run \`npm test\` or install it`)
}

/** Full path of the Chromium (or Chrome) that end-to-end tests drive. */
export function chromiumPath(): string {
  return programPath('chromium')
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

function missingPrograms(): ProgramName[] {
  const names: ProgramName[] = ['redis', 'chromium', 'prometheus', 'promtool']
  return names.filter((name) => findProgram(name) === undefined)
}

function installWithApt(missing: readonly ProgramName[]): void {
  // Source: os-release(5).
  const isUbuntu = /^ID=ubuntu$/m.test(readFileSync('/etc/os-release', 'utf8'))
  const packages = new Set(
    missing.map((name) => programs[name][isUbuntu ? 'ubuntuPackage' : 'debianPackage']),
  )
  console.log(`Installing ${[...packages].join(', ')} for the tests ...`)
  apt(['update'])
  apt(['install', '--yes', '--no-install-recommends', ...packages])
}

function apt(words: readonly string[]): void {
  const { status, error, stdout, stderr } = spawnSync(
    'apt-get',
    ['-q', '-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3', ...words],
    {
      encoding: 'utf8',
      timeout: installMs,
      // Run level 1 keeps the packages from starting their services beside the tests' own.
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    },
  )
  if (status === 0) return
  console.error(`apt-get ${words.join(' ')}: ${error?.message ?? `status ${status}`}`)
  console.error(`${stdout}${stderr}`.split('\n').slice(-20).join('\n'))
}

function explain(missing: readonly ProgramName[]): void {
  const column = (key: Exclude<keyof Program, 'names'>) =>
    [...new Set(missing.map((name) => programs[name][key]))].join(' ')
  console.error(
    [
      `The tests need: ${missing.map((name) => programs[name].names[0]).join(', ')}.`,
      `  Debian:  sudo apt-get install ${column('debianPackage')}`,
      `  Ubuntu:  sudo apt-get install ${column('ubuntuPackage')}  (or Google Chrome's own package)`,
      `  macOS:   brew install ${column('brewPackage')}`,
    ].join('\n'),
  )
}

function provision(): void {
  const missing = missingPrograms()
  if (missing.length === 0) return
  const isRoot = process.getuid?.() === 0
  if (isRoot && existsSync('/usr/bin/apt-get')) installWithApt(missing)
  const stillMissing = missingPrograms()
  if (stillMissing.length === 0) return
  explain(stillMissing)
  process.exitCode = 1
}

if (import.meta.main) provision()
