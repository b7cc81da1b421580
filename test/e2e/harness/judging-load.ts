/**
 * A steady load of questions of which every reply is judged (judging-client.ts), beside what a test does meanwhile.
 * What must stay true: while an answer changes, the old one and the new one are right; once the change is seen everywhere, the old
 * one is not.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { JudgedCounts, JudgedQuestion, JudgingOrder } from './judging-client.ts'

export class JudgingLoad {
  readonly #child: ChildProcess
  #questions: readonly JudgedQuestion[]

  private constructor(child: ChildProcess, questions: readonly JudgedQuestion[]) {
    this.#child = child
    this.#questions = questions
  }

  static async start(options: Omit<Extract<JudgingOrder, { kind: 'start' }>, 'kind'>): Promise<JudgingLoad> {
    const child = fork(join(import.meta.dirname, 'judging-client.ts'), { stdio: 'inherit' })
    const load = new JudgingLoad(child, options.questions)
    await load.#order({ kind: 'start', ...options })
    return load
  }

  /** From now on `right` is an answer to the question about `name`, too. */
  alsoRight(name: string, right: readonly string[]): Promise<void> {
    return this.#redefine(name, (now) => [...now, right])
  }

  /** From now on `right` is the only one. */
  onlyRight(name: string, right: readonly string[]): Promise<void> {
    return this.#redefine(name, () => [right])
  }

  async end(): Promise<JudgedCounts> {
    const told = once(this.#child, 'message')
    const exited = once(this.#child, 'exit')
    this.#child.send({ kind: 'end' } satisfies JudgingOrder)
    const [counts] = (await told) as [JudgedCounts]
    await exited
    return counts
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  async #redefine(
    name: string,
    change: (right: JudgedQuestion['right']) => JudgedQuestion['right'],
  ): Promise<void> {
    this.#questions = this.#questions.map((one) =>
      one.name === name ? { ...one, right: change(one.right).map((values) => [...values].sort()) } : one,
    )
    await this.#order({ kind: 'truth', questions: this.#questions })
  }

  async #order(order: JudgingOrder): Promise<void> {
    const taken = once(this.#child, 'message')
    this.#child.send(order)
    await taken
  }
}
