import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { killStarted } from './processes.ts';
import { until } from './until.ts';
import { createFolder } from './yaml-program.ts';

/** Why tests with nginx or HAProxy are skipped, or false when both are installed. */
export const MISSING_PEERS: string | false = ['nginx', 'haproxy'].every(
  (program) => spawnSync(program, ['-v']).error === undefined,
)
  ? false
  : 'missing: nginx and haproxy';

/** Starts nginx with a part of `http`; in it, `FOLDER` is a folder of its own. Resolves when `place` accepts connections. */
export async function startNginx(context: TestContext, http: string, place: PeerPlace): Promise<void> {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path FOLDER/${name};`);
  const text = `daemon off; master_process off; pid FOLDER/nginx.pid; error_log stderr;
    events { worker_connections 128; }
    http { access_log off; ${paths.join(' ')} ${http} }`;
  await startPeer(context, text, place, (file) => ['nginx', '-c', file, '-e', 'stderr']);
}

/** Starts HAProxy with frontends and backends. */
export async function startHaproxy(context: TestContext, sections: string, place: PeerPlace): Promise<void> {
  const defaults = 'defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n';
  await startPeer(context, `${defaults}${sections}\n`, place, (file) => ['haproxy', '-db', '-f', file]);
}

/** Where a peer listens. */
export type PeerPlace = { readonly host: string; readonly port: number } | { readonly path: string };

async function startPeer(
  context: TestContext,
  text: string,
  place: PeerPlace,
  command: (file: string) => readonly string[],
): Promise<void> {
  const folder = createFolder(context);
  const file = join(folder, 'peer.conf');
  writeFileSync(file, text.replaceAll('FOLDER', folder));
  const [program = '', ...args] = command(file);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (output += piece));
  const kill = (): void => killStarted(child.pid as number);
  process.once('exit', kill);
  context.after(async () => {
    kill();
    process.off('exit', kill);
    await until(`${program} ended`, () => child.exitCode !== null || child.signalCode !== null);
  });
  await until(`${program} listens or ended`, async () => child.exitCode !== null || (await accepts(place)));
  if (child.exitCode !== null) throw new Error(`${program} ended with status ${child.exitCode}: ${output}`);
}

function accepts(place: PeerPlace): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(place);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
