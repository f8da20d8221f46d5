/**
 * A worker: one gateway process of several. It leaves signals to its supervisor, which a terminal
 * sends to all of them at once, and tells it what the management address shows.
 * @module
 */
import type { GatewayConfig } from '../config/config.ts'
import { createGateway, type Gateway } from '../gateway.ts'
import type { Told } from '../telling.ts'
import { errorLines } from './words.ts'
import type { Question, Supervision, Word } from './worker-messages.ts'

/** Serves under a supervisor; rejects with what keeps it from starting. */
export async function work(config: GatewayConfig, supervisor: Supervision): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
  let told: Told | undefined
  const gateway = createGateway(config, (facts) => {
    told = facts
    return Promise.resolve({ stop: () => Promise.resolve() })
  })
  async function answer(question: Question): Promise<void> {
    const word = await answerTo(question, gateway, told)
    await supervisor.say(word)
    if (question.ask === 'stop') process.exit(word.say === 'done' ? 0 : 1)
  }
  supervisor.listen((question) => {
    void answer(question)
  })
  await gateway.start()
  await supervisor.say({ say: 'serving' })
}

async function answerTo(
  { ask, number }: Question,
  gateway: Gateway,
  told: Told | undefined,
): Promise<Word> {
  try {
    if (ask === 'reload') return { say: 'reloaded', number, version: await gateway.reload() }
    if (ask === 'stop') await gateway.stop()
    if (ask === 'metrics' && told !== undefined) {
      return { say: 'metrics', number, snapshot: await told.metrics.snapshot() }
    }
    if (ask === 'unready') {
      const reasons = told === undefined ? ['a worker is starting'] : await told.unready()
      return { say: 'unready', number, reasons }
    }
    return { say: 'done', number }
  } catch (error) {
    return { say: 'failed', number, lines: errorLines(error) }
  }
}
