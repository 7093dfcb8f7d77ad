import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { INSPECT, runInWorker } from '../support/inspector.ts';
import { type Program, startProgram } from '../support/program.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { startWebSocketBackend } from '../support/web-socket-backend.ts';
import { frameBytes } from '../support/web-socket-frames.ts';
import { createFolder } from '../support/yaml-program.ts';

/** The whole drill of the issue: RELOADS=50 WEBSOCKETS=1000. */
const RELOADS = Number(process.env.RELOADS ?? 6);
const WEBSOCKETS = Number(process.env.WEBSOCKETS ?? 200);
const ROUTES = 1_000;
const UPGRADE =
  'GET /chat HTTP/1.1\r\nHost: ws.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: drill\r\n\r\n';

/** Bytes that are in use on the heap of the only worker, after a collection. */
async function heapOf(program: Program, folder: string, name: string): Promise<number> {
  const path = join(folder, name);
  const write = `process.getBuiltinModule('node:fs').writeFileSync(${JSON.stringify(`${path}.new`)}, String(process.getBuiltinModule('node:v8').getHeapStatistics().used_heap_size))`;
  await runInWorker(program, 'data-0', `gc(); setTimeout(() => { gc(); ${write}; }, 200);`);
  await until('the worker measured', () => existsSync(`${path}.new`) && readFileSync(`${path}.new`, 'utf8') !== '');
  renameSync(`${path}.new`, path);
  return Number(readFileSync(path, 'utf8'));
}

async function open(t: TestContext, program: Program, count: number): Promise<RawClient[]> {
  const clients = Array.from({ length: count }, () => new RawClient(program.port));
  for (const client of clients) {
    t.after(() => client.destroy());
    client.send(UPGRADE);
  }
  await until('all are open', () => clients.every(({ text }) => text.includes('\r\n\r\n')), 30_000);
  assert.ok(clients.every(({ statuses }) => statuses[0] === 101));
  return clients;
}

test(`WebSockets of ${RELOADS} snapshots: none is closed by a reload, and none keeps an old route table alive`, async (t) => {
  const backend = await startWebSocketBackend(t);
  const folder = createFolder(t);
  const file = join(folder, 'config.yaml');
  // Every reload changes every route, the one of the WebSockets included: nothing of a table is used again by the next one.
  const write = (round: number): void => {
    const routes = Array.from(
      { length: ROUTES },
      (_, i) => `  r${i}: { path: /r${i}, target: "${backend.url}", timeout: ${round + 1}s }`,
    );
    const chat = `  chat: { path: /chat, target: "${backend.url}", timeout: ${round + 1}s }`;
    writeFileSync(file, `pool: { max_conns_per_host: 4000 }\nroutes:\n${[chat, ...routes].join('\n')}\n`);
  };
  write(0);
  const program = await startProgram(t, {
    args: ['--config', file],
    nodeFlags: [...INSPECT, '--expose-gc'],
    env: { RWWWRSE_WORKERS: '1', RWWWRSE_HOT_RELOAD: 'false' },
  });
  const reload = async (round: number): Promise<void> => {
    write(round);
    program.signal('SIGHUP');
    await program.untilLogged('configuration reloaded', 30_000, round);
  };
  await reload(1);
  const one = await heapOf(program, folder, 'empty');
  const clients = await open(t, program, WEBSOCKETS);
  const before = await heapOf(program, folder, 'before');
  for (const client of clients.splice(0)) client.reset();
  await until('all are closed', () => backend.peers.every(({ closed }) => closed));

  const each = Math.ceil(WEBSOCKETS / RELOADS);
  for (let round = 2; round < 2 + RELOADS; round++) {
    clients.push(...(await open(t, program, Math.min(each, WEBSOCKETS - clients.length))));
    await reload(round);
  }
  const after = await heapOf(program, folder, 'after');
  const perTunnel = (before - one) / WEBSOCKETS;
  t.diagnostic(
    `heap: ${one} without tunnels, ${before} with ${WEBSOCKETS} (${Math.round(perTunnel)} bytes each), ${after} with as many of ${RELOADS} snapshots`,
  );
  assert.ok(perTunnel < 16_000, `${perTunnel} bytes per idle tunnel`);
  // One old table is some megabytes; those of all reloads would be many times as much.
  assert.ok(after - before < 3_000_000, `the heap grew by ${after - before} bytes over ${RELOADS} reloads`);
  assert.ok(clients.every(({ ended, closed }) => !ended && !closed));
  for (const client of clients) client.socket.write(frameBytes(0x81, 'still here', [1, 2, 3, 4]));
  await until('all are alive', () => clients.every(({ text }) => text.endsWith('still here')));
});
