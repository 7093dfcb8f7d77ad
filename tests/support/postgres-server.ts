import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { freePort } from './free-port.ts';
import { ServerProcess } from './server-process.ts';

/** Debian keeps the server's programs out of PATH, a folder per version. */
const [FOLDER = ''] = globSync('/usr/lib/postgresql/*/bin').toSorted().toReversed();
const OWNER = ownerOf();

/** Why tests with PostgreSQL are skipped, or false when they can run. */
export const MISSING_POSTGRES: string | false =
  FOLDER === '' || spawnSync(join(FOLDER, 'postgres'), ['--version']).status !== 0
    ? 'missing: postgresql'
    : OWNER === null
      ? 'missing: a user for PostgreSQL, which refuses to run as root'
      : false;

/** A real PostgreSQL on loopback, with a superuser `checker`. */
export interface PostgresServer {
  readonly port: number;
  readonly password: string;
  readonly url: string;
  readonly process: ServerProcess;
  /** Folder of its unix socket. */
  readonly folder: string;
}

/** Makes a cluster in a folder of its own and starts it; both end with the test. */
export async function startPostgres(context: TestContext): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rwwwrse-postgres-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const owner = OWNER ?? {};
  if ('uid' in owner) chownSync(folder, owner.uid, owner.gid);
  const port = await freePort();
  const password = 'pass word/@:';
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password);
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };
  const options = { cwd: folder, env, ...owner };
  const login = ['--username=checker', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  execFileSync(join(FOLDER, 'initdb'), [`--pgdata=${data}`, ...login, '--no-sync'], { ...options, stdio: 'pipe' });
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`, 'fsync=off'];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const isReady = (): boolean =>
    spawnSync(join(FOLDER, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0;
  const server = new ServerProcess(context, [join(FOLDER, 'postgres'), ...args], options, isReady);
  await server.start();
  const url = `postgres://checker:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
  return { port, password, url, process: server, folder };
}

/** Whom PostgreSQL runs as: root is refused. Null when there is nobody else. */
function ownerOf(): { uid: number; gid: number } | Record<string, never> | null {
  if (process.getuid?.() !== 0) return {};
  // Root of a namespace with no other users cannot become one.
  const [, , users = '0'] = readFileSync('/proc/self/uid_map', 'latin1').trim().split(/\s+/);
  if (Number(users) < 65_536) return null;
  const idOf = (flag: string): number => {
    const { status, stdout } = spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : -1;
  };
  const [uid, gid] = [idOf('-u'), idOf('-g')];
  return uid < 0 || gid < 0 ? null : { uid, gid };
}
