import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * What V8 is told before any thread but main is made; every one of them costs nothing per request and saves resident memory
 * (docs/adr/0034): no code of the middle compiler beside that of the optimizing one (13 MB), and young generations that stay as
 * small as they begin (3 MB, mostly main's). The collector is lent out, so that each thread can tidy up when it has started.
 */
export const V8_FLAGS: readonly string[] = ['--no-maglev', '--semi-space-growth-factor=1', '--expose-gc'];

/** Applies {@link V8_FLAGS} to this process: to main from now on, to threads that are made later from their start. */
export function setV8Flags(): void {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
  // This thread's own globals are older than the flag.
  globalThis.gc = runInNewContext('gc');
}
