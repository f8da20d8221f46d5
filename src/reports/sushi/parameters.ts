/**
 * What a question to the COUNTER API asks for besides dates. What is not known, or has a value that is
 * none, is ignored and told by an exception within the report.
 *
 * Source: COUNTER Code of Practice 5.1, section 8 and appendix D; the official specification of the API
 * for the values of each report.
 * @module
 */
import { dataTypes } from '../../core/use.ts'
import { databaseTypes } from '../../core/counter.ts'
import { limits } from '../../core/limits.ts'
import { definitionOf, itemMetrics, type ReportId } from '../counter/definitions.ts'
import { exceptionOf, type CounterException, type ExceptionCode } from '../counter/exceptions.ts'
import type { ReportChoice } from '../counter/report.ts'

/** What was asked, and what of it could not be taken. */
export interface Question {
  readonly choice: ReportChoice
  readonly exceptions: readonly CounterException[]
}

/** Parameters of every report. */
const common = ['customer_id', 'requestor_id', 'api_key', 'platform', 'begin_date', 'end_date']
/** Those of a report that can be chosen from. */
const choosing = ['metric_type', 'data_type', 'access_method', 'attributes_to_show', 'granularity']
/** Extensions that COUNTER reserves, none of which is offered. */
const extensions = ['attributed', 'country_code', 'subdivision_code']

const ofTitles = [...dataTypes, 'Database_Full_Item', 'Unspecified']
const ofItems = [
  'Article',
  'Book_Segment',
  'Conference_Item',
  'Dataset',
  'News_Item',
  'Reference_Item',
  'Software',
]
const dataTypesOf: Partial<Record<ReportId, readonly string[]>> = {
  PR: [...ofTitles, ...ofItems, 'Platform'],
  DR: [...ofTitles, ...databaseTypes],
}

/** Reads the parameters of a report. */
export function questionOf(id: ReportId, query: URLSearchParams, platform: string): Question {
  const isOpen = id === 'PR' || id === 'DR'
  const known = new Set([
    ...common,
    ...(isOpen ? [...choosing, ...extensions] : []),
    ...(id === 'DR' ? ['database'] : []),
  ])
  const told = new Tellings()
  for (const name of new Set(query.keys())) if (!known.has(name)) told.add(3050, name)
  const wanted = query.get('platform')
  if (wanted !== null && wanted.toLowerCase() !== platform.toLowerCase()) {
    told.add(3060, `platform=${wanted}`)
  }
  const choice = {
    ...(wanted?.toLowerCase() === platform.toLowerCase() && { platform }),
    ...(isOpen && chosen(id, query, told)),
  }
  return { choice, exceptions: told.exceptions() }
}

function chosen(id: ReportId, query: URLSearchParams, told: Tellings): ReportChoice {
  for (const name of extensions) if (query.has(name)) told.add(3060, `${name} is not offered`)
  const metrics = listOf('metric_type', query, definitionOf(id).metrics, told)
  const types = listOf('data_type', query, dataTypesOf[id] ?? [], told)
  const accessMethods = listOf('access_method', query, ['Regular', 'TDM'], told)
  if (metrics && types && !metrics.some((metric) => types.some((type) => goWith(metric, type)))) {
    told.add(3061, 'no metric_type goes with a data_type')
  }
  const granularity = query.get('granularity')
  if (granularity !== null && granularity !== 'Month') {
    told.add(3062, `granularity=${granularity}`)
  }
  const shown = query.get('attributes_to_show')?.split('|') ?? []
  for (const name of shown) {
    if (name !== 'Access_Method') told.add(3062, `attributes_to_show=${name}`)
  }
  const database = id === 'DR' ? query.get('database') : null
  return {
    ...(metrics && { metrics }),
    ...(types && { dataTypes: types }),
    ...(accessMethods && { accessMethods }),
    ...(database !== null && database.length > 1 && { database }),
    ...(shown.includes('Access_Method') && { showsAccessMethod: true }),
  }
}

/** The values that there are, in the order of the standard; undefined when none is left. */
function listOf(
  name: string,
  query: URLSearchParams,
  values: readonly string[],
  told: Tellings,
): readonly string[] | undefined {
  const wanted = query.get(name)?.split('|') ?? []
  for (const value of wanted) if (!values.includes(value)) told.add(3060, `${name}=${value}`)
  const found = values.filter((value) => wanted.includes(value))
  return found.length === 0 ? undefined : found
}

/** Section 3.3.2: items stand under the type of their title, all else under that of the database. */
function goWith(metric: string, dataType: string): boolean {
  if (metric === 'Searches_Platform') return dataType === 'Platform'
  const isOfItems = itemMetrics.some((each) => each === metric)
  const isOfDatabase = databaseTypes.some((each) => each === dataType)
  return isOfItems ? !isOfDatabase && dataType !== 'Platform' : isOfDatabase
}

/** Exceptions by their code, each once, with what they are about. */
class Tellings {
  readonly #subjects = new Map<ExceptionCode, string[]>()

  add(code: ExceptionCode, subject: string): void {
    const subjects = this.#subjects.get(code) ?? []
    this.#subjects.set(code, subjects)
    if (subjects.length < limits.sushi.subjects) subjects.push(plain(subject))
  }

  exceptions(): CounterException[] {
    return [...this.#subjects].map(([code, subjects]) => exceptionOf(code, subjects.join(', ')))
  }
}

/** What was sent is repeated as one short line. */
function plain(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\s]+/gu, ' ')
    .slice(0, limits.sushi.subjectChars)
}
