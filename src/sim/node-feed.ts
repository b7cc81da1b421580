/**
 * The feed of one life of a node: from its disk at once, then from control whenever that has something newer, kept on disk.
 * What must stay true: a node starts without control whenever its disk holds a configuration.
 */
import { LocalFeed } from '../adapters/transport/local-feed.ts'
import type { ControlPlane } from './control-plane.ts'
import type { Disk } from './disk.ts'
import type { Life } from './host.ts'
import type { Network } from './network.ts'

const ASK_MS = 500
/** Where control is on the network. */
export const CONTROL = 'control'

export interface NodeFeedOptions {
  readonly site: string
  readonly life: Life
  readonly disk: Disk
  readonly control: ControlPlane
  readonly network: Network
}

export function followControl({ site, life, disk, control, network }: NodeFeedOptions): LocalFeed {
  const feed = new LocalFeed((error) => {
    throw error
  })
  const kept = disk.feed.read()
  if (kept !== undefined) feed.publish(kept)
  const ask = () => {
    const snapshot = control.ask()
    const isNews = snapshot !== null && snapshot.revision > (feed.current()?.revision ?? 0)
    const tripMs = isNews ? network.roundTrip(site, CONTROL, 'frame') : null
    if (isNews && tripMs !== null)
      life.after(tripMs, () => {
        disk.feed.write(snapshot)
        feed.publish(snapshot)
      })
    life.after(ASK_MS, ask)
  }
  life.after(0, ask)
  return feed
}
