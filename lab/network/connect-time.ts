/** How long it takes to open a connection by TCP from a namespace: one round trip, in ms. */
import { runTool } from './run-tool.ts'

const PROGRAM = `
  import { connect } from 'node:net'
  const [host, port] = process.argv.slice(1)
  const fromMs = performance.now()
  connect({ host, port }, () => {
    console.log(performance.now() - fromMs)
    process.exit()
  })`

/** `prefix` goes before a command that is to run there. Throws when nobody listens. */
export function connectTimeMs(prefix: readonly string[], host: string, port: number): number {
  const [command, ...args] = [...prefix, process.execPath, '--input-type=module', '-e', PROGRAM]
  return Number(runTool(command, [...args, '--', host, String(port)]))
}
