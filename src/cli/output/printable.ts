/**
 * Text that came from elsewhere, made safe for a terminal, and its width there.
 * What must stay true: what passed here holds no control character, so no server, file or probe output can move the
 * cursor, set a title or hide text in the operator's terminal.
 */

// C0, DEL, C1, and the bidirectional controls that make text read as what it is not.
// eslint-disable-next-line no-control-regex -- control characters are the subject
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\uff01-\uff60]/u
const ZERO = /^(?:\p{Mark}|\p{Format})+$/u
const ASCII = /^[\x20-\x7e]*$/

/** One line: line breaks and tabs become a space, other control characters '?'. */
export function printable(text: string): string {
  if (ASCII.test(text)) return text
  return text.replaceAll(/[\t\r\n]+/g, ' ').replaceAll(UNSAFE, '?')
}

/** Columns that printable text takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length
  let width = 0
  for (const character of text) width += ZERO.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

/** At most `width` columns; what was cut off shows as '…'. */
export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width <= 0) return ''
  let kept = ''
  let used = 1
  for (const character of text) {
    used += widthOf(character)
    if (used > width) break
    kept += character
  }
  return `${kept}…`
}

/** Clipped and filled with spaces to exactly `width` columns. */
export function fit(text: string, width: number): string {
  const clipped = clip(text, width)
  return clipped + ' '.repeat(Math.max(0, width - widthOf(clipped)))
}
