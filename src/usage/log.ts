/**
 * The log: one line for each event, with the reference that the reader sees on an error page.
 *
 * No line carries a name, address, cookie, token or query string.
 * @module
 */
import { pino, type Logger } from 'pino'

import type { GatewayConfig } from '../config/config.ts'
import type { ErrorCode } from '../core/errors.ts'
import type { EventBus, GatewayEvent } from '../core/events.ts'

/** A JSON logger to standard output, or to the stream given. */
export function createLog(
  level: GatewayConfig['logLevel'],
  stream: { write(line: string): void } = process.stdout,
): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream)
}

/** Writes every event on the bus to the log. */
export function logEvents(bus: EventBus, log: Logger): void {
  bus.listen((event) => {
    const { level, words } = lineOf(event)
    if (log.isLevelEnabled(level)) log[level](fieldsOf(event), words)
  })
}

function lineOf(event: GatewayEvent): {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly words: string
} {
  switch (event.kind) {
    case 'exchange':
      return { level: 'debug', words: 'exchange' }
    case 'denial':
      return { level: 'info', words: 'access refused' }
    case 'wait':
      return { level: 'debug', words: `waiting for a seat: ${event.outcome}` }
    case 'failure':
      return { level: failureLevel(event.code, event.status), words: event.message }
    case 'sign-in':
      return { level: 'info', words: `sign-in: ${event.outcome}` }
    case 'sign-out':
      return { level: 'info', words: `signed out by ${event.by}` }
    case 'provider':
      return {
        level: event.status === 'away' ? 'error' : 'info',
        words: `provider ${event.provider} ${event.status}: ${event.detail}`,
      }
    case 'direct':
      return { level: 'debug', words: 'sent to the publisher directly' }
    case 'seats':
      return { level: 'debug', words: 'seats in use' }
    case 'licence':
      return { level: 'warn', words: `licence: ${event.state} ${event.on}` }
    case 'job':
      return { level: event.outcome === 'done' ? 'debug' : 'error', words: `job ${event.outcome}` }
    case 'fair-use':
      return { level: 'warn', words: `a reader has used up the quota: ${event.measure}` }
    case 'rules':
      return event.outcome === 'in-force'
        ? { level: 'info', words: `rule set ${event.version} is in force` }
        : { level: 'error', words: `rule set ${event.version} changes nothing: ${event.message}` }
    case 'harvest':
      return {
        level: event.isGood ? 'info' : 'warn',
        words: `COUNTER reports of a publisher: ${event.state}`,
      }
    case 'link':
      return {
        level: event.standing === 'works' ? 'info' : 'warn',
        words: `links of a resource: ${event.standing}`,
      }
    case 'counter-request':
      return event.code === undefined
        ? { level: 'info', words: 'COUNTER reports were asked for' }
        : { level: 'warn', words: 'COUNTER reports were refused' }
    case 'link-report':
      return { level: 'info', words: `a reader tells of a problem: ${event.problem}` }
    case 'staff':
      return { level: 'info', words: `staff: ${event.action}` }
  }
}

/** A reader who leaves is no trouble of ours. */
function failureLevel(code: ErrorCode, status: number): 'debug' | 'warn' | 'error' {
  if (code === 'ERR_READER_LEFT') return 'debug'
  return status >= 500 ? 'error' : 'warn'
}

/** Only what is named here reaches the log; an address or a person never does. */
function fieldsOf(event: GatewayEvent): Record<string, unknown> {
  const { kind, reference } = event
  switch (kind) {
    case 'exchange': {
      const { resourceId, method, host, status, bytes, durationMs, isComplete } = event
      const ms = Math.round(durationMs)
      return { kind, reference, resourceId, method, host, status, bytes, ms, isComplete }
    }
    case 'denial':
      return { kind, reference, resourceId: event.resourceId, reason: event.reason }
    case 'wait': {
      const { resourceId, outcome, waitedMs } = event
      return { kind, reference, resourceId, outcome, waitedMs }
    }
    case 'failure': {
      const { code, status, resourceId, cause } = event
      return { kind, reference, code, status, resourceId, cause: causeText(cause, code) }
    }
    case 'direct':
    case 'licence':
      return { kind, reference, resourceId: event.resourceId }
    case 'seats': {
      const { pool, seats, used, waiting } = event
      return { kind, reference, pool, seats, used, waiting }
    }
    case 'job':
      return { kind, reference, name: event.name, cause: causeText(event.cause) }
    case 'fair-use': {
      const { resourceId, measure, mode } = event
      return { kind, reference, resourceId, measure, mode }
    }
    case 'link-report': {
      const { resourceId, problem, about } = event
      return { kind, reference, resourceId, problem, about }
    }
    case 'staff': {
      const { action, sessionId, pool, override, version, resourceId, about } = event
      return { kind, reference, action, sessionId, pool, override, version, resourceId, about }
    }
    case 'harvest': {
      const { resourceId, state, detail } = event
      return { kind, reference, resourceId, state, detail }
    }
    case 'link': {
      const { resourceId, standing, state, status, detail } = event
      return { kind, reference, resourceId, standing, state, status, detail }
    }
    case 'counter-request': {
      const { path, requestor, code } = event
      return { kind, reference, path, requestor, code }
    }
    case 'sign-in':
    case 'sign-out':
    case 'provider':
      return { kind, reference }
    case 'rules': {
      const { version, hash, logHead, code } = event
      return { kind, reference, version, hash, logHead, code }
    }
  }
}

/** The messages along the chain of causes; the stack only of what nobody foresaw. */
function causeText(cause: unknown, code?: ErrorCode): string | undefined {
  if (!(cause instanceof Error)) return undefined
  if (code === 'ERR_INTERNAL') return cause.stack
  const systemCode = 'code' in cause ? `${String(cause.code)} ` : ''
  const deeper = causeText(cause.cause)
  return `${systemCode}${cause.message}${deeper === undefined ? '' : ` <- ${deeper}`}`
}
