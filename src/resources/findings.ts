/**
 * The closed list of what can be wrong with rules. `docs/reference.md` explains every number.
 * @module
 */
import { pathText, type DocumentPath, type ProblemKind } from '../core/documents.ts'
import type { Finding, Severity } from '../core/findings.ts'

/** Each number with its severity; the comment says what it means. */
export const ruleFindings = {
  /** A file or the folder is missing, too long, not UTF-8, or there are too many. */
  F001: 'error',
  /** The file is not YAML. */
  F002: 'error',
  /** YAML that is not taken here: alias, merge key, tag, key that is not a word. */
  F003: 'error',
  /** A key stands twice. */
  F004: 'error',
  /** A key is not known; the likely one is named. */
  F005: 'error',
  /** A value is missing, of the wrong kind or out of its range. */
  F006: 'error',
  /** The file's name is not an id: small letters, digits and single hyphens, ending in `.yaml`. */
  F007: 'error',
  /** Two files in different folders have one id. */
  F008: 'error',
  /** A host is not a name of the public DNS: an address, a single label, a faulty label. */
  F009: 'error',
  /** A rule for a whole domain would take in other owners' domains (public suffix). */
  F010: 'error',
  /** A host stands in two resources, or with http and https: it has one place in the zone. */
  F011: 'error',
  /** A host stands twice in one resource. */
  F012: 'warning',
  /** A host is the portal's or lies in the zone. */
  F013: 'error',
  /** The starting point is on no host of the resource. */
  F014: 'error',
  /** The licence ends before it begins. */
  F015: 'error',
  /** The licence and its grace days are over. */
  F016: 'warning',
  /** Resources share a pool but count its seats differently, or a pool has no seats. */
  F017: 'error',
  /** The licence covers nobody. */
  F018: 'error',
  /** `listed_sites` without sites, or sites that no term asks for; likewise with networks. */
  F019: 'error',
  /** A site that is the site of no network. */
  F020: 'warning',
  /** An entry of `replace` is no rule: not one thing to find and one to do, or no RE2 pattern. */
  F021: 'error',
  /** A replacement refers to a group that its pattern has not. */
  F022: 'error',
  /** A pattern matches the empty text. */
  F023: 'error',
  /** Something else than a fixture expects came of its text. */
  F024: 'error',
  /** A header is not for a rule to set, or stands twice. */
  F025: 'error',
  /** The secret of a header cannot be read; the header is not sent. */
  F026: 'warning',
  /** `neverProxy` takes away a host that the rule names. */
  F027: 'error',
  /** A host of an option is none of the rule's. */
  F028: 'warning',
  /** An anonymous path takes in everything of a host. */
  F029: 'warning',
  /** The licence ends, or the last day to renew or end the contract comes, within the notice days. */
  F030: 'warning',
  /** The licence has not begun. */
  F031: 'warning',
  /** The last day to renew or end the contract comes after the licence's. */
  F032: 'error',
  /** Terms for visitors contradict each other. */
  F033: 'error',
  /** A faculty or department that no reader can have. */
  F034: 'warning',
  /** Reading is for the library's own networks, of which there are none. */
  F035: 'warning',
  /** A network of `listed_networks` that is not configured. */
  F036: 'warning',
  /** A named pool has seats, but all of its resources are closed. */
  F037: 'warning',
  /** A fair-use quota that limits nothing, or contradicts itself. */
  F038: 'error',
  /** A host of one resource is below a domain of another that other readers may read. */
  F039: 'warning',
  /** An entry of `addresses` holds no address, or a network that is not configured. */
  F040: 'error',
  /** An entry of `addresses` admits half of all addresses or more. */
  F041: 'error',
  /** An entry of `addresses` never decides: those below it hold all of its addresses. */
  F042: 'warning',
  /** An entry of `usage` is no pattern, or names a part that there is not. */
  F043: 'error',
  /** An address of an entry of `usage` is decided otherwise than it says. */
  F044: 'error',
  /** The data type of titles does not go with the type of the database. */
  F047: 'warning',
  /** A secret of `sushi` cannot be read; the publisher's reports are not fetched. */
  F048: 'warning',
  /** An address of `check` is on no host of the resource. */
  F049: 'error',
  /** The probe of `check` expects nothing, two things, or what is no RE2 pattern. */
  F050: 'error',
  /** `check` names links of a publisher that is never visited. */
  F051: 'warning',
} as const satisfies Record<string, Severity>

/** A number of the closed list. */
export type RuleFindingNumber = keyof typeof ruleFindings

/** The number of each kind of mistake that reading and validating find. */
export const problemNumbers: Readonly<Record<ProblemKind, RuleFindingNumber>> = {
  unreadable: 'F001',
  syntax: 'F002',
  refused: 'F003',
  'duplicate-key': 'F004',
  'unknown-key': 'F005',
  value: 'F006',
}

/** A finding at its place, with the severity of its number. */
export function ruleFinding(
  number: RuleFindingNumber,
  file: string,
  path: DocumentPath,
  message: string,
  line?: number,
): Finding {
  const place = { file, path: pathText(path), ...(line === undefined ? {} : { line }) }
  return { number, severity: ruleFindings[number], message, ...place }
}
