/** One process by itself: readiness, its end, and every reason not to start, in a sentence and an exit code. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { CertificateAuthority } from '../../src/adapters/probes/testing/certificates.ts'
import { eventually } from './harness/eventually.ts'
import { freePort } from '../../src/adapters/probes/testing/free-port.ts'
import { ServiceProcess } from './harness/service-process.ts'

/** systemd's end of the socket. Node has no datagram sockets on paths; perl-base is on every Debian. */
const LISTENER = `
  use IO::Socket::UNIX; use Socket;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
  $| = 1; print "listening\\n";
  while (1) { $socket->recv(my $message, 4096); print "$message\\n" }`

const authority = new CertificateAuthority()
let folder: string
let services: ServiceProcess[] = []
let listener: ChildProcess | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-service-'))
})
afterEach(async () => {
  for (const service of services) await service.end('SIGKILL')
  services = []
  listener?.kill()
  listener = null
  rmSync(folder, { recursive: true })
})
afterAll(() => {
  authority[Symbol.dispose]()
})

function checker(
  name: string,
  settings: Record<string, unknown> = {},
  environment: Record<string, string> = {},
): ServiceProcess {
  const { certificateFile, keyFile } = authority.issue(name, [`URI:fairlead://checker/ams/${name}`])
  const service = new ServiceProcess('checker', {
    ...{ folder, name, environment },
    settings: {
      ...{ certificateFile, keyFile, caFile: authority.caFile },
      ...{ controls: ['127.0.0.1:1'], frames: '127.0.0.1:0', ...settings },
    },
  })
  services.push(service)
  return service
}

it('tells systemd when it is ready and when it stops, and needs no control for either', async () => {
  const socket = join(folder, 'notify')
  listener = spawn('perl', ['-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  let heard = ''
  listener.stdout?.on('data', (chunk: Buffer) => (heard += chunk.toString()))
  await eventually(() => {
    expect(heard).toContain('listening')
  })
  const service = checker('c1', {}, { NOTIFY_SOCKET: socket })
  expect(await service.start()).toMatch(/^checker c1 in site ams: frames at port \d+$/)
  await eventually(() => {
    expect(heard).toContain('READY=1')
  })
  expect(await service.end('SIGTERM')).toBe(0)
  await eventually(() => {
    expect(heard).toContain('STOPPING=1')
  })
})

it('starts with a certificate that the script of the examples makes', async () => {
  const script = join(import.meta.dirname, '../../examples/processes/certificate.sh')
  for (const [file, uri] of [
    ['checker', 'fairlead://checker/fra/fra-1'],
    ['other', 'fairlead://control/c'],
  ])
    execFileSync(script, [file!, uri!], { cwd: folder, stdio: 'pipe' })
  expect(statSync(join(folder, 'checker.key')).mode & 0o777).toBe(0o600)
  const at = (name: string) => join(folder, name)
  const files = { certificateFile: at('checker.pem'), keyFile: at('checker.key'), caFile: at('ca.pem') }
  expect(await checker('c1', files).start()).toContain('checker fra-1 in site fra')
})

it('each reason not to start is one sentence', async () => {
  const taken = createServer().listen(await freePort(), '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const running = checker('c1')
  await running.start()
  const control = authority.issue('control', ['URI:fairlead://control/c'])
  const cases: [ServiceProcess, number, string][] = [
    [checker('c2', { frames: `127.0.0.1:${port}` }), 5, `frames cannot be served on 127.0.0.1:${port}`],
    [checker('c3', { dataDir: running.dataDir }), 8, 'another fairlead'],
    [checker('c4', { caFile: join(folder, 'none') }), 7, 'cannot read the authorities in'],
    [
      checker('c5', { certificateFile: control.certificateFile, keyFile: control.keyFile }),
      2,
      'a certificate of a checker is expected',
    ],
    [checker('c6', { interval: 5 }), 2, "c6.yaml:9:1: unknown field 'interval'"],
  ]
  for (const [service, code, sentence] of cases) {
    const failed: unknown = await service.start().catch((error: unknown) => error)
    expect(failed).toMatchObject({ message: expect.stringContaining(`ended with ${code}: `) as unknown })
    expect((failed as Error).message).toContain(sentence)
  }
  taken.close()
})
