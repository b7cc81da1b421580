/**
 * The differential test: what the real PowerDNS answers, by UDP and TCP, with and without a client subnet, is what the pure
 * functions say of the same configuration and health, and what `explain` shows. One case is one load balancer under one health.
 */
import { systemClock } from '../../src/adapters/clock/system-clock.ts'
import type { AskOptions } from '../../src/adapters/dns-client/dns-client.ts'
import { readLocations } from '../../src/adapters/geoip/read-locations.ts'
import { locationDatabase } from '../../src/adapters/geoip/testing/location-database.ts'
import { valuesOf, type RecordSet } from '../../src/core/dns/record-set.ts'
import { DEFAULT_TIMES } from '../../src/core/health/verdict-book.ts'
import type { Resource } from '../../src/core/model/resource.ts'
import { KINDS } from '../../src/core/model/resource.ts'
import { AnswerPlan } from '../../src/core/steering/answer-plan.ts'
import { evaluate, haversine, type Client } from '../../src/core/steering/evaluate.ts'
import type { ExplainContext } from '../../src/core/steering/explain-context.ts'
import type { Leaf, Selector } from '../../src/core/steering/selector.ts'
import { plainView } from '../../src/core/steering/steering-view.ts'
import type { FrontChoice } from '../../src/nameserver/front/front-choice.ts'
import type { DnsAnswer } from '../../src/ports/dns-server.ts'
import { VerdictReader } from '../../src/readers/verdict-reader.ts'
import { explainContextOf, explainedDifference } from './differential-explain.ts'
import { PLACES, worldOf, ZONE, type World } from './differential-world.ts'
import { makeRig, until, type Rig } from './powerdns-rig.ts'

export interface Difference {
  readonly seed: number
  readonly question: string
  readonly expected: string
  readonly got: string
}

export interface DifferentialResult {
  readonly cases: number
  readonly questions: number
  readonly differences: readonly Difference[]
  /** Of weighted answers: how often each value came, and its weight. */
  readonly draws: readonly { readonly name: string; readonly counts: number[]; readonly weights: number[] }[]
}

const BALANCERS = 100
const PARALLEL = 24
const TYPES = ['A', 'AAAA', 'CNAME', 'HTTPS', 'SVCB'] as const
const DRAWS = 1_500
/** Long enough for every round of the read-back. */
const CALM_MS = 600
/** One checker that speaks now and then: its word stands, and nothing settles. */
const TIMES = { ...DEFAULT_TIMES, leaseMs: 3_600_000, settleMs: 0 }

type Records = ReadonlyMap<string, readonly RecordSet[]>

/** One PowerDNS, `rounds` worlds one after the other; `onRound` hears how many cases there were. */
export async function runDifferential(
  { seed, rounds, front }: { readonly seed: number; readonly rounds: number; readonly front?: FrontChoice },
  onRound: (cases: number) => void = () => undefined,
): Promise<DifferentialResult> {
  const rig = await makeRig({ locations: locationDatabase(PLACES), times: TIMES, ...(front && { front }) })
  const { feed, frames } = rig
  const reader = new VerdictReader({
    feed,
    frames,
    clock: systemClock,
    times: TIMES,
    saved: [],
    keepsOutput: false,
  })
  const nobody = () => undefined
  reader.start({ onTransitions: nobody, onConfiguration: nobody, onAlarm: nobody })
  const result = {
    cases: 0,
    questions: 0,
    differences: [] as Difference[],
    draws: [] as DifferentialResult['draws'][number][],
  }
  try {
    const locate = await readLocations([rig.locationsPath])
    await rig.nameserver.start()
    for (let round = 0; round < rounds; round += 1) {
      const worldSeed = seed + round * 1_000
      const world = worldOf(worldSeed, BALANCERS)
      const records = await publish(rig, reader, world)
      const questions = questionsOf(world, records)
      result.cases += world.configuration.loadBalancer.size
      result.questions += questions.length
      const context = explainContextOf(world.configuration, reader, locate)
      const wrong = await askAll(questions, (question) => differenceOf(rig, question, context))
      result.differences.push(...wrong.map((one) => ({ seed: worldSeed, ...one })))
      if (result.draws.length < 3) result.draws.push(...(await drawsOf(rig, records)))
      onRound(result.cases)
    }
  } finally {
    reader.stop()
    await rig.destroy()
  }
  return result
}

