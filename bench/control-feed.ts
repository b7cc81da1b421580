/** From the request of a change set until nodes on the feed have it, and what a thousand nodes cost the controls. */
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Child } from './child.ts'
import type { BenchedControl, ControlCluster } from './control-cluster.ts'
import type { NodesReply, NodesRequest } from './control-nodes.ts'
import { BALANCERS, movedEndpoint } from './control-world.ts'
import { processCpuUs } from './process-cpu.ts'
import { nowMs } from './propagation-client.ts'
import { quantile } from './quantile.ts'
import { round } from './round.ts'

const CHANGES = 200
/** From one change to the next, at random, so that they fall on all phases of what is periodic. */
const PAUSE_MS = { least: 10, most: 110 }
const NODES = 1_000
const CALM_MS = 10_000
const CHANGES_TO_ALL = 20

/** To one node of `reader`; the change sets go to `writer`. */
export async function measureFeed(cluster: ControlCluster, writer: BenchedControl, reader: BenchedControl) {
  const node = await cluster.nodes(reader, 1)
  const tookMs: number[] = []
  for (let move = 1; move <= CHANGES; move += 1) {
    await delay(PAUSE_MS.least + Math.random() * (PAUSE_MS.most - PAUSE_MS.least))
    tookMs.push((await timeChange({ writer, nodes: [node], changeSet: `feed-change-${move}`, move })).tookMs)
  }
  return { p50Ms: round(quantile(tookMs, 0.5), 1), p99Ms: round(quantile(tookMs, 0.99), 1) }
}

/** 1,000 nodes, half of them at each of two controls. */
export async function measureFleet(
  cluster: ControlCluster,
  { firstMove, progress }: { readonly firstMove: number; readonly progress: (line: string) => void },
) {
  const { controls } = cluster
  const startedMs = nowMs()
  const nodes = await Promise.all(controls.map((control) => cluster.nodes(control, NODES / controls.length)))
  const connected = await count(nodes)
  progress(`${NODES} nodes have the whole configuration after ${round((nowMs() - startedMs) / 1_000, 1)} s`)
  const begin = await look(controls)
  await delay(CALM_MS)
  const calm = await look(controls)
  const before = await count(nodes)
  const tookMs: number[] = []
  for (let move = firstMove; move < firstMove + CHANGES_TO_ALL; move += 1) {
    await delay(PAUSE_MS.most)
    const changeSet = `fleet-change-${move}`
    tookMs.push((await timeChange({ writer: controls[0]!, nodes, changeSet, move })).tookMs)
  }
  const after = await count(nodes)
  if (after.ended > 0) throw new Error(`${after.ended} nodes lost their feed`)
  const end = await look(controls)
  const changes = after.lines - before.lines
  return {
    snapshotBytes: Math.round(connected.bytes / NODES),
    changeBytesPerNode: Math.round((after.bytes - before.bytes) / changes),
    commitToAllNodesP50Ms: round(quantile(tookMs, 0.5), 1),
    commitToAllNodesMaxMs: round(quantile(tookMs, 1), 1),
    ...Object.fromEntries(
      controls.flatMap((_, index) => {
        const [one, two, three] = [begin, calm, end].map((looks) => looks[index]!)
        const share = (two!.cpuUs - one!.cpuUs) / (two!.atMs - one!.atMs) / 10
        const name = `control${index + 1}`
        return [
          [`${name}CalmCorePct`, round(share, 1)],
          [`${name}ChangeCpuMs`, round((three!.cpuUs - two!.cpuUs) / CHANGES_TO_ALL / 1_000, 1)],
          [`${name}RssMb`, Math.round(three!.rssMb)],
        ]
      }),
    ),
  }
}

async function timeChange({
  writer,
  nodes,
  changeSet,
  move,
}: {
  readonly writer: BenchedControl
  readonly nodes: readonly Child[]
  readonly changeSet: string
  readonly move: number
}): Promise<{ readonly tookMs: number }> {
  const heard = nodes.map((child) =>
    child.ask<NodesReply>({ kind: 'heard', changeSet } satisfies NodesRequest),
  )
  const fromMs = nowMs()
  const committed = writer.api.commit(changeSet, [movedEndpoint(move % BALANCERS, move)])
  const [replies] = await Promise.all([Promise.all(heard), committed])
  return { tookMs: Math.max(...replies.map(({ lastMs }) => lastMs)) - fromMs }
}

async function count(nodes: readonly Child[]) {
  const replies = await Promise.all(
    nodes.map((child) => child.ask<NodesReply>({ kind: 'count' } satisfies NodesRequest)),
  )
  const sum = (of: (reply: NodesReply) => number) => replies.reduce((total, reply) => total + of(reply), 0)
  return {
    bytes: sum(({ bytes }) => bytes),
    lines: sum(({ lines }) => lines),
    ended: sum(({ ended }) => ended),
  }
}

function look(controls: readonly BenchedControl[]) {
  return Promise.all(
    controls.map(async ({ process: { pid } }) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8')
      const rssMb = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024
      return { atMs: nowMs(), cpuUs: await processCpuUs(pid), rssMb }
    }),
  )
}
