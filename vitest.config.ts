import { defineConfig } from 'vitest/config'

/**
 * Where the whole suite runs (scripts/test.sh) the machine may stand still for seconds, and tests here talk to real servers in
 * real time: one that fails is tried once more, and vitest says so. Run alone, no test is.
 */
const retry = process.env['CI'] === undefined ? 0 : 1

/** What waits for no moment, and has ports or a network of its own: two files of it run beside each other. */
const BESIDE = [
  ...[
    'shell-guides',
    'trust',
    'trust-ends',
    'secondaries-random',
    'secondaries',
    'dnssec-rollover',
    'dnssec-answers',
  ],
  ...[
    'docs',
    'guides',
    'differential',
    'login',
    'cli-login',
    'oidc-guide',
    'authority',
    'console',
    'console-token',
  ],
  ...['api-random', 'api-changes', 'api-controls', 'api-explain', 'api-http', 'api-people', 'api-resources'],
  ...['api-rollback', 'change-control', 'explain-past', 'simulate', 'zone-export'],
].map((name) => `test/e2e/${name}.test.ts`)

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'web/src/**/*.test.ts',
            'test/contract/**/*.test.ts',
            'scripts/**/*.test.ts',
            'bench/**/*.test.ts',
            'lab/**/*.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          retry,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: BESIDE,
          testTimeout: 120_000,
          retry,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e-beside',
          include: BESIDE,
          ...{ testTimeout: 120_000, hookTimeout: 120_000, retry },
          maxWorkers: 2,
        },
      },
    ],
  },
})