/** Resolves once everything is published and nothing more comes: with what the pure functions say of the same verdicts. */
async function publish(rig: Rig, reader: VerdictReader, { configuration, states }: World): Promise<Records> {
  rig.configure(
    KINDS.flatMap((kind) => [...configuration[kind]].map(([key, spec]) => ({ kind, key, spec }) as Resource)),
  )
  rig.say(states)
  await until('every verdict', () =>
    Object.entries(states).every(
      ([key, state]) => state === 'unknown' || reader.book.standing(key)?.state === state,
    ),
  )
  const plan = new AnswerPlan(configuration)
  const view = plainView((key) => reader.book.standing(key), Date.now())
  const records = new Map(
    Array.from(configuration.loadBalancer.values(), (balancer) => [
      balancer.name,
      plan.policyRecords(balancer, view),
    ]),
  )
  await until('everything is published', () => isPublished(rig, records), 20_000)
  return records
}

async function isPublished(rig: Rig, records: Records): Promise<boolean> {
  const { answers } = rig.recorder
  const before = answers.length
  await new Promise((resolve) => setTimeout(resolve, CALM_MS))
  if (answers.length !== before) return false
  const latest = new Map(answers.map((answer) => [`${answer.name} ${answer.type}`, answer]))
  return [...records.values()].flat().every((set) => {
    const answer = latest.get(`${set.name} ${set.type}`)
    return typeof answer?.readBackAtMs === 'number' && answer.values.join() === valuesOf(set).join()
  })
}

interface Question {
  readonly name: string
  readonly type: (typeof TYPES)[number]
  readonly records: readonly RecordSet[]
  /** Whose subnet goes with it; null: none, so that the client is this machine. */
  readonly client: string | null
  readonly tcp: boolean
}

function questionsOf({ clients }: World, balancers: Records): Question[] {
  const [first = null] = clients
  return [...balancers].flatMap(([owner, records]) =>
    TYPES.flatMap((type): Question[] => {
      const name = owner.replace(/^\*/, 'any')
      const ask = (client: string | null, tcp: boolean) => ({ name, type, records, client, tcp })
      const steered = records.some(
        (set) => set.kind === 'steered' && (set.type === type || set.type === 'CNAME'),
      )
      // Where the client makes no difference one of them is as good as all.
      return [
        ...[ask(null, false), ask(null, true), ask(first, true)],
        ...(steered ? clients : clients.slice(0, 1)).map((client) => ask(client, false)),
      ]
    }),
  )
}

