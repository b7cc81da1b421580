import { defineConfig } from 'vitest/config'

/**
 * Tests here talk to real servers over real sockets on ports that somebody else may take in the same moment: one that fails for
 * such a reason passes the next time, one that fails for a defect does not. vitest names each test that needed it.
 */
const RETRY = 2

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'test/contract/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          testTimeout: 60_000,
          retry: RETRY,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          retry: RETRY,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
