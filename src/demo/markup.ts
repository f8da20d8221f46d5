/**
 * HTML and SVG as template literals: what is put in is escaped, unless it is markup itself.
 * @module
 */

/** Text that is markup already. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** What a template takes; `false` and `undefined` leave nothing, so that conditions read well. */
export type Fragment = Markup | string | number | false | undefined | readonly Fragment[]

/** A template of HTML or SVG. */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(fragmentText)))
}

/** Data for a `<script type="application/json">`: no `<` can end the element early. */
export function json(data: unknown): Markup {
  return new Markup(JSON.stringify(data).replaceAll('<', '\\u003c'))
}

function fragmentText(value: Fragment): string {
  if (value === false || value === undefined) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(fragmentText).join('')
  return escapeText(String(value))
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
