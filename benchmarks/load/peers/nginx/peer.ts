import { join } from 'node:path';
import { nginxUserLine } from '../../backend/backend.ts';
import { isInstalled, readProgramVersion } from '../../machine.ts';
import type { Peer } from '../../peer.ts';
import { startProgram } from '../../program.ts';
import { fillTemplate } from '../../template.ts';

/** nginx with one worker and its own default buffers (8 of 4 KiB); the reference of the bars, and against itself the control. */
export const nginx: Peer = createNginx('nginx', '');

/** The same with 8 buffers of 16 KiB, as who serves large bodies would set them; no bar, but the table shows what it saves. */
export const nginxLargeBuffers: Peer = {
  ...createNginx('nginx-16k', 'proxy_buffer_size 16k; proxy_buffers 8 16k;'),
  rows: ['64k', '1m'],
};

function createNginx(name: string, buffers: string): Peer {
  return {
    name,
    findMissing: () => (isInstalled('nginx') ? null : 'nginx (Debian package nginx-light)'),
    readVersion: () => readProgramVersion('nginx', '-v'),
    start(place) {
      const configPath = join(place.folder, 'nginx.conf');
      fillTemplate(new URL('nginx.conf', import.meta.url), configPath, {
        user: nginxUserLine(),
        port: place.port,
        backendPort: place.backendPort,
        buffers,
        accessLog: place.accessLogPath === null ? 'off' : `${place.accessLogPath} rwwwrse buffer=64k flush=1s`,
      });
      const argv = ['nginx', '-p', place.folder, '-e', 'stderr', '-c', configPath];
      return startProgram({ ...place, name, argv }, place.workspace);
    },
  };
}
