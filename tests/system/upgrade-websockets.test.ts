import assert from 'node:assert/strict';
import test from 'node:test';

import { metricValue } from '../support/metrics.ts';
import { isRunning } from '../support/processes.ts';
import { startUpgradable, untilGone } from '../support/upgrade.ts';
import { until } from '../support/until.ts';
import { startWebSocketBackend } from '../support/web-socket-backend.ts';
import { WebSocketClient } from '../support/web-socket-client.ts';

const COUNT = 60;
const TUNNELS = 'rwwwrse_tunnels{protocol="websocket"}';

test('WebSockets talk on over an upgrade, and are closed with 1001 by the old process, spread over its drain', async (t) => {
  const backend = await startWebSocketBackend(t);
  const { program, upgrade } = await startUpgradable(t, {
    env: {
      RWWWRSE_DEFAULT_BACKEND: backend.url,
      RWWWRSE_SHUTDOWN_TIMEOUT: '6s',
      RWWWRSE_MAX_CONNS_PER_HOST: '1000',
    },
  });
  const open = (): Promise<WebSocketClient> => new WebSocketClient(t, `ws://127.0.0.1:${program.port}/chat`).opened();
  const before = await Promise.all(Array.from({ length: COUNT }, open));
  assert.equal(await metricValue(program.port, TUNNELS), COUNT);
  const upgraded = upgrade();
  const { time } = await program.untilLogged('upgrade: another process serves', 20_000);
  const servedMs = Date.parse(String(time)) - performance.timeOrigin;
  const after = await Promise.all(Array.from({ length: 10 }, open));
  await until('the new process counts its own', async () => (await metricValue(program.port, TUNNELS)) === 10);
  const living = before.filter(({ end }) => end === null);
  assert.ok(living.length > COUNT / 2, `${living.length} of ${COUNT} are open when the new process serves`);
  for (const { socket } of living) socket.send('still here');
  await until('they talk on', () =>
    living.every(({ messages, end }) => messages.includes('still here') || end !== null),
  );
  assert.ok(living.filter(({ messages }) => messages.includes('still here')).length > COUNT / 3);

  const ends = await Promise.all(before.map((client) => client.ended(15_000)));
  assert.deepEqual(new Set(ends.map(({ code, wasClean }) => `${code} ${wasClean}`)), new Set(['1001 true']));
  const lastS = Math.max(...ends.map(({ atMs }) => atMs - servedMs)) / 1_000;
  assert.ok(lastS > 1.5 && lastS < 6, `the last one after ${lastS} s`);
  for (let second = 0; second < 4; second++) {
    const inIt = ends.filter(({ atMs }) => Math.floor((atMs - servedMs) / 1_000) === second).length;
    assert.ok(inIt < COUNT / 2, `${inIt} in second ${second}`);
  }
  assert.equal((await upgraded).code, 0);
  assert.deepEqual(await program.ended(), { code: 0, signal: null });
  await untilGone(t, program.pid);
  assert.ok(isRunning(program.servingPids.at(-1) ?? 0));
  const old = backend.peers.slice(0, COUNT);
  await until('the backend heard of all', () => old.every(({ closed }) => closed));
  assert.deepEqual(
    new Set(old.map(({ closeCode, violation, reader }) => `${closeCode} ${violation} ${reader.torn}`)),
    new Set(['1001 null 0']),
  );
  for (const { socket } of after) socket.send('here, too');
  await until('those of the new process are untouched', () =>
    after.every(({ messages, end }) => messages.includes('here, too') && end === null),
  );
});
