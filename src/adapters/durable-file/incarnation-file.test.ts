import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { EXIT } from '../../core/exit-code.ts'
import { reserveIncarnation } from './incarnation-file.ts'

const WALL_MS = 1_790_000_000_123
const folder = () => mkdtemp(join(tmpdir(), 'fairlead-incarnation-'))
const silent = pino({ level: 'silent' })

it('is the wall clock in seconds at first, then always more, also when the clock was set back', async () => {
  const dataDir = join(await folder(), 'made', 'here')
  expect(await reserveIncarnation(dataDir, WALL_MS, silent)).toBe(1_790_000_000)
  expect(await reserveIncarnation(dataDir, WALL_MS, silent)).toBe(1_790_000_001)
  expect(await reserveIncarnation(dataDir, 5_000, silent)).toBe(1_790_000_002)
  expect(await reserveIncarnation(dataDir, WALL_MS + 60_000, silent)).toBe(1_790_000_060)
  expect(await readdir(dataDir)).toEqual(['checker-incarnation.json'])
})

it.each(['', '{', '[]', '{"incarnation":-1}', '{"incarnation":1e300}', '{"incarnation":"5"}'])(
  'sets %j aside, says so, and goes on',
  async (text) => {
    const dataDir = await folder()
    await writeFile(join(dataDir, 'checker-incarnation.json'), text)
    const lines: string[] = []
    const logger = pino({ level: 'error' }, { write: (line: string) => lines.push(line) })
    expect(await reserveIncarnation(dataDir, WALL_MS, logger)).toBe(1_790_000_000)
    expect(await readFile(join(dataDir, `checker-incarnation.json.damaged-${WALL_MS}`), 'utf8')).toBe(text)
    expect(lines).toEqual([expect.stringContaining('set aside')])
    expect(await reserveIncarnation(dataDir, WALL_MS, logger)).toBe(1_790_000_001)
  },
)

it('names the path and has an exit code when it cannot write', async () => {
  const path = join(await folder(), 'file')
  await writeFile(path, '')
  await expect(reserveIncarnation(path, WALL_MS, silent)).rejects.toMatchObject({
    exitCode: EXIT.fileAccess,
    message: expect.stringContaining(path) as string,
  })
})
