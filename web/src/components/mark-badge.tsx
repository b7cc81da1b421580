import type { Mark, Tone } from '../state/mark.ts'

/** A shape of its own for each tone: whoever sees no colours tells them apart all the same. */
const SHAPES: Readonly<Record<Tone, string>> = {
  good: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13zM6.9 10.9l4.6-4.9-1.2-1.1-3.4 3.7-1.6-1.6-1.1 1.1z',
  warn: 'M8 1.6 15.2 14H.8zM7.2 6v4h1.6V6zM7.2 11.2v1.5h1.6v-1.5z',
  bad: 'M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3zM5.9 4.8 4.8 5.9 6.9 8l-2.1 2.1 1.1 1.1L8 9.1l2.1 2.1 1.1-1.1L9.1 8l2.1-2.1-1.1-1.1L8 6.9z',
  open: 'M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13zM8 3.1a4.9 4.9 0 1 0 0 9.8a4.9 4.9 0 0 0 0-9.8z',
  off: 'M2 7h12v2H2z',
}

export function MarkBadge({ mark: { tone, word } }: { readonly mark: Mark }) {
  return (
    <span class={`mark ${tone}`}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path d={SHAPES[tone]} fill-rule="evenodd" />
      </svg>
      {word}
    </span>
  )
}
