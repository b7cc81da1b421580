/** Colour for people: only on a terminal, never with NO_COLOR (https://no-color.org), never on a dumb terminal. */
import { styleText } from 'node:util'
import type { Io, Output } from '../io.ts'

type Style = (text: string) => string

export interface Paint {
  readonly bold: Style
  readonly dim: Style
  readonly red: Style
  readonly green: Style
  readonly yellow: Style
  readonly cyan: Style
}

const plain: Style = (text) => text

export const noPaint: Paint = {
  bold: plain,
  dim: plain,
  red: plain,
  green: plain,
  yellow: plain,
  cyan: plain,
}

const colours: Paint = {
  bold: styled('bold'),
  dim: styled('dim'),
  red: styled('red'),
  green: styled('green'),
  yellow: styled('yellow'),
  cyan: styled('cyan'),
}

export function paintFor(output: Output, environment: Io['environment']): Paint {
  const noColour = environment['NO_COLOR'] ?? ''
  return output.isTerminal && noColour === '' && environment['TERM'] !== 'dumb' ? colours : noPaint
}

function styled(format: keyof Paint): Style {
  return (text) => styleText(format, text, { validateStream: false })
}
