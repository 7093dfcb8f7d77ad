import { readdirSync } from 'node:fs';

import { readBoundedFile } from './bounded-file.ts';
import { fetchDopplerSecrets } from './doppler/doppler-secrets.ts';
import { loadConfig } from './load.ts';
import type { ConfigFlags, LoadedConfig, RefusedConfig } from './load.ts';

/** Loads the configuration from the real file system and from Doppler, in this process; see `loadConfig`. */
export async function loadFromSystem(
  flags: ConfigFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LoadedConfig | RefusedConfig> {
  const doppler = await fetchDopplerSecrets(env, process.cwd());
  return loadConfig({ flags, env, doppler, readFile: readBoundedFile, listFolder: (path) => readdirSync(path) });
}
