/** `ip`, `nft` and the like, to their end; what they complain of is the message of the error. */
import { execFileSync } from 'node:child_process'

export function runTool(program: string, args: readonly string[], input = ''): string {
  try {
    return execFileSync(program, args, { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })
  } catch (error) {
    const { stderr = '', message } = error as Error & { readonly stderr?: string }
    throw new Error(`${program} ${args.join(' ')}: ${stderr.trim() || message}`, { cause: error })
  }
}
