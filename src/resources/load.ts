/**
 * Rules from the rules folder and the folders in it: every file is one resource, its base name the
 * id. All findings of all files are told at once; whoever puts rules into force refuses the set when
 * one of them is an error.
 * @module
 */
import { basename, dirname } from 'node:path'

import { systemClock, type Clock } from '../core/clock.ts'
import { documentOf, type DocumentPath, type OperatorDocument } from '../core/documents.ts'
import { readAs } from '../core/expectations.ts'
import type { Finding } from '../core/findings.ts'
import type { HostRule, Resource } from '../core/resource.ts'
import type { RewritingOptions } from '../core/rewriting-options.ts'
import { textOf } from '../core/texts.ts'
import type { UsePattern } from '../core/use.ts'
import { addressDoubts } from './address-doubts.ts'
import { compileCheck } from './check.ts'
import { compileCounter, compileSushi, type CounterContext } from './counter.ts'
import { contradictions } from './crosschecks.ts'
import { readRuleTexts, type RuleText } from './files.ts'
import { problemNumbers, ruleFinding, type RuleFindingNumber } from './findings.ts'
import { covers, coversName, parseHost } from './hosts.ts'
import { licenceDoubts, type NetworkOutline } from './licence-doubts.ts'
import { isSlug } from './licence-schema.ts'
import { compileLicence } from './licence.ts'
import { compileRewriting, type SecretSource } from './rewriting.ts'
import { resourceSchema, type ResourceInput } from './schema.ts'
import { compileUsage } from './usage.ts'

/** What rules are held against besides each other; what is absent is not asked. */
export interface RuleContext {
  /** IANA name; licences begin and end by its days. */
  readonly timeZone?: string
  readonly clock?: Clock
  /** Host names of the gateway itself, which no rule may take in. */
  readonly portalHost?: string
  readonly zoneHost?: string
  readonly networks?: readonly NetworkOutline[]
  /** Faculties and departments that readers can have. */
  readonly units?: readonly string[]
  /** Reads a secret of a rule; files are relative to `folder`. */
  readonly readSecret?: (
    source: SecretSource,
    folder: string,
  ) => { readonly secret: string } | { readonly message: string }
}

/** A set of rules as read. */
interface LoadedResources {
  /** Those whose own file has no error, by id. */
  readonly resources: readonly Resource[]
  readonly findings: readonly Finding[]
}

/** Reads every rule below a folder; never throws for what is in it. */
export function loadResources(folder: string, context: RuleContext = {}): LoadedResources {
  const { texts, findings } = readRuleTexts(folder)
  const loaded = resourcesOf(texts, context)
  return { ...loaded, findings: [...findings, ...loaded.findings].toSorted(byPlace) }
}

/** The resources that the texts of rule files say; never throws for what is in them. */
export function resourcesOf(
  texts: readonly RuleText[],
  context: RuleContext = {},
): LoadedResources {
  const findings: Finding[] = []
  const documents = new Map<Resource, OperatorDocument>()
  for (const { file, text } of texts) {
    const reader = new RuleReader(documentOf(text, file), context)
    const resource = reader.resource()
    findings.push(...reader.findings)
    if (resource !== undefined) documents.set(resource, reader.document)
  }
  const resources = [...documents.keys()].toSorted(byId)
  for (const { number, resource, path, message } of contradictions(resources)) {
    const line = path.length === 0 ? undefined : documents.get(resource)?.lineOf(path)
    findings.push(ruleFinding(number, resource.file, path, message, line))
  }
  return { resources, findings: findings.toSorted(byPlace) }
}

function byId(left: Resource, right: Resource): number {
  if (left.id === right.id) return 0
  return left.id < right.id ? -1 : 1
}

function byPlace(left: Finding, right: Finding): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1
  return (left.line ?? 0) - (right.line ?? 0)
}

/** One rule file on its way to a resource; collects what is wrong with it. */
class RuleReader {
  readonly document: OperatorDocument
  readonly findings: Finding[] = []
  readonly #context: RuleContext

  constructor(document: OperatorDocument, context: RuleContext) {
    this.document = document
    this.#context = context
  }

  /** The resource, or undefined when an error was found. */
  resource(): Resource | undefined {
    const { file, problems, value } = this.document
    for (const problem of problems) this.#noteProblem(problem)
    const id = basename(file, '.yaml')
    if (!isSlug(id)) {
      this.#note('F007', [], 'expected a name of small letters, digits and single hyphens')
    }
    if (value === undefined) return undefined
    const parsed = readAs(resourceSchema, this.document)
    if ('problems' in parsed) {
      for (const problem of parsed.problems) this.#noteProblem(problem)
      return undefined
    }
    const resource = this.#build(id, parsed.value)
    return this.findings.some(({ severity }) => severity === 'error') ? undefined : resource
  }

