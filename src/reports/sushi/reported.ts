/**
 * What a publisher's answer says, whatever its release: counts by metric and month, the time that it is
 * of, and its exceptions. An answer is data from outside: what has not the shape of a report is refused
 * with the place, and counts as text are taken where they are plain numbers, and told.
 *
 * Source: COUNTER Code of Practice 5.1, section 5.1 and appendix B (what 5.0 had otherwise).
 * @module
 */
import { isMonth, type Month } from '../counter/months.ts'

/** A report as far as it is harvested. */
export interface ReportedUsage {
  readonly counts: ReadonlyMap<string, ReadonlyMap<Month, number>>
  /** As the header says; absent where it says nothing usable. */
  readonly from?: Month
  readonly to?: Month
  /** Codes in its header. */
  readonly codes: readonly number[]
  readonly hasTextNumbers: boolean
}

/** An answer read. */
export type Reading =
  | { readonly kind: 'report'; readonly usage: ReportedUsage }
  /** An exception instead of a report. */
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'unreadable'; readonly detail: string }

type Fields = Readonly<Record<string, unknown>>

/** Reads an answer; `database` leaves all other databases out. */
export function readingOf(value: unknown, database?: string): Reading {
  const code = loneException(value)
  if (code !== undefined) return { kind: 'exception', code }
  const header = fieldsOf(fieldsOf(value)?.['Report_Header'])
  if (header === undefined) return { kind: 'unreadable', detail: 'no Report_Header' }
  const codes = codesOf(header)
  const items = fieldsOf(value)?.['Report_Items'] ?? (codes.length > 0 ? [] : undefined)
  if (!Array.isArray(items)) return { kind: 'unreadable', detail: 'Report_Items is no list' }
  // Release 5 had no other place for a refusal than the header of an empty report.
  const refusal = codes.find((each) => each >= 1000 && each <= 3020)
  if (refusal !== undefined && items.length === 0) return { kind: 'exception', code: refusal }
  const adder = new Adder()
  try {
    for (const item of items) if (isWanted(item, database)) adder.addItem(item, 0)
  } catch (error) {
    if (error instanceof ShapeError) return { kind: 'unreadable', detail: error.message }
    throw error
  }
  const { counts, hasTextNumbers } = adder
  return { kind: 'report', usage: { counts, hasTextNumbers, codes, ...timeOf(header) } }
}

function isWanted(item: unknown, database: string | undefined): boolean {
  return database === undefined || fieldsOf(item)?.['Database'] === database
}

function fieldsOf(value: unknown): Fields | undefined {
  return isFields(value) ? value : undefined
}

/** An object that is no list has fields by name, each of any kind. */
function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `{ Code, … }`, a list of such, or one within `Exception`, as servers of all kinds send it. */
function loneException(value: unknown): number | undefined {
  const [first] = Array.isArray(value) ? value : [value]
  const fields = fieldsOf(first)
  if (fields === undefined || 'Report_Header' in fields) return undefined
  return codeOf(fields) ?? codeOf(fieldsOf(fields['Exception']) ?? {}) ?? codesOf(fields)[0]
}

function codesOf(header: Fields): number[] {
  const listed = header['Exceptions'] ?? header['Exception']
  const list = Array.isArray(listed) ? listed : [listed]
  return list
    .flatMap((each) => codeOf(fieldsOf(each) ?? {}) ?? [])
    .toSorted((one, other) => one - other)
}

function codeOf({ Code: code }: Fields): number | undefined {
  const number = typeof code === 'string' && /^\d{1,5}$/.test(code) ? Number(code) : code
  return typeof number === 'number' && Number.isInteger(number) ? number : undefined
}

/** Filters are a map in 5.1, a list of names and values in 5. */
function timeOf(header: Fields): { readonly from?: Month; readonly to?: Month } {
  const filters = header['Report_Filters']
  const find = (name: string): Month | undefined => {
    const value = Array.isArray(filters)
      ? filters.map(fieldsOf).find((each) => each?.['Name'] === name)?.['Value']
      : fieldsOf(filters)?.[name]
    const month = String(value).slice(0, 7)
    return isMonth(month) ? month : undefined
  }
  const [from, to] = [find('Begin_Date'), find('End_Date')]
  return from === undefined || to === undefined || to < from ? {} : { from, to }
}

/** What is no report; told with the place. */
class ShapeError extends Error {}

/** Adds up items of either release. */
class Adder {
  readonly counts = new Map<string, Map<Month, number>>()
  hasTextNumbers = false

  /** @param level Items of an IR stand below their parent. */
  addItem(item: unknown, level: number): void {
    const fields = fieldsOf(item)
    if (fields === undefined || level > 1) throw new ShapeError('an item that is none')
    const { Items: items, Attribute_Performance: performances, Performance: instances } = fields
    if (Array.isArray(items)) for (const each of items) this.addItem(each, level + 1)
    else if (Array.isArray(performances)) for (const each of performances) this.#addCompact(each)
    else if (Array.isArray(instances)) for (const each of instances) this.#addInstances(each)
    else throw new ShapeError('an item without Attribute_Performance or Performance')
  }

  /** 5.1: `{ Performance: { Metric: { "2026-09": 5 } } }`. */
  #addCompact(entry: unknown): void {
    const performance = fieldsOf(fieldsOf(entry)?.['Performance'])
    if (performance === undefined) throw new ShapeError('a Performance that is no map')
    for (const [metric, months] of Object.entries(performance)) {
      const counted = fieldsOf(months)
      if (counted === undefined) throw new ShapeError(`${shown(metric)} is no map of months`)
      for (const [month, count] of Object.entries(counted)) this.#add(metric, month, count)
    }
  }

  /** 5: `{ Period: { Begin_Date }, Instance: [{ Metric_Type, Count }] }`. */
  #addInstances(entry: unknown): void {
    const fields = fieldsOf(entry)
    const month = String(fieldsOf(fields?.['Period'])?.['Begin_Date']).slice(0, 7)
    const instances = fields?.['Instance']
    if (!Array.isArray(instances)) throw new ShapeError('a Performance without Instance')
    for (const instance of instances) {
      const { Metric_Type: metric, Count: count } = fieldsOf(instance) ?? {}
      if (typeof metric !== 'string') throw new ShapeError('an Instance without Metric_Type')
      this.#add(metric, month, count)
    }
  }

  #add(metric: string, month: string, written: unknown): void {
    const isText = typeof written === 'string' && /^\d{1,15}$/.test(written)
    const count = isText ? Number(written) : written
    if (!isMonth(month)) throw new ShapeError(`${shown(metric)} of ${shown(month)}`)
    if (typeof count !== 'number' || !Number.isSafeInteger(count) || count < 0) {
      throw new ShapeError(`${shown(metric)} of ${month} is no count`)
    }
    this.hasTextNumbers ||= isText
    const months = this.counts.get(metric) ?? new Map<Month, number>()
    this.counts.set(metric, months.set(month, (months.get(month) ?? 0) + count))
  }
}

/** What came from outside, short and on one line. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60))
}
