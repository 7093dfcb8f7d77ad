import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deepFreeze } from './deep-freeze.ts';
import type { ConfigFlags, LoadedConfig, RefusedConfig } from './load.ts';
import type { LoadAnswer, LoadOrder } from './load-process.ts';
import { otherVersion, VERSION } from '../base/version.ts';

const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './load-process.ts' : './load-process.js', import.meta.url),
);
/**
 * A configuration takes a fraction of a second, and the longest fetch of secrets a minute (DOPPLER_FETCH_TIMEOUT); this ends a
 * parser that hangs.
 */
const LOAD_MS = 90_000;

/**
 * Loads the configuration in a process of its own that ends afterwards: the schema and YAML libraries cost 28 MB that a running
 * proxy would keep for nothing (measured; a thread gives them back to the allocator, not to the system), and a file that makes
 * a parser hang or eat memory harms nobody. Same result as `loadConfig` with the real file system.
 */
export async function loadConfigIsolated(
  flags: ConfigFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LoadedConfig | RefusedConfig> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadedConfig | RefusedConfig>();
  const child = fork(ENTRY, [], {
    serialization: 'advanced',
    execArgv: ['--disable-warning=ExperimentalWarning'],
    timeout: LOAD_MS,
    env: { ...env },
  });
  // A process that hangs in a read does not hear that this one is gone.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('message', (answer) => {
    const { version, loaded } = answer as LoadAnswer;
    // What another version makes of a configuration may mean something else here.
    const problem = otherVersion(version, VERSION);
    if (problem === null) resolve(loaded);
    else reject(new Error(problem));
  });
  child.once('error', ({ code, message }: NodeJS.ErrnoException) =>
    reject(new Error(`the configuration could not be read: its process cannot be started (${code ?? message})`)),
  );
  child.once('exit', (code, signal) =>
    reject(new Error(`the configuration could not be read: its process ended (${signal ?? code})`)),
  );
  // Without a descriptor there is no channel, and the error is told later (EMFILE).
  if (child.connected) child.send({ flags, env: { ...env } } satisfies LoadOrder);
  const loaded = await promise.finally(() => process.off('exit', kill));
  return 'config' in loaded ? { ...loaded, config: deepFreeze(loaded.config) } : loaded;
}