  #build(id: string, input: ResourceInput): Resource {
    const hosts = this.#hosts(input.hosts)
    const startUrl = new URL(input.start)
    const isCovered = hosts.some((rule) => covers(rule, startUrl))
    if (hosts.length === input.hosts.length && !isCovered) {
      const message = `found "${startUrl.origin}", which is none of the hosts; expected one of them`
      this.#note('F014', ['start'], message)
    }
    this.#doubtLicence(input)
    for (const doubt of addressDoubts(input.addresses ?? [], this.#context.networks)) {
      this.#note(doubt.number, doubt.path, doubt.message)
    }
    const rewriting = this.#rewriting(input.rewriting, hosts, startUrl.hostname)
    const counterContext = this.#counterContext()
    return {
      id,
      file: this.document.file,
      title: textOf(input.title),
      description: input.description === undefined ? {} : textOf(input.description),
      provider: input.provider,
      subjects: input.subjects,
      startUrl: startUrl.href,
      hosts,
      ...(input.addresses && { addresses: input.addresses }),
      licence: compileLicence(id, input.licence),
      isOpen: input.open,
      ...(rewriting && { rewriting }),
      ...(input.usage && { usage: this.#usage(input.usage, hosts, input.hosts.length) }),
      ...(input.counter && { counter: compileCounter(input.counter, counterContext) }),
      ...(input.sushi && { sushi: compileSushi(input.sushi, counterContext) }),
      ...(input.check && {
        check: compileCheck(input.check, {
          hosts,
          startUrl: startUrl.href,
          isTested: hosts.length === input.hosts.length,
          note: this.#note,
        }),
      }),
    }
  }

  #counterContext(): CounterContext {
    const { readSecret, networks } = this.#context
    const folder = dirname(this.document.file)
    return {
      networks: networks?.map(({ name }) => name),
      readSecret: readSecret && ((source) => readSecret(source, folder)),
      note: this.#note,
    }
  }

  #rewriting(
    input: ResourceInput['rewriting'],
    hosts: readonly HostRule[],
    startHost: string,
  ): RewritingOptions | undefined {
    if (input === undefined) return undefined
    const { readSecret } = this.#context
    const folder = dirname(this.document.file)
    return compileRewriting(input, {
      hosts,
      startHost,
      readSecret: readSecret && ((source) => readSecret(source, folder)),
      note: this.#note,
    })
  }

  /** With a host missing, its addresses would be taken for others'. */
  #usage(
    input: NonNullable<ResourceInput['usage']>,
    hosts: readonly HostRule[],
    writtenHosts: number,
  ): readonly UsePattern[] {
    const isTested = hosts.length === writtenHosts
    return compileUsage(input, { hosts, isTested, note: this.#note })
  }

  #hosts(written: ResourceInput['hosts']): HostRule[] {
    return written.flatMap((entry, index) => {
      const answer = parseHost(entry)
      if ('message' in answer) {
        this.#note(answer.number, ['hosts', index], answer.message)
        return []
      }
      const own = this.#ownHostIn(answer.rule)
      if (own === undefined) return [answer.rule]
      const message = `found "${answer.rule.host}", which takes in the gateway's own "${own}"; expected a publisher`
      this.#note('F013', ['hosts', index], message)
      return []
    })
  }

  /** The gateway's own name that a rule takes in; the gateway would ask itself, and so on. */
  #ownHostIn(rule: HostRule): string | undefined {
    const { portalHost, zoneHost } = this.#context
    if (portalHost !== undefined && coversName(rule, portalHost)) return portalHost
    if (zoneHost === undefined) return undefined
    const isInZone = rule.host.endsWith(`.${zoneHost}`)
    return isInZone || rule.host === zoneHost || coversName(rule, zoneHost) ? zoneHost : undefined
  }

  #doubtLicence({ licence }: ResourceInput): void {
    const { timeZone = 'UTC', clock = systemClock, networks, units } = this.#context
    const context = { timeZone, clock, networks, units }
    for (const { number, path, message } of licenceDoubts(licence, context)) {
      this.#note(number, path, message)
    }
  }

  #noteProblem({ kind, path, message, line }: OperatorDocument['problems'][number]): void {
    this.findings.push(ruleFinding(problemNumbers[kind], this.document.file, path, message, line))
  }

  readonly #note = (number: RuleFindingNumber, path: DocumentPath, message: string): void => {
    const line = path.length === 0 ? undefined : this.document.lineOf(path)
    this.findings.push(ruleFinding(number, this.document.file, path, message, line))
  }
}
