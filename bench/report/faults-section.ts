/** What docs/results.md says of the lab: the fault matrix, and the soak. */
import { markdownTable } from './markdown-table.ts'
import type { FaultMatrix, Soak } from './results.ts'
import type { Section } from './section.ts'
import { timelinePlot } from './timeline-plot.ts'

const HEADER = [
  ...['fault', 'bound', 'out, median', 'out, max', 'recovered after', 'queries'],
  ...['stale, wrong, empty, SERVFAIL', 'no reply', 'excused', 'false withdrawals', ''],
]

/** Of these, what the clients saw over time is plotted. */
const PLOTTED = [
  ...['endpoint-killed', 'site-lost', 'site-cut-off', 'control-and-database-gone'],
  ...['database-failover', 'rolling-restart'],
]

/** The design's bound at that interval (lab/matrix/fault.ts). */
const QUICK_OUT_MS = 3_000

export function faultsSection({ machine, options, faults }: FaultMatrix): Section {
  const passed = faults.filter((fault) => fault.passed).length
  const rows = faults.map(({ name, passed: isPassed, bound, measured }) => {
    const { stale, wrong, empty, servfail } = measured.answers
    return [
      ...[name, seconds(bound.outMs), seconds(measured.outP50Ms), seconds(measured.outMaxMs)],
      ...[seconds(measured.recoverMs), String(measured.asked), [stale, wrong, empty, servfail].join(', ')],
      ...[
        ...[percent(measured.timedOutShare), String(measured.answers.excused)],
        String(measured.falseWithdrawals),
        isPassed ? 'passed' : '**failed**',
      ],
    ]
  })
  const plots = PLOTTED.flatMap((name) => {
    const timeline = faults.find((fault) => fault.name === name)?.timeline
    if (timeline === undefined) return []
    const svg = timelinePlot(`${name}: answers a second, at all nameservers`, timeline)
    return [{ name, file: `fault-${name}.svg`, svg }]
  })
  const text = [
    '## The fault matrix',
    `\`${commandOf(options, faults)}\`, ${machine.at.slice(0, 10)}, ${machine.cores} cores of ${machine.cpu}, Node.js ${machine.node}${versionsOf(machine)}: ${passed} of ${faults.length} faults within the bound that was written beside them before the run. Times are in seconds: from the death of an endpoint until it is out of the answers of every nameserver that can know (median, most), and from the end of each death, and of the fault, until all is as before (most). Excused are questions to a server that was not there, and answers of one that can know nothing: what those caught up with is below. ${boundsOf(faults)} What each fault is: [docs/faults.md](faults.md).`,
    markdownTable([HEADER, ...rows]),
    ...faults.flatMap(sentencesOf),
    ...plots.map(({ name, file }) => `![${name}](results/${file})`),
  ]
  return {
    text: text.join('\n\n'),
    files: Object.fromEntries(plots.map(({ file, svg }) => [file, svg])),
  }
}

/** Of a run at an interval of 1 s: its worst, and what missed its bound. */
export function quickSection({ machine, options, faults }: FaultMatrix): Section {
  const missed = faults.filter(({ passed }) => !passed)
  const slowest = faults
    .filter(({ bound, measured }) => measured.outMaxMs !== null && bound.outMs <= QUICK_OUT_MS)
    .toSorted((a, b) => (b.measured.outMaxMs ?? 0) - (a.measured.outMaxMs ?? 0))[0]
  const sum = (of: (fault: FaultMatrix['faults'][number]) => number) =>
    faults.reduce((all, fault) => all + of(fault), 0)
  const text = [
    '### At an interval of 1 s',
    `\`${commandOf(options, faults)}\`, ${machine.at.slice(0, 10)}, ${machine.cores} cores of ${machine.cpu}: ${faults.length - missed.length} of ${faults.length} faults within their bounds, ${sum(({ measured }) => measured.asked).toLocaleString('en')} queries, ${sum(({ measured }) => measured.falseWithdrawals)} false withdrawals.${slowest === undefined ? '' : ` Of those whose bound is ${seconds(QUICK_OUT_MS)} s, ${slowest.name} took longest until a dead endpoint was out of all answers: ${seconds(slowest.measured.outMaxMs)} s.`}`,
    ...missed.map(({ name }) => `- **failed**: ${name}`),
  ]
  return { text: text.join('\n\n'), files: {} }
}

