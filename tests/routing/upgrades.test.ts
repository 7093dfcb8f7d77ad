import assert from 'node:assert/strict';
import test from 'node:test';

import { startRawBackend } from '../support/raw-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { startWithYaml } from '../support/yaml-program.ts';

const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';

function upgradeOf(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`;
}

test('a route with websocket: false asks no backend for a tunnel, and the others do', async (context) => {
  const backend = await startRawBackend(context, (peer) => {
    if (/\r\nupgrade: websocket\r\n/i.test(peer.text)) peer.send(SWITCH);
    else peer.answer('plain');
  });
  const liar = await startRawBackend(context, (peer) => peer.send(SWITCH));
  const program = await startWithYaml(context, [
    'routes:',
    `  open: {path: /, target: "http://127.0.0.1:${backend.port}"}`,
    `  closed: {path: /closed, target: "http://127.0.0.1:${backend.port}", websocket: false}`,
    `  lied: {path: /lied, target: "http://127.0.0.1:${liar.port}", websocket: false}`,
  ]);
  for (const [path, status] of [
    ['/', 101],
    ['/closed', 200],
    ['/lied', 502],
  ] as const) {
    const client = new RawClient(program.port);
    context.after(() => client.destroy());
    client.send(upgradeOf(path));
    await until(`an answer for ${path}`, () => client.statuses.length > 0);
    assert.equal(client.statuses[0], status, path);
  }
  const [, asked] = backend.peers.map(({ text }) => text);
  assert.doesNotMatch(asked ?? '', /\r\n(upgrade|connection):/i);
});
