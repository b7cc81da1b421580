/** GET /v1/zones/{name}/master-file: what a zone answers at this moment, for other tools. */
import { z } from 'zod'

export const masterFileSchema = z
  .object({
    zone: z.string(),
    revision: z.int(),
    text: z
      .string()
      .describe(
        'A master file (RFC 1035 5). What is chosen for each query stands in it with all its values, a CNAME with one of them; what is refused is left out; comments say so',
      ),
  })
  .meta({ id: 'MasterFile' })
