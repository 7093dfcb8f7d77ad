import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';

const THREAD = `
const { parentPort } = require('node:worker_threads');
const server = require('node:net').createServer();
server.listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  // The port listens, and nobody accepts.
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});
`;
/** Why a test that needs a deaf port is skipped; in CI that is a failure. */
export const MISSING_DEAF_PORT = 'missing: a kernel that leaves connection attempts beyond the accept queue unanswered';

const MOST_FILLERS = 16;
const ATTEMPT_MS = 300;

/**
 * A loopback port on which connection attempts get no answer at all: its accept queue is full, so that the kernel drops them.
 * Null where the kernel answers all the same.
 */
export async function openDeafPort(context: TestContext): Promise<number | null> {
  const thread = new Worker(THREAD, { eval: true });
  const fillers: Socket[] = [];
  context.after(async () => {
    for (const filler of fillers) filler.destroy();
    await thread.terminate();
  });
  const port = await new Promise<number>((resolve) => thread.once('message', resolve));
  while (fillers.length < MOST_FILLERS) {
    const filler = connect({ host: '127.0.0.1', port });
    fillers.push(filler);
    filler.on('error', () => undefined);
    const isConnected = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), ATTEMPT_MS);
      filler.once('connect', () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
    if (!isConnected) return port;
  }
  return null;
}
