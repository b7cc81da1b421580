/** What all plots share: a page that reads on light and dark, and its text. Pure. */
export const WIDTH = 760
export const LEGEND_LINE = 20
/** Of the area that is plotted in. */
export const PLOT = { left: 56, right: 20, top: 40 }
const FONT = 'font-family="sans-serif" font-size="13"'

export function svgPage(title: string, height: number, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" ${FONT}>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    svgText([PLOT.left, 24], title, 'start'),
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

export function svgText(
  [x, y]: readonly [number, number],
  content: string,
  anchor: 'start' | 'middle' | 'end',
): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#222">${escaped}</text>`
}

export function svgRect(
  [x, y]: readonly [number, number],
  [width, height]: readonly [number, number],
  fill: string,
): string {
  return `<rect x="${fixed(x)}" y="${fixed(y)}" width="${fixed(width)}" height="${fixed(height)}" fill="${fill}"/>`
}

export function fixed(value: number): string {
  return value.toFixed(1)
}

/** Where seconds are written below a time axis: not more of them than can be read. */
export function secondsOf(endSec: number): number[] {
  const step = [1, 2, 5, 10, 20, 60].find((one) => endSec / one <= 16) ?? 120
  return Array.from({ length: Math.floor(endSec / step) + 1 }, (_, index) => index * step)
}
