import { spawnSync } from 'node:child_process';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';

import { freePort } from './free-port.ts';
import { ServerProcess } from './server-process.ts';
import { createFolder } from './yaml-program.ts';

/** Why tests with Redis are skipped, or false when it is installed. */
export const MISSING_REDIS: string | false =
  spawnSync('redis-server', ['--version']).status === 0 ? false : 'missing: redis-server';

/** A real Redis on loopback. */
export interface RedisServer {
  readonly port: number;
  readonly process: ServerProcess;
}

/** Starts Redis; it ends with the test. `settings` are further options, as `--requirepass secret`. */
export async function startRedis(context: TestContext, settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', createFolder(context)];
  const process = new ServerProcess(context, ['redis-server', ...args, ...settings], {}, () => accepts(port));
  await process.start();
  return { port, process };
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
