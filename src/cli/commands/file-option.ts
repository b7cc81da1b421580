/** The option `-f`, which apply, diff and validate share, and how the files' contents are counted. */
import type { Command } from 'commander'
import type { Document } from '../../core/model/document.ts'

export function addFileOption(command: Command): Command {
  return command.requiredOption(
    '-f, --filename <path>',
    "a YAML or JSON file, a folder of them, or '-' for stdin; repeat it for several",
    (path: string, paths: string[] | undefined) => [...(paths ?? []), path],
  )
}

/** Such as '2 sites, 1 zone, 0 monitors, 1 pool, 3 load balancers'. */
export function countText(document: Document): string {
  const count = (items: readonly unknown[], noun: string) =>
    `${items.length} ${noun}${items.length === 1 ? '' : 's'}`
  const some = (items: readonly unknown[], noun: string) => (items.length === 0 ? [] : [count(items, noun)])
  return [
    count(document.sites, 'site'),
    count(document.zones, 'zone'),
    count(document.monitors, 'monitor'),
    count(document.pools, 'pool'),
    count(
      document.pools.flatMap((pool) => pool.endpoints),
      'endpoint',
    ),
    count(document.loadBalancers, 'load balancer'),
    // Seldom there, so not mentioned when they are not.
    ...some(document.clientMaps, 'client map'),
    ...some(document.overrides, 'override'),
    ...some(document.drains, 'drain'),
    ...some(document.rules, 'rule'),
    ...some(document.protections, 'protection'),
  ].join(', ')
}
