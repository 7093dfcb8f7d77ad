import { join } from 'node:path';
import { isInstalled, readProgramVersion } from '../../machine.ts';
import type { Peer } from '../../peer.ts';
import { startProgram } from '../../program.ts';
import { fillTemplate } from '../../template.ts';

/** HAProxy with one thread. It logs to sockets, not to files: it has no part in the row with an access log. */
export const haproxy: Peer = {
  name: 'haproxy',
  findMissing: () => (isInstalled('haproxy') ? null : 'haproxy (Debian package haproxy)'),
  readVersion: () => readProgramVersion('haproxy', '-v'),
  start(place) {
    const configPath = join(place.folder, 'haproxy.cfg');
    const { port, backendPort } = place;
    fillTemplate(new URL('haproxy.cfg', import.meta.url), configPath, { port, backendPort });
    return startProgram({ ...place, name: 'haproxy', argv: ['haproxy', '-db', '-f', configPath] }, place.workspace);
  },
};
