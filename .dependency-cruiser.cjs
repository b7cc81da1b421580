/**
 * What each folder may import: core <- ports <- readers, adapters <- processes. A breach fails the build.
 * Processes never import each other; src/up composes them.
 */
const PROCESSES = ['control', 'checker', 'nameserver', 'cli']

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      severity: 'error',
      from: { path: '^src/core', pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: { pathNot: ['^src/core', 'node_modules/(zod|ipaddr\\.js|tr46|re2js|fastest-levenshtein)/'] },
    },
    {
      name: 'core-testing-draws-at-random',
      comment: 'Arbitraries that several property tests share.',
      severity: 'error',
      from: { path: '^src/core/.*/testing/' },
      to: { pathNot: ['^src/core', 'node_modules/(zod|fast-check)/'] },
    },
    {
      name: 'ports-are-types',
      severity: 'error',
      from: { path: '^src/ports' },
      to: { pathNot: ['^src/(core|ports)'] },
    },
    {
      name: 'readers-know-core-and-ports',
      severity: 'error',
      from: { path: '^src/readers', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^src/(core|ports|readers)'] },
    },
    {
      name: 'adapters-know-no-process',
      severity: 'error',
      from: { path: '^src/adapters' },
      to: { path: '^src/(control|checker|nameserver|cli|up)/' },
    },
    ...PROCESSES.map((name) => ({
      name: `${name}-imports-no-other-process`,
      severity: 'error',
      from: { path: `^src/${name}/` },
      to: {
        path: `^src/(${[...PROCESSES, 'up'].filter((other) => other !== name && !(name === 'cli' && other === 'up')).join('|')})/`,
        // The command line starts processes, and knows nothing else of them.
        ...(name === 'cli' && { pathNot: '/main\\.ts$' }),
      },
    })),
    {
      name: 'only-context-builds-adapters',
      severity: 'error',
      from: {
        path: '^src/(control|checker|nameserver|up)/',
        pathNot: ['/(context|main)\\.ts$', '\\.test\\.ts$'],
      },
      to: { path: '^src/adapters/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-source-imports-tests',
      severity: 'error',
      from: { path: '^src', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|lab|bench|scripts|web)/' },
    },
    {
      name: 'console-knows-core',
      comment: 'It runs in a browser: from the rest of Fairlead it takes types, and what is pure.',
      severity: 'error',
      from: { path: '^web/src', pathNot: '\\.test\\.tsx?$' },
      to: { pathNot: ['^web/src', '^src/core', 'node_modules/(preact|@preact/signals|openid-client)/'] },
    },
    {
      name: 'console-runs-no-schemas',
      comment: 'Schemas would be most of what a browser has to load.',
      severity: 'error',
      from: { path: '^web/src' },
      to: { path: '^src/core/(views|model)/', dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
}