/** Those that the table has no column for. */
function boundsOf(faults: FaultMatrix['faults']): string {
  const least = (of: (bound: FaultMatrix['faults'][number]['bound']) => number) =>
    Math.min(...faults.map(({ bound }) => of(bound)))
  const [recoverMs, share] = [least((bound) => bound.recoverMs), least((bound) => bound.timedOutShare)]
  const wider = faults.flatMap(({ name, bound }) => {
    const said = [
      ...(bound.recoverMs > recoverMs ? [`recovered after ${seconds(bound.recoverMs)} s`] : []),
      ...(bound.timedOutShare > share ? [`no reply ${percent(bound.timedOutShare)}`] : []),
      ...(bound.silentMs === undefined ? [] : [`a server silent for ${seconds(bound.silentMs)} s`]),
      ...(bound.writesMs === undefined ? [] : [`no change for ${seconds(bound.writesMs)} s`]),
    ]
    return said.length === 0 ? [] : [`${name}: ${said.join(', ')}`]
  })
  const more = wider.length === 0 ? '' : ` Wider ones: ${wider.join('; ')}.`
  return `Recovered after has a bound of ${seconds(recoverMs)} s, no reply of ${percent(share)} of the questions that are not excused.${more}`
}

/** What only some faults have. */
function sentencesOf({ name, measured }: FaultMatrix['faults'][number]): string[] {
  const { writesMs = null, silentMs = null, catchUpMs = null } = measured
  return [
    ...(writesMs === null
      ? []
      : [`In ${name} no change was taken for ${seconds(writesMs)} s at the longest.`]),
    ...(silentMs === null
      ? []
      : [`In ${name} a nameserver gave no answer for ${seconds(silentMs)} s at the longest.`]),
    ...(catchUpMs === null
      ? []
      : [`In ${name} a nameserver caught up within ${seconds(catchUpMs)} s of when it could know again.`]),
  ]
}

/** What has to be said to run the same again. */
function commandOf({ all, brief, ...sizes }: FaultMatrix['options'], faults: FaultMatrix['faults']): string {
  const which = all ? '--all' : faults.map(({ name }) => name).join(' ')
  const given = Object.entries(sizes).map(([name, value]) => `--${name} ${value}`)
  return ['npm run -s lab -- run', which, ...(brief ? ['--brief'] : []), ...given, '--json'].join(' ')
}

export function soakSection({ machine, seed, minutes, faults, grown }: Soak): Section {
  const missed = faults.filter(({ passed }) => !passed)
  const sum = (of: (fault: Soak['faults'][number]) => number) =>
    faults.reduce((all, fault) => all + of(fault), 0)
  const asked = sum(({ measured }) => measured.asked)
  const failed = Math.round(sum(({ measured }) => measured.failedShare * measured.asked))
  const text = [
    '## Soak',
    `\`npm run -s soak -- --minutes ${minutes} --seed ${seed} --json\`, ${machine.at.slice(0, 10)}, ${machine.cores} cores of ${machine.cpu}, Node.js ${machine.node}${versionsOf(machine)}: ${faults.length} faults in an order of the seed, ${asked.toLocaleString('en')} queries, of which ${failed} were answered wrong, late, empty, with an error or not at all. False withdrawals: ${sum(({ measured }) => measured.falseWithdrawals)}; faults beyond their bound: ${missed.length}; processes that grew: ${grown.length}.`,
    ...[
      ...missed.map(({ name, missed: what }) => `- ${name}: ${what.join('; ')}`),
      ...grown.map((sentence) => `- ${sentence}`),
    ],
  ]
  return { text: text.join('\n\n'), files: {} }
}

function versionsOf({ versions }: FaultMatrix['machine']): string {
  return Object.entries(versions)
    .map(([name, version]) => `, ${name} ${version}`)
    .join('')
}

function seconds(ms: number | null): string {
  return ms === null ? '-' : (ms / 1_000).toFixed(1)
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