async function askAll<T>(
  questions: readonly Question[],
  ask: (one: Question) => Promise<T | null>,
): Promise<T[]> {
  const found: T[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let question = questions[next++]; question !== undefined; question = questions[next++]) {
      const one = await ask(question)
      if (one !== null) found.push(one)
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
  return found
}

async function differenceOf(
  rig: Rig,
  question: Question,
  context: ExplainContext,
): Promise<Omit<Difference, 'seed'> | null> {
  const { name, type, client, tcp } = question
  const options: AskOptions = {
    tcp,
    timeoutMs: 5_000,
    ...(client !== null && {
      clientSubnet: { address: client, prefixLength: client.includes(':') ? 128 : 32 },
    }),
  }
  const answer = await rig.client.ask(name, type, options)
  const address = client ?? '127.0.0.1'
  const expected = expectationOf(question, { address, location: context.locate(address) })
  const explained = explainedDifference({ name, type, client: address }, answer, context)
  if (expected.holds(answer) && explained === null) return null
  const asked = `${name} ${type}${client === null ? '' : ` for ${client}`}${tcp ? ' by TCP' : ''}`
  return { question: asked, expected: explained ?? expected.text, got: JSON.stringify(answer) }
}

interface Expected {
  readonly text: string
  holds(answer: DnsAnswer): boolean
}

function expectationOf({ name, type, records }: Question, client: Client): Expected {
  const alias = records.find((set) => set.type === 'CNAME')
  const set = records.find((one) => one.type === type) ?? (alias?.kind === 'refused' ? alias : undefined)
  if (set === undefined) {
    // A name with nothing at all is none, but for the apex, which has the SOA.
    const rcode = records.length === 0 && name !== ZONE ? 'NXDOMAIN' : 'NOERROR'
    return rcodeOnly(rcode)
  }
  if (set.kind === 'refused') return rcodeOnly('SERVFAIL')
  if (set.kind === 'plain') return exactly(set.values, set.ttlSec)
  const evaluation = evaluate(set.selector, client, Math.random)
  if (evaluation.refused) return rcodeOnly('SERVFAIL')
  const leaf = leafOf(set.selector, evaluation.branch)
  if (leaf.kind === 'values' || leaf.kind === 'sticky' || leaf.kind === 'empty')
    return exactly(evaluation.values, set.ttlSec)
  return oneDraw(leaf, evaluation.values, { client, ttlSec: set.ttlSec })
}

function leafOf(selector: Selector, branch: number | null): Leaf {
  if (selector.kind !== 'by-client') return selector
  return branch === null ? selector.otherwise : (selector.branches[branch]?.then ?? selector.otherwise)
}

function rcodeOnly(rcode: string): Expected {
  return {
    text: `${rcode}, nothing`,
    holds: (answer) => answer.kind === 'answer' && answer.rcode === rcode && answer.values.length === 0,
  }
}

function exactly(values: readonly string[], ttlSec: number): Expected {
  const sorted = [...values].sort()
  return {
    text: `${sorted.join(' ')} (ttl ${ttlSec})`,
    holds: (answer) =>
      answer.kind === 'answer' &&
      answer.rcode === 'NOERROR' &&
      answer.values.join() === sorted.join() &&
      (answer.ttlSec ?? ttlSec) === ttlSec,
  }
}

/** What chance decides: as many, all different, of the same places where places count. */
function oneDraw(
  leaf: Extract<Leaf, { kind: 'weighted' | 'nearest' | 'refuse' }>,
  example: readonly string[],
  { client, ttlSec }: { readonly client: Client; readonly ttlSec: number },
): Expected {
  const choices = 'choices' in leaf ? leaf.choices : []
  const placesOf = (values: readonly string[]) =>
    values
      .map((value) => {
        const { latitude, longitude } = client.location ?? {}
        const choice = leaf.kind === 'nearest' ? leaf.choices.find((one) => one.value === value) : undefined
        if (choice === undefined || latitude === undefined || longitude === undefined) return 0
        return haversine({ latitude, longitude }, choice)
      })
      .sort((a, b) => a - b)
      .join()
  return {
    text: `${example.length} of ${choices.map(({ value }) => value).join(' ')}, such as ${example.join(' ')} (ttl ${ttlSec})`,
    holds: (answer) =>
      answer.kind === 'answer' &&
      answer.rcode === 'NOERROR' &&
      answer.values.length === example.length &&
      new Set(answer.values).size === example.length &&
      answer.values.every((value) => choices.some((choice) => choice.value === value)) &&
      placesOf(answer.values) === placesOf(example) &&
      answer.ttlSec === ttlSec,
  }
}

/** Asks for one weighted answer again and again. */
async function drawsOf(rig: Rig, records: Records): Promise<DifferentialResult['draws']> {
  for (const set of [...records.values()].flat()) {
    if (set.kind !== 'steered' || set.selector.kind !== 'weighted' || set.selector.answers !== 1) continue
    const { choices } = set.selector
    const counts = choices.map(() => 0)
    const { name, type } = set
    const questions = Array.from({ length: DRAWS }, (): Question => ({
      ...{ name: name.replace(/^\*/, 'any'), type, records: [], client: null, tcp: false },
    }))
    await askAll(questions, async (question) => {
      const answer = await rig.client.ask(question.name, question.type, { timeoutMs: 5_000 })
      const value = answer.kind === 'answer' ? answer.values[0] : undefined
      const index = choices.findIndex((choice) => choice.value === value)
      counts[index] = (counts[index] ?? 0) + 1
      return null
    })
    return [{ name, counts, weights: choices.map(({ weight }) => weight) }]
  }
  return []
}
