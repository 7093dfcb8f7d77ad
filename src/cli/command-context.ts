import { loadFromSystem } from '../config/load-system.ts';
import type { ConfigFlags, LoadedConfig, RefusedConfig } from '../config/load.ts';
import type { Style } from './text/style.ts';

/** What a command gets from the process around it. */
export interface CommandContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly style: Style;
}

/** Options that every command has which reads a configuration. */
export interface ConfigOptions {
  readonly config?: string;
  readonly envFile?: string;
  readonly json?: boolean;
}

/**
 * Loads the configuration that the program itself would load with these options, in this process: a command ends soon, so that
 * the memory of the schema library does not matter.
 */
export function loadFor(options: ConfigOptions, context: CommandContext): Promise<LoadedConfig | RefusedConfig> {
  const flags: ConfigFlags = { configFile: options.config, envFile: options.envFile };
  return loadFromSystem(flags, context.env);
}
