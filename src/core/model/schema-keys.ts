/** Which fields a schema knows at a place: for "did you mean", never for a decision. Of a union, those of all its branches. */
import { z } from 'zod'

/** Field names at `path` (keys and indices from the root of `schema`), sorted; none where there is no object. */
export function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let places = expand(schema)
  for (const segment of path) places = places.flatMap((place) => step(place, segment)).flatMap(expand)
  const keys = places.flatMap((place) => (place instanceof z.ZodObject ? Object.keys(place.shape) : []))
  return [...new Set(keys)].sort()
}

/** Takes off what wraps a schema, and opens unions. */
function expand(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  )
    return expand(schema.def.innerType)
  if (schema instanceof z.ZodPipe) return expand(schema.def.in)
  if (schema instanceof z.ZodUnion || schema instanceof z.ZodDiscriminatedUnion)
    return schema.def.options.flatMap(expand)
  return [schema]
}

function step(schema: z.core.$ZodType, segment: PropertyKey): z.core.$ZodType[] {
  if (schema instanceof z.ZodObject) {
    const field = (schema.shape as Readonly<Record<PropertyKey, z.core.$ZodType | undefined>>)[segment]
    return field === undefined ? [] : [field]
  }
  if (schema instanceof z.ZodArray) return [schema.element]
  if (schema instanceof z.ZodRecord) return [schema.valueType]
  return []
}
