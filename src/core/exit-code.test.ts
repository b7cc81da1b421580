import { expect, it } from 'vitest'
import { CommandError, EXIT } from './exit-code.ts'

it('no two outcomes share an exit code, and none is one that shells give away', () => {
  const codes = Object.values(EXIT)
  expect(new Set(codes).size).toBe(codes.length)
  for (const code of codes) expect(code).toBeLessThan(64)
})

it('a command error carries its code, its sentence and its cause', () => {
  const cause = new Error('EADDRINUSE')
  const error = new CommandError(EXIT.portInUse, 'the port is in use', { cause })
  expect([error.name, error.exitCode, error.message, error.cause]).toEqual([
    'CommandError',
    5,
    'the port is in use',
    cause,
  ])
})
