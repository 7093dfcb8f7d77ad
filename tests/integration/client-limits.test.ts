import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import test from 'node:test';

import { freePort } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

const LIMIT = 6;
const GET = 'GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n';

/** Opens a connection, sends one request and waits for its status; the connection stays open if the server keeps it. */
async function openOne(port: number): Promise<{ client: RawClient; status: number }> {
  const client = new RawClient(port);
  client.send(GET);
  await until('an answer', () => client.statuses.length > 0);
  return { client, status: client.statuses[0] ?? 0 };
}

/** A connection from another address of the loopback network. */
function openFrom(port: number, localAddress: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket: Socket = connect({ host: '127.0.0.1', port, localAddress });
    socket.on('error', reject);
    socket.on('data', (piece: Buffer) => {
      text += piece.latin1Slice();
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
      if (status === undefined) return;
      socket.destroy();
      resolve(Number(status));
    });
    socket.write(GET);
  });
}

for (const [name, env, refusal] of [
  ['in all', { RWWWRSE_MAX_CONNECTIONS: String(LIMIT) }, 503],
  ['of one client', { RWWWRSE_MAX_CONNECTIONS_PER_CLIENT: String(LIMIT) }, 429],
] as const) {
  test(`no more connections ${name} than the limit, counted over both workers`, async (t) => {
    const backend = await startHttpBackend(t, (_request, response) => void response.end('ok'));
    const { port } = await startProgram(t, { env: { ...env, RWWWRSE_DEFAULT_BACKEND: backend.url } });
    const open: RawClient[] = [];
    t.after(() => {
      for (const client of open) client.destroy();
    });
    for (let round = 0; round < 3; round++) {
      while (open.length < LIMIT) {
        const { client, status } = await openOne(port);
        assert.equal(status, 200, `connection ${open.length + 1}`);
        open.push(client);
      }
      for (let i = 0; i < 4; i++) {
        const { client, status } = await openOne(port);
        assert.equal(status, refusal);
        await until('the refused one is closed', () => client.ended);
        client.fin();
        await until('the refused one is gone', () => client.closed);
      }
      if (refusal === 429) assert.equal(await openFrom(port, '127.0.0.2'), 200);
      // Three go, by FIN and by reset; their places are free as soon as the server has seen it.
      for (const how of ['fin', 'reset', 'fin'] as const) {
        const client = open.pop();
        client?.[how]();
        await until('it is gone', () => client?.closed === true);
      }
      await until('a place is free', async () => {
        const { client, status } = await openOne(port);
        client.fin();
        await until('it is gone', () => client.closed);
        return status === 200;
      });
    }
  });

  test(`a burst of connections never gets more than the limit ${name}, and uses it up`, async (t) => {
    const backend = await startHttpBackend(t, (_request, response) => void response.end('ok'));
    const { port } = await startProgram(t, { env: { ...env, RWWWRSE_DEFAULT_BACKEND: backend.url } });
    const burst = await Promise.all(Array.from({ length: 40 }, () => openOne(port)));
    const served = burst.filter(({ status }) => status === 200);
    assert.ok(burst.every(({ status }) => status === 200 || status === refusal));
    assert.ok(served.length <= LIMIT, `${served.length} were served`);
    t.diagnostic(`${served.length} of ${LIMIT} places were given in the burst`);
    for (const { client, status } of burst) if (status !== 200) client.fin();
    await until('the refused ones are gone', () =>
      burst.every(({ client, status }) => status === 200 || client.closed),
    );
    for (let taken = served.length; taken < LIMIT; taken++) assert.equal((await openOne(port)).status, 200);
    assert.equal((await openOne(port)).status, refusal);
    for (const { client } of burst) client.destroy();
  });
}

test('a worker whose buffers are full refuses new connections until they are not', async (t) => {
  const backend = await startHttpBackend(t, (request, response) => {
    if (request.url === '/x') response.end('ok');
    else response.end(Buffer.alloc(20_000_000));
  });
  const { port } = await startProgram(t, {
    env: { RWWWRSE_BUFFER_BUDGET_BYTES: '1MiB', RWWWRSE_DEFAULT_BACKEND: backend.url },
  });
  const deaf = Array.from({ length: 60 }, () => {
    const client = new RawClient(port, 0);
    client.pause();
    client.get('/much');
    return client;
  });
  t.after(() => {
    for (const client of deaf) client.destroy();
  });
  const refused = await until('a refusal', async () => {
    const { client, status } = await openOne(port);
    client.destroy();
    return status === 503 ? client.text : null;
  });
  assert.match(refused, /"code":"overloaded"/);
  assert.match(refused, /\r\nRetry-After: 1\r\n/);
  assert.match(refused, /\r\nConnection: close\r\n/);
  for (const client of deaf) client.reset();
  // Twenty in a row: both workers serve again.
  let inRow = 0;
  await until('both workers serve again', async () => {
    const { client, status } = await openOne(port);
    client.destroy();
    inRow = status === 200 ? inRow + 1 : 0;
    return inRow === 20;
  });
});

test('a request that comes back to this program is 508 after one round', async (t) => {
  const port = await freePort();
  await startProgram(t, { port, env: { RWWWRSE_DEFAULT_BACKEND: `http://127.0.0.1:${port}` } });
  for (let i = 0; i < 6; i++) {
    const { client, status } = await openOne(port);
    assert.equal(status, 508);
    assert.match(client.text, /"code":"loop_detected"/);
    client.destroy();
  }
});

test('a request may pass two programs one behind the other', async (t) => {
  const backend = await startHttpBackend(t, (request, response) => void response.end(request.headers.via));
  const inner = await startProgram(t, { env: { RWWWRSE_DEFAULT_BACKEND: backend.url } });
  const outer = await startProgram(t, { env: { RWWWRSE_DEFAULT_BACKEND: `http://127.0.0.1:${inner.port}` } });
  const { client, status } = await openOne(outer.port);
  assert.equal(status, 200);
  await until('the body', () => /\r\n\r\n1\.1 rwwwrse-[0-9a-f]{8}, 1\.1 rwwwrse-[0-9a-f]{8}$/.test(client.text));
  client.destroy();
});

test('several targets take turns in each of two workers, and get no more connections than they may', async (t) => {
  const backends = await Promise.all(
    [0, 1, 2].map((i) =>
      startHttpBackend(t, (_request, response) => void setTimeout(() => response.end(String(i)), 2)),
    ),
  );
  const { port } = await startProgram(t, {
    env: { RWWWRSE_DEFAULT_BACKEND: backends.map(({ url }) => url).join(','), RWWWRSE_POOL_MAX_CONNS_PER_HOST: '4' },
  });
  const clients = await Promise.all(Array.from({ length: 30 }, () => openOne(port)));
  for (let i = 2; i <= 20; i++) {
    for (const { client } of clients) client.send(GET);
    await until('all answers', () => clients.every(({ client }) => client.statuses.length === i));
  }
  const counts = backends.map(({ requests }) => requests);
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    600,
  );
  // Each worker's turns differ by one at most.
  assert.ok(Math.max(...counts) - Math.min(...counts) <= 2, String(counts));
  assert.ok(backends.every(({ accepted }) => accepted <= 4));
  for (const { client } of clients) client.destroy();
});
