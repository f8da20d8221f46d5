/**
 * Scripts of workers: a worker has a global object of its own, where no document could have put the
 * shim, so it goes first into the worker's own script. Imported scripts are left alone.
 *
 * It stands behind a hashbang and repeats a strict script's directive, which would be none behind it.
 * Nothing tells a module from a classic script here: what is put in runs as either.
 *
 * Source: ECMAScript, 12.5 "Hashbang Comments" and 11.2.1 "Directive Prologues"; HTML Standard,
 * "fetch a classic worker script": only the script of the worker itself is asked for in mode
 * `same-origin`.
 * @module
 */
import type { HeaderLines } from '../core/context.ts'
import { headerOf } from './header-lines.ts'
import type { Edit, Scanner, Window } from './scanner.ts'

const destinations = new Set(['worker', 'sharedworker'])

/** Whether a request is for the script that a worker begins with. */
export function isWorkerScript(lines: HeaderLines): boolean {
  return (
    destinations.has(headerOf(lines, 'sec-fetch-dest') ?? '') &&
    headerOf(lines, 'sec-fetch-mode') === 'same-origin'
  )
}

/** A prologue longer than this, with all its comments, is taken for none. */
const prologueChars = 16 * 1024

const blank = /(?:\s|\/\/.*|\/\*[^]*?\*\/)*/y
const directive = /(["'])((?:(?!\1)[^\\\r\n]|\\.)*)\1[ \t]*(?:;|(?=[\r\n]|\/\/|\/\*|$))/y

/** A scanner that puts an opening first, then scans as another does. */
export function openedBy(opening: string, scanner: Scanner): Scanner {
  let isOpened = false
  return {
    scan(window, edits) {
      if (!isOpened) {
        if (!isPrologueThere(window)) return window.from
        edits.push(openingEdit(opening, window))
        isOpened = true
      }
      return scanner.scan(window, edits)
    },
  }
}

function isPrologueThere({ from, end, isLast }: Window): boolean {
  return isLast || end - from >= prologueChars
}

function openingEdit(opening: string, { text, from, end }: Window): Edit {
  const start = text.slice(from, Math.min(end, from + prologueChars))
  const hashbang = /^#!.*(?:\r\n|[\r\n]|$)/.exec(start)?.[0] ?? ''
  const at = from + hashbang.length
  const strict = isStrict(start, hashbang.length) ? "'use strict';" : ''
  return { start: at, end: at, text: strict + opening }
}

function isStrict(text: string, from: number): boolean {
  for (let at = from; ;) {
    blank.lastIndex = at
    blank.test(text)
    directive.lastIndex = blank.lastIndex
    const found = directive.exec(text)
    if (found === null) return false
    if (found[2] === 'use strict') return true
    at = directive.lastIndex
  }
}
