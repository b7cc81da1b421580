/**
 * Tells V8 what it guesses wrongly of a checker. After a wave of objects that stay (30,000 checks are made), V8 takes code that
 * runs then for code whose objects stay, and from then on puts what every probe makes and drops into the old generation.
 * Measured with 30,000 HTTP checks every 10 s: 17 MB/s into the old generation against 2, 685 MB resident against 450.
 * It holds for the whole process, from the call on, and costs other code nothing that could be measured.
 */
import { setFlagsFromString } from 'node:v8'

export function tuneHeap(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}
