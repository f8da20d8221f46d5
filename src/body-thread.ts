/**
 * What a thread that rewrites bodies runs: it makes a host map of the rules that it is told and does
 * one body after the other.
 *
 * It yields to the thread that serves everybody: on a core that both are on, whoever asks for a
 * short page comes first.
 * @module
 */
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'

import { GatewayError } from './core/errors.ts'
import { limits } from './core/limits.ts'
import type { Resource } from './core/resource.ts'
import type { Finder } from './core/rewriting-options.ts'
import { createHostMap } from './hosts/map.ts'
import { compilePattern, finderOf } from './resources/replacements.ts'
import {
  RecentRules,
  runBodyJob,
  type BodyJob,
  type ThreadAnswer,
  type ThreadQuestion,
  type ThreadRules,
  type ThreadTools,
} from './rewriting/body-job.ts'
import { giveBack } from './rewriting/memory.ts'

interface Tools {
  readonly hosts: ThreadTools['hosts']
  readonly resources: ReadonlyMap<string, Resource>
  /** By the pattern as written; rules are held against a bound of their own when they are loaded. */
  readonly finders: Map<string, Finder | undefined>
}

const known = new RecentRules<Tools>()

function toolsOf({ resources, zoneOrigin }: ThreadRules): Tools {
  return {
    hosts: createHostMap({ resources, zoneOrigin }),
    resources: new Map(resources.map((resource) => [resource.id, resource])),
    finders: new Map(),
  }
}

function finderIn({ finders }: Tools, pattern: string): Finder | undefined {
  if (finders.has(pattern)) return finders.get(pattern)
  const answer = compilePattern(pattern)
  const finder = 'compiled' in answer ? finderOf(answer.compiled) : undefined
  finders.set(pattern, finder)
  return finder
}

function answerTo(id: number, job: BodyJob): ThreadAnswer {
  const tools = known.get(job.rules)
  const resource = tools?.resources.get(job.resource)
  if (tools === undefined || resource === undefined) {
    return { id, kind: 'failed', code: 'ERR_INTERNAL', message: 'a thread lacks the rules' }
  }
  try {
    const finderFor = (pattern: string) => finderIn(tools, pattern)
    const done = runBodyJob(job, { hosts: tools.hosts, resource, finderFor })
    if (done.kind === 'changed') giveBack(Buffer.from(job.coded.buffer))
    return { id, ...done }
  } catch (error) {
    const { code, message } =
      error instanceof GatewayError ? error : new GatewayError('ERR_INTERNAL', String(error))
    return { id, kind: 'failed', code, message }
  }
}

// Elsewhere than on Linux the whole process would yield, not this thread alone.
if (process.platform === 'linux') setPriority(limits.rewriting.threadNiceness)

parentPort?.on('message', (question: ThreadQuestion) => {
  if (question.kind === 'rules') known.put(question.number, toolsOf(question.rules))
  else {
    const answer = answerTo(question.id, question.job)
    const buffer = 'bytes' in answer ? answer.bytes.buffer : undefined
    parentPort?.postMessage(answer, buffer instanceof ArrayBuffer ? [buffer] : [])
  }
})
