import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * What V8 is told before any thread but main is made; it costs nothing per request and saves resident memory (docs/adr/0034). No
 * code of the middle compiler stands beside that of the optimizing one, which is 13 MB; old generations are collected when they have
 * grown a little, instead of several times; and the collector is lent out, so that each thread can tidy up when it has started.
 */
export const V8_FLAGS: readonly string[] = ['--no-maglev', '--memory-saver-mode', '--expose-gc'];

/** Applies {@link V8_FLAGS} to this process: to main from now on, to threads that are made later from their start. */
export function setV8Flags(): void {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
  // This thread's own globals are older than the flag.
  globalThis.gc = runInNewContext('gc');
}
