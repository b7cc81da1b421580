/**
 * Whether what a fault says has happened has: each waits for a sign of it, and throws where none comes. What must stay true: the sign is
 * one that an operator has, or the process itself gives, and never that the lab meant to do it.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { checkerViewSchema, nameserverViewSchema } from '../../src/core/views/health.ts'
import { statusSchema } from '../../src/core/views/status.ts'
import type { ServiceProcess } from '../../test/e2e/harness/service-process.ts'
import { monotonicMs } from '../monotonic-ms.ts'
import { powerdnsOf, type LabSite } from './lab-site.ts'
import type { World } from './world.ts'

const WITHIN_MS = 30_000
const EVERY_MS = 500
const checkersSchema = z.array(checkerViewSchema)
const nameserversSchema = z.array(nameserverViewSchema)

async function sign(world: World, what: string, isThere: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = monotonicMs() + WITHIN_MS
  while (!(await isThere())) {
    if (monotonicMs() > deadlineMs) throw new Error(`there is no sign that ${what}`)
    await world.load.pass(EVERY_MS)
  }
}

async function checkersOf(world: World) {
  return checkersSchema.parse(JSON.parse(await world.cli('get', 'checkers', '--json')))
}

export const evidence = {
  /** PowerDNS there is another process than those, and answers. The silence that `run` begins is over then. */
  replaced: async (world: World, site: LabSite, run: () => void): Promise<void> => {
    const before = powerdnsOf(site)
    if (before.length === 0) throw new Error(`no PowerDNS runs at ${site.name}`)
    await world.expecting({ silent: [site] }, async () => {
      run()
      await sign(world, 'another PowerDNS runs', () => {
        const now = powerdnsOf(site)
        return now.length > 0 && now.every((pid) => !before.includes(pid))
      })
      const fromMs = monotonicMs()
      const hasAnswered = await world.load.until(
        ({ nameserver, askedMs, rcode }) =>
          nameserver === site.nameserver.name && askedMs >= fromMs && rcode !== null,
        WITHIN_MS,
      )
      if (!hasAnswered) throw new Error('the PowerDNS that was started does not answer')
    })
  },

  /** The audit log has that this node was turned away. */
  denied: (world: World, { name }: Pick<ServiceProcess, 'name'>): Promise<void> =>
    sign(world, `${name} was turned away`, async () =>
      (await world.cli('audit', '--denied', '--json')).includes(`/${name}`),
    ),

  /** While something runs, or soon after, its log has these words once more. */
  says: async (
    world: World,
    { name, logFile }: ServiceProcess,
    { words, run }: { readonly words: string; readonly run: () => Promise<unknown> },
  ): Promise<void> => {
    const times = () => readFileSync(logFile, 'utf8').split(words).length
    const before = times()
    await run()
    await sign(world, `${name} says '${words}'`, () => times() > before)
  },

  /** Packets vanish between the sites. */
  dropped: (world: World): Promise<void> =>
    sign(world, 'a packet has vanished', () => world.network.dropped > 0),

  /** Nobody takes the word of this checker, so the control does not hear it. */
  unheard: (world: World, { name }: ServiceProcess): Promise<void> =>
    sign(world, `${name} is not heard`, async () =>
      (await checkersOf(world)).every(({ checker, live }) => checker !== name || !live),
    ),

  /** Every checker has its configuration from a control, and every nameserver reports to the first one. */
  led: (world: World): Promise<void> =>
    sign(world, 'every node has a control', async () => {
      const nameservers = JSON.parse(await world.cli('get', 'nameservers', '--json')) as unknown
      const checkers = await checkersOf(world)
      return (
        checkers.length === world.sites.length &&
        checkers.every(({ feed, live }) => feed === 'connected' && live) &&
        nameserversSchema.parse(nameservers).every(({ live }) => live)
      )
    }),

  /** An alarm with these words. */
  alarm: (world: World, words: string): Promise<void> =>
    sign(world, `there is an alarm of '${words}'`, async () => {
      const { alarms, events } = statusSchema.parse(JSON.parse(await world.cli('status', '--json')))
      const told = events.flatMap((event) => (event.kind === 'alarm' ? [event.message] : []))
      return [...alarms, ...told].some((alarm) => alarm.includes(words))
    }),

  /** Its log has a line of a time that has not come yet; a reload makes it write one. */
  ahead: (world: World, service: ServiceProcess, byMs: number): Promise<void> =>
    sign(world, `the clock of ${service.name} has jumped`, () => {
      service.signal('SIGHUP')
      const last = readFileSync(service.logFile, 'utf8').trimEnd().split('\n').at(-1) ?? '{}'
      const { time } = JSON.parse(last) as { time?: number | string }
      return time !== undefined && new Date(time).getTime() > Date.now() + byMs / 2
    }),
}
