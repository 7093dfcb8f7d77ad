import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SEARCH_PATH } from '../../machine.ts';
import type { Peer, Place } from '../../peer.ts';
import { startProgram } from '../../program.ts';
import { fillTemplate } from '../../template.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const ENTRY = join(ROOT, 'bin/rwwwrse.mjs');
const BUILT = join(ROOT, 'dist/cli/main.js');

/** rwwwrse from the sources of this tree, under the Node that runs the benchmark, metrics on. */
export const rwwwrse: Peer = {
  name: 'rwwwrse',
  findMissing: () => (existsSync(BUILT) ? null : 'dist/cli/main.js (npm run build makes it)'),
  readVersion: () => '',
  start(place) {
    const configPath = join(place.folder, 'config.yaml');
    fillTemplate(new URL('config.yaml', import.meta.url), configPath, {});
    // Started as its users start it, so that the options of its first line count.
    const env = { ...settings(place), PATH: `${dirname(process.execPath)}:${SEARCH_PATH}` };
    return startProgram(
      { ...place, name: 'rwwwrse', argv: [ENTRY, '--config', configPath], env, cwd: ROOT },
      place.workspace,
    );
  },
};

/** Any command that listens on $PORT and proxies to $BACKEND, in the place of rwwwrse; it runs where the benchmark was called. */
export function createCandidate(command: string): Peer {
  return {
    name: 'candidate',
    findMissing: () => null,
    readVersion: () => '',
    start(place) {
      const argv = ['sh', '-c', command];
      const env = { ...settings(place), PORT: String(place.port), BACKEND: `http://127.0.0.1:${place.backendPort}` };
      return startProgram({ ...place, name: 'candidate', argv, env, cwd: process.cwd() }, place.workspace);
    },
  };
}

function settings(place: Place): Record<string, string> {
  return {
    RWWWRSE_HOST: '127.0.0.1',
    RWWWRSE_PORT: String(place.port),
    RWWWRSE_WORKERS: '1',
    RWWWRSE_DEFAULT_BACKEND: `http://127.0.0.1:${place.backendPort}`,
    RWWWRSE_METRICS_ENABLED: 'true',
    RWWWRSE_METRICS_PORT: '0',
    RWWWRSE_REQUEST_LOGGING: String(place.accessLogPath !== null),
    ...(place.accessLogPath === null ? {} : { RWWWRSE_ACCESS_LOG_PATH: place.accessLogPath }),
    RWWWRSE_LOG_LEVEL: 'warn',
  };
}
