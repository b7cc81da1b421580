/** gdnsd (Debian's package) with resources like ours: weighted addresses, and addresses by the client's country. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../src/adapters/probes/testing/free-port.ts'
import { Program } from './program.ts'
import { ADDRESSES, NAMES } from './serving-world.ts'

/** Its address database is not MaxMind's new format: networks in its own configuration, as it documents. */
const NETS = Array.from(
  { length: 200 },
  (_, index) => `    ${index}.0.0.0/8 => [${index % 2 === 0 ? 'eu, us' : 'us, eu'}]`,
)

export class Gdnsd implements AsyncDisposable {
  readonly port: number
  readonly #program: Program

  private constructor(port: number, program: Program) {
    this.port = port
    this.#program = program
  }

  static async start(folder: string): Promise<Gdnsd> {
    const port = await freePort()
    await mkdir(join(folder, 'zones'), { recursive: true })
    await writeFile(join(folder, 'config'), configuration(folder, port))
    await writeFile(join(folder, 'zones', 'gdnsd.test'), zone())
    return new Gdnsd(port, new Program('gdnsd', ['-c', folder, '-D', 'start']))
  }

  get pid(): number {
    return this.#program.pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
  }
}

function configuration(folder: string, port: number): string {
  const weighted = ADDRESSES.map(
    ({ address, weight }, index) => `        a${index} = [ ${address}, ${weight} ]`,
  )
  return `options => {
  listen => 127.0.0.1:${port}
  run_dir => ${join(folder, 'run')}
  state_dir => ${join(folder, 'state')}
  udp_threads => 1
  tcp_threads => 1
}
plugins => {
  weighted => {
    service_types => up
    multi => false
    w => {
${weighted.join('\n')}
    }
  }
  geoip => {
    maps => { m => { datacenters => [eu, us], nets => {
${NETS.join('\n')}
    } } }
    resources => { g => { map => m, service_types => up, dcmap => { eu => ${ADDRESSES[0].address}, us => ${ADDRESSES[1].address} } } }
  }
}
`
}

function zone(): string {
  const names = Array.from({ length: NAMES }, (_, index) => [
    ...ADDRESSES.map(({ address }) => `plain${index} 30 A ${address}`),
    `weighted${index} 30 DYNA weighted!w`,
    `geo${index} 30 DYNA geoip!g`,
  ])
  return [
    '@ SOA ns1 hostmaster ( 1 7200 1800 259200 300 )',
    '@ NS ns1',
    'ns1 A 192.0.2.53',
    ...names.flat(),
    '',
  ].join('\n')
}
