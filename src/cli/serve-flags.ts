import { parseArgs } from 'node:util';
import type { ConfigFlags } from '../config/load.ts';

/**
 * Flags of a command line that only starts the proxy, or null for any other: that one is for the full parser, which knows help
 * and says what is wrong. The full parser costs a serving process 8 MB for its whole life.
 */
export function parseServeFlags(args: readonly string[]): ConfigFlags | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { config: { type: 'string', short: 'c' }, 'env-file': { type: 'string' } },
      allowPositionals: false,
    });
    return { configFile: values.config, envFile: values['env-file'] };
  } catch {
    return null;
  }
}
