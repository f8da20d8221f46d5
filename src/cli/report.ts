/**
 * `report`: one report of the gateway's figures, on standard output or in a file.
 * @module
 */
import type { Environment } from '../config/secrets.ts'
import { resourcesInForce } from '../control/published.ts'
import { systemClock } from '../core/clock.ts'
import { GatewayError } from '../core/errors.ts'
import { createWords } from '../locales/words.ts'
import { cutsOf, reportNames, wordsOf } from '../reports/catalogue.ts'
import { linkOverviewOf } from '../links/overview.ts'
import { languages, type Language } from '../core/languages.ts'
import { reportFormats } from '../core/reports.ts'
import { isFormatName, type FormatName } from '../reports/format-names.ts'
import { fileOf } from '../reports/formats.ts'
import { createReporter } from '../reports/reporter.ts'
import { isProblem, problemLine, readRequest } from '../reports/request.ts'
import { withControl } from './control.ts'
import { freshFigures } from './figures.ts'
import { put, requireFile } from './output.ts'

/** What was typed. */
export interface ReportOptions {
  readonly config: string
  readonly from?: string
  readonly to?: string
  readonly by?: string
  readonly resource?: string
  readonly format: string
  readonly language: string
  readonly out?: string
}

/** Makes a report; without a name it lists them. */
export async function report(
  name: string | undefined,
  options: ReportOptions,
  env: Environment,
): Promise<void> {
  if (name === undefined) return listReports(options)
  await withControl(options.config, env, async (parts, store) => {
    const language = languageOf(options)
    const format = formatOf(options)
    const resources = await resourcesInForce(parts)
    const figures = await freshFigures(parts, store)
    const reporter = createReporter({
      config: parts.config,
      store,
      figures,
      resources: () => resources,
      askLinks: linkOverviewOf(store, systemClock, parts.config.institution.timeZone),
      words: createWords(),
      clock: systemClock,
    })
    const request = readRequest({ ...options, name, language }, reporter.thisMonth())
    if (isProblem(request)) throw badRequest(problemLine(request, name))
    const made = await reporter.make(request)
    if (isProblem(made)) throw badRequest(problemLine(made, name))
    await put(await fileOf(made, format), options.out)
  })
}

function listReports(options: ReportOptions): void {
  const words = createWords()
  for (const name of reportNames) {
    const { about } = wordsOf(name, { words, language: languageOf(options) })
    const cuts = cutsOf(name)
    console.log(`${name.padEnd(12)}${about}${cuts.length > 0 ? ` --by ${cuts.join(', ')}` : ''}`)
  }
}

function languageOf({ language }: ReportOptions): Language {
  const known = languages.find((each) => each === language)
  if (known !== undefined) return known
  throw badRequest(`--language: found ${shown(language)}, expected one of ${languages.join(', ')}`)
}

function formatOf({ format, out }: ReportOptions): FormatName {
  if (!isFormatName(format)) {
    throw badRequest(
      `--format: found ${shown(format)}, expected one of ${reportFormats.join(', ')}`,
    )
  }
  requireFile(format, out)
  return format
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80))
}

function badRequest(message: string): GatewayError {
  return new GatewayError('ERR_BAD_REQUEST', message)
}
