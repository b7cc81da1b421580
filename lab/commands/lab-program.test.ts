import { expect, it } from 'vitest'
import { labProgram } from './lab-program.ts'

it('says of every command what it takes, and shows how it is used', () => {
  const program = labProgram(() => undefined)
  expect(program.commands.map((command) => command.name())).toEqual(
    'up down status shell fault run soak'.split(' '),
  )
  const options = Object.fromEntries(
    program.commands.map((command) => [command.name(), command.options.map(({ long }) => long)]),
  )
  const building = ['--sites', '--pace', '--endpoints', '--rate', '--delay']
  expect(options).toMatchObject({
    ...{ up: [...building, '--brief'], down: [], status: ['--json'], fault: ['--json'] },
    run: expect.arrayContaining([...building, '--all', '--list', '--brief', '--json']) as unknown,
    soak: expect.arrayContaining([...building, '--minutes', '--seed', '--json']) as unknown,
  })
  let help = ''
  program.configureOutput({ writeOut: (text) => (help += text) }).outputHelp()
  for (const part of ['npm run lab -- run --all --json', 'Exit codes:']) expect(help).toContain(part)
})
