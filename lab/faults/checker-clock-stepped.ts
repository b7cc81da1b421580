/** The clock of a checker jumps. */
import { globSync, writeFileSync } from 'node:fs'
import { withinDesign, type Fault } from '../matrix/fault.ts'
import { removeFaketimeMemory } from '../network/faketime-memory.ts'
import { evidence } from '../world/evidence.ts'

export const checkerClockStepped: Fault = {
  name: 'checker-clock-stepped',
  design:
    'The wall clock of a checker jumps an hour ahead, and back after 15 s (libfaketime, in that process alone). Nothing compares ' +
    'wall clocks: what is measured is measured by the monotonic clock of one process.',
  bound: withinDesign,
  run: async (world) => {
    const { checker } = world.site(1)
    const clock = `${checker.dataDir}.clock`
    writeFileSync(clock, '+0')
    const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
    if (library === undefined) throw new Error('libfaketime is not installed')
    await checker.end()
    const faked = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1' }
    await checker.start({ ...faked, DONT_FAKE_MONOTONIC: '1' })
    const { pid } = checker
    try {
      await world.load.pass(5_000)
      writeFileSync(clock, '+3600')
      await evidence.ahead(world, checker, 3_600_000)
      await world.endpointDies({ atLeastMs: 15_000 })
      writeFileSync(clock, '+0')
      await world.load.pass(5_000)
    } finally {
      await checker.end()
      removeFaketimeMemory(pid)
      await world.start(checker)
    }
  },
}
