/** Which file this data directory was last started with, so that an unchanged file is not applied over later changes. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { replaceFile } from '../durable-file/replace-file.ts'

const schema = z.object({ digest: z.string(), revision: z.int() })
export type AppliedFile = z.output<typeof schema>

export interface AppliedDocumentFile {
  /** null when there is none, or none that can be read: the file is then applied again, which changes nothing if nothing changed. */
  read(): AppliedFile | null
  write(applied: AppliedFile): Promise<void>
}

export function appliedDocumentFile(dataDir: string): AppliedDocumentFile {
  const path = join(dataDir, 'applied-file.json')
  return {
    read: () => parse(path),
    write: (applied) => replaceFile(path, JSON.stringify(applied)),
  }
}

function parse(path: string): AppliedFile | null {
  try {
    return schema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null
  } catch {
    return null
  }
}
