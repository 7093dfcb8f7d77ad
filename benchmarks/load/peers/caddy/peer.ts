import { join } from 'node:path';
import { isInstalled, readProgramVersion } from '../../machine.ts';
import type { Peer } from '../../peer.ts';
import { startProgram } from '../../program.ts';
import { fillTemplate } from '../../template.ts';

/** Caddy with one Go processor. */
export const caddy: Peer = {
  name: 'caddy',
  findMissing: () => (isInstalled('caddy') ? null : 'caddy (Debian package caddy)'),
  readVersion: () => readProgramVersion('caddy', 'version'),
  start(place) {
    const configPath = join(place.folder, 'Caddyfile');
    const { port, backendPort, folder } = place;
    fillTemplate(new URL('Caddyfile', import.meta.url), configPath, { port, backendPort });
    const argv = ['caddy', 'run', '--config', configPath, '--adapter', 'caddyfile'];
    const env = { GOMAXPROCS: '1', HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
    return startProgram({ ...place, name: 'caddy', argv, env }, place.workspace);
  },
};
