import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort } from '../machine.ts';
import { startProgram } from '../program.ts';
import type { Program } from '../program.ts';
import { fillTemplate } from '../template.ts';
import type { Workspace } from '../workspace.ts';

/** Bytes of the body at `/`. */
export const SMALL_BODY_BYTES = 121;

/** Paths of the larger bodies and their bytes. */
const LARGE_BODIES: ReadonlyMap<string, number> = new Map([
  ['/bodies/64k', 64 * 1024],
  ['/bodies/1m', 1024 * 1024],
]);

/** `user` line for nginx: as root its workers would become nobody, who may not enter every temporary folder. */
export function nginxUserLine(): string {
  return process.geteuid?.() === 0 ? 'user root;' : '';
}

/** Starts the nginx that stands behind every proxy, on the core of the load. */
export async function startBackend(workspace: Workspace, core: number): Promise<Program> {
  const folder = join(workspace.folder, 'backend');
  mkdirSync(join(folder, 'bodies'), { recursive: true });
  for (const [path, bytes] of LARGE_BODIES) writeFileSync(join(folder, path), Buffer.alloc(bytes, 'rwwwrse '));
  const port = await findFreePort();
  const configPath = join(folder, 'nginx.conf');
  fillTemplate(new URL('nginx.conf', import.meta.url), configPath, {
    user: nginxUserLine(),
    port,
    folder,
    smallBody: '0123456789'.repeat(13).slice(0, SMALL_BODY_BYTES),
  });
  const argv = ['nginx', '-p', folder, '-e', 'stderr', '-c', configPath];
  return startProgram({ name: 'backend', argv, core, port }, workspace);
}
