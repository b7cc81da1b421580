/** RFC 9457 problem details, with every fault of the request listed. */
import { z } from 'zod'

export const problemSchema = z
  .object({
    type: z.string().describe('A URI that names the kind of problem: urn:fairlead:problem:<kind>'),
    title: z.string(),
    status: z.int().describe('Of HTTP'),
    detail: z.string().optional(),
    instance: z.string().optional().describe('The id of the request, as it stands in the log'),
    faults: z
      .array(
        z.object({
          pointer: z.string().describe('RFC 6901 JSON pointer into the request body'),
          message: z.string().describe('What is wrong and what was expected'),
        }),
      )
      .optional()
      .describe('Every fault of the request, not only the first'),
    referrers: z
      .array(z.object({ kind: z.string(), name: z.string() }))
      .optional()
      .describe('What refers to the resource that was to be deleted'),
    rules: z
      .array(z.object({ name: z.string(), message: z.string(), finding: z.string() }))
      .optional()
      .describe('Safety rules that the change would break; breakGlass with a reason overrules them'),
    loadBalancers: z
      .array(z.string())
      .optional()
      .describe('Those that a drain would leave without any eligible endpoint'),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details' })

export type Problem = z.output<typeof problemSchema>
