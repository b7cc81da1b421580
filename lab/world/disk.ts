/**
 * Fills the disk that a process keeps its files on: a file system without room is laid over its folder, in the mount namespace that it
 * has to itself since `ip netns exec`. What must stay true: nobody else sees it, and what was there is there again afterwards.
 */
import type { ServiceProcess } from '../../test/e2e/harness/service-process.ts'
import { runTool } from '../network/run-tool.ts'

export const disk = {
  fill: ({ pid, dataDir }: ServiceProcess): void => {
    inside(pid, 'mount', '-t', 'tmpfs', '-o', 'size=4k,nr_inodes=1', 'lab', dataDir)
  },

  free: ({ pid, dataDir }: ServiceProcess): void => {
    inside(pid, 'umount', '--lazy', dataDir)
  },
}

function inside(pid: number, ...command: readonly string[]): void {
  runTool('nsenter', ['-t', String(pid), '-m', ...command])
}
