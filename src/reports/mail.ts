/**
 * Reports by mail. The certificate of the server is always verified; what goes wrong is told without
 * login, addresses and what the server said.
 * @module
 */
import { hash } from 'node:crypto'

import { createTransport } from 'nodemailer'

import type { MailConfig } from '../config/config.ts'
import { GatewayError, systemCodeOf } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import type { Report } from './model.ts'

/** A file of a report. */
export interface ReportFile {
  readonly name: string
  readonly content: Buffer
}

/** A mail with reports. */
export interface ReportMail {
  /** The same for the same reports of the same time: two mails of one id are one. */
  readonly id: string
  readonly to: readonly string[]
  readonly reports: readonly Report[]
  readonly files: readonly ReportFile[]
}

/**
 * Makes the sender of mails; what it gives rejects with `ERR_UPSTREAM_AWAY` when the server could not be
 * reached or did not take the mail.
 */
export function createMailer(config: MailConfig): (mail: ReportMail) => Promise<void> {
  const { host, port, security, username, password, from } = config
  const timeout = limits.reports.mailMs
  return async ({ id, to, reports, files }) => {
    const [first] = reports
    if (first === undefined) return
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      connectionTimeout: timeout,
      greetingTimeout: timeout,
      socketTimeout: timeout,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(username !== undefined && { auth: { user: username, pass: password ?? '' } }),
    })
    try {
      await transport.sendMail({
        from,
        to: [...to],
        subject: `${first.institution}: ${reports.map(({ title }) => title).join(', ')}. ${first.periodText}`,
        text: textOf(reports),
        messageId: `<${hash('sha256', `${from}\n${id}`).slice(0, 32)}@${from.split('@')[1] ?? host}>`,
        attachments: files.map(({ name, content }) => ({ filename: name, content })),
      })
    } catch (error) {
      const code = systemCodeOf(error) ?? 'unknown error'
      throw new GatewayError(
        'ERR_UPSTREAM_AWAY',
        `the mail server ${host}:${port} did not take the reports (${code})`,
      )
    } finally {
      transport.close()
    }
  }
}

function textOf(reports: readonly Report[]): string {
  const [first] = reports
  const parts = reports.map(({ title, about, facets, warnings, notes }) =>
    [[title, ...facets].join(' · '), about, '', ...warnings, ...notes].join('\n'),
  )
  return [first?.periodText, first?.standing, ...parts].join('\n\n')
}
