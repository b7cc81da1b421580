/** What nftables is told: pure text, a whole table each time, so that a change takes hold at once and nothing old is left. */
import { slowDevice, type Pair } from './addresses.ts'

export interface Trouble {
  /** Packets from the first network to the second vanish. */
  readonly cuts: readonly (readonly [string, string])[]
  /** Of the packets between any two of `lossy`, so many of a hundred vanish. */
  readonly lossPercent: number
  readonly lossy: readonly string[]
}

export function backboneRuleset({ cuts, lossPercent, lossy }: Trouble): string {
  const set = devices(...lossy)
  return table('forward', [
    ...cuts.map(([from, to]) => `iifname ${devices(from)} oifname ${devices(to)} counter drop`),
    ...(lossPercent === 0
      ? []
      : [`iifname ${set} oifname ${set} numgen random mod 100 < ${lossPercent} counter drop`]),
  ])
}

/** Packets to these addresses vanish where they would be taken in. */
export function siteRuleset(blackHoles: readonly Pair[]): string {
  return table(
    'input',
    blackHoles.flatMap(({ v4, v6 }) => [`ip daddr ${v4} drop`, `ip6 daddr ${v6} drop`]),
  )
}

/** A network may be behind either of two devices. */
function devices(...names: readonly string[]): string {
  const quoted = names.flatMap((name) => [name, slowDevice(name)]).map((name) => `"${name}"`)
  return `{ ${quoted.join(', ')} }`
}

function table(hook: string, rules: readonly string[]): string {
  return [
    'table inet lab',
    'delete table inet lab',
    'table inet lab {',
    `  chain ${hook} {`,
    `    type filter hook ${hook} priority 0; policy accept;`,
    ...rules.map((rule) => `    ${rule}`),
    '  }',
    '}',
    '',
  ].join('\n')
}
