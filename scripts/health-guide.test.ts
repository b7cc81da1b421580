/** docs/health.md against the code: its defaults, its bounds, its rules and its alarms are those that there are. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DEFAULT_TIMES } from '../src/core/health/verdict-book.ts'
import { majorityQuorum, VERDICT_RULES } from '../src/core/health/verdict.ts'
import { monitorSchema } from '../src/core/model/monitor.ts'
import { detectBoundMs } from '../src/sim/detect-bound.ts'

const ROOT = join(import.meta.dirname, '..')
const PAGE = readFileSync(join(ROOT, 'docs/health.md'), 'utf8')
const DEFAULTS = monitorSchema.parse({ kind: 'http', name: 'web' })

/** Cells of each row of the tables of a section. */
function rowsOf(heading: string): string[][] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`)
  const [body = ''] = section.split(/\n## /)
  const lines = body.split('\n').filter((line) => /^\| (?!-)/.test(line))
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  )
}

describe('docs/health.md', () => {
  it('names the defaults of a monitor and of the health plane', () => {
    const values = new Map(rowsOf('Defaults').map(([what = '', value = '']) => [what, value]))
    expect(Object.fromEntries([...values].filter(([what]) => what !== 'what'))).toEqual({
      'interval (T)': `${DEFAULTS.intervalMs} ms`,
      'fast interval (TF)': `${DEFAULTS.fastIntervalMs} ms`,
      'time-out': `${DEFAULTS.timeoutMs} ms`,
      'failures until down': String(DEFAULTS.fall),
      'successes until up': String(DEFAULTS.rise),
      'sites that vote (K)': String(DEFAULTS.voters),
      quorum: DEFAULTS.quorum,
      frames: '1000 ms',
      lease: `${DEFAULT_TIMES.leaseMs} ms`,
      settle: `${DEFAULT_TIMES.settleMs} ms`,
      gone: `${DEFAULT_TIMES.goneMs} ms`,
      'kept in the history': '30 days',
    })
  })

  it('says how long a death takes, or that it holds', () => {
    for (const [sites = '', ...cells] of rowsOf('How long a death takes').slice(1)) {
      const voters = Number(sites)
      const expected = cells.map((_, bad) => {
        const healthy = voters - bad
        if (healthy < 0) return ''
        if (healthy < majorityQuorum(voters).down) return 'holds'
        const boundMs = detectBoundMs(DEFAULTS, { voters, healthy, settles: false })
        return `${(Math.ceil(boundMs / 100 - 1e-9) / 10).toFixed(1)} s`
      })
      expect({ sites, cells }).toEqual({ sites, cells: expected })
    }
  })

  it('says how many of how many must agree', () => {
    for (const [sites = '', voters = '', quorum = ''] of rowsOf('Choosing sites, K and quorum').slice(1)) {
      if (/^\d+$/.test(sites)) expect(voters).toBe(String(Math.min(Number(sites), DEFAULTS.voters)))
      expect({ sites, quorum }).toEqual({ sites, quorum: String(majorityQuorum(Number(voters)).down) })
    }
  })

  it('explains every rule of a verdict, and no other', () => {
    const rules = rowsOf('Votes and verdicts: what a nameserver concludes').slice(1)
    expect(rules.map(([rule = '']) => rule.replaceAll('`', '')).sort()).toEqual([...VERDICT_RULES].sort())
  })
})

/** Where a text that becomes an alarm begins in the source. */
const BEGINNINGS = [
  /(?:onAlarm|onDamaged|alarms\.push)\(\s*(?:'([^'\n]*)'|`([^`]*)`)/g,
  /(?:const message =|\breturn|\? \[|: \[|return \[)\s*\(?\s*`([^`]*)`/g,
]
/** Files in which texts become alarms by way of a variable: all sentences of these are looked at. */
const BY_VARIABLE =
  /(?:health-alarm|nameserver-agreement|verified-file|verdict-file|location-files|describe-note|latch-alarms|certificate-alarms|control\/status)\.ts$/

/** `…` for what the code puts in. */
function pattern(text: string): string {
  return text.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…').trim()
}

function alarmsOfCode(): { readonly file: string; readonly text: string }[] {
  return globSync('src/**/*.ts', { cwd: ROOT })
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('/testing/'))
    .flatMap((file) => {
      const source = readFileSync(join(ROOT, file), 'utf8')
      const expressions = BY_VARIABLE.test(file) ? BEGINNINGS : BEGINNINGS.slice(0, 1)
      return expressions
        .flatMap((expression) => [...source.matchAll(expression)])
        .map(([, first, second]) => ({ file, text: pattern(first ?? second ?? '') }))
    })
    .filter(({ text }) => / .* /.test(text) && !NO_ALARMS.has(text))
}

/** Sentences of those files that are something else. */
const NO_ALARMS = new Set(['… and … more', '… answers stay on the tier of the pool … until a failback'])

const alarmRows = rowsOf('When it says so')
  .map(([alarm = '', meaning = '']) => ({ alarm: alarm.replaceAll('`', ''), meaning }))
  .filter(({ alarm }) => alarm !== 'alarm')

/** Both begin alike, up to the first difference in what is left out. */
function isSame(row: string, code: string): boolean {
  const start = row.replace(/ ?…$/, '').trimEnd()
  return code.startsWith(start) || start.startsWith(code)
}

describe('its alarms', () => {
  const code = alarmsOfCode()

  it('are found in the code', () => {
    expect(code.length).toBeGreaterThan(25)
  })

  it.each(code)('$text ($file) is explained', ({ text }) => {
    expect(alarmRows.filter(({ alarm }) => isSame(alarm, text)).map(({ alarm }) => alarm)).not.toEqual([])
  })

  it.each(alarmRows)('$alarm is one that the code raises', ({ alarm, meaning }) => {
    expect(code.filter(({ text }) => isSame(alarm, text)).map(({ text }) => text)).not.toEqual([])
    expect(meaning.length).toBeGreaterThan(20)
  })
})
