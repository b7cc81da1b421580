/**
 * What can still be used of an item with faults, so that its references are checked in the same run as everything else.
 * What must stay true: nothing salvaged is ever applied; indices stay as they were written, so that places stay right.
 */
import type { z } from 'zod'
import { pointerTo } from '../../core/model/fault.ts'
import { segmentsOf } from './locate-pointer.ts'

/** The item without its faulty fields, if that is valid; null when too little is left. */
export function salvageItem<T extends z.ZodType>(
  item: unknown,
  schema: T,
  error: z.ZodError,
): z.output<T> | null {
  const rest: unknown = structuredClone(item)
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) remove(rest, pointerTo('', ...issue.path, key))
    else remove(rest, pointerTo('', ...issue.path))
  }
  if (isObject(rest) && Array.isArray(rest['endpoints']))
    rest['endpoints'] = rest['endpoints'].filter((_, index) => !isFaulty(error, index))
  const parsed = schema.safeParse(rest)
  return parsed.success ? parsed.data : null
}

function isFaulty(error: z.ZodError, index: number): boolean {
  return error.issues.some((issue) => issue.path[0] === 'endpoints' && issue.path[1] === index)
}

function remove(root: unknown, pointer: string): void {
  const segments = segmentsOf(pointer)
  const last = segments.pop()
  if (last === undefined) return
  let place: unknown = root
  for (const segment of segments) {
    if (Array.isArray(place)) place = (place as unknown[])[Number(segment)]
    else if (isObject(place)) place = place[segment]
  }
  if (isObject(place)) Reflect.deleteProperty(place, last)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
