import assert from 'node:assert/strict';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test, { type TestContext } from 'node:test';

import { startHttpBackend } from '../support/http-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

const MUCH = 'x'.repeat(100_000);

/** A backend that answers an upgrade request with 101 and then echoes; tells its sockets. */
async function startUpgrader(context: TestContext): Promise<{ readonly port: number; readonly sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.once('data', (head: Buffer) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
      const end = head.indexOf('\r\n\r\n') + 4;
      if (end < head.length) socket.write(head.subarray(end));
      socket.pipe(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port, sockets };
}

test('a client that was paused while its body waited for a connection is read again for its next request', async (t) => {
  const backend = await startHttpBackend(t, (request, response) => {
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  const rig = await startRig(t, { backends: [backend.port] });
  const client = new RawClient(rig.port);
  client.send(`POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${MUCH.length}\r\n\r\n${MUCH}`);
  await until('the upload is answered', () => client.statuses.length === 1);
  client.get('/b');
  await until('the next request is answered', () => client.statuses.length === 2, 3_000);
  client.fin();
  await until('the end of the client is noticed', () => rig.gauges.connections === 0, 3_000);
  assert.deepEqual(rig.statuses, [200, 200]);
});

test('a tunnel whose client sent much before the switch goes on reading, and ends with its client', async (t) => {
  const backend = await startUpgrader(t);
  const rig = await startRig(t, { backends: [backend.port] });
  const client = new RawClient(rig.port);
  client.send(`GET /u HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n${MUCH}`);
  await until('the early bytes come back', () => client.received > MUCH.length);
  const before = client.received;
  client.send('late');
  await until('later bytes come back', () => client.received === before + 4, 3_000);
  client.reset();
  await until(
    'the tunnel is gone on both sides',
    () => backend.sockets.size === 0 && rig.gauges.upstreamActive === 0,
    3_000,
  );
});

test('an answer that is finished for the log arrives although the client closed its side meanwhile', async (t) => {
  const body = 'y'.repeat(60_000);
  const backend = await startHttpBackend(t, (_request, response) => response.end(body));
  const rig = await startRig(t, { backends: [backend.port], halfClose: true });
  const client = new RawClient(rig.port, 0);
  client.pause();
  const requests = 40;
  client.send('GET /x HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(requests));
  client.fin();
  await until('some answers wait for the client', () => rig.statuses.length > 0);
  client.resume();
  await until('the connection ended', () => client.ended, 10_000);
  assert.equal(rig.statuses.filter((status) => status === 200).length, requests);
  assert.ok(
    client.received > requests * body.length,
    `${client.received} bytes of ${requests * body.length} and heads`,
  );
});

test('a client that waits for 100 is not too slow, however long the backend thinks (RFC 9110 10.1.1)', async (t) => {
  let invite: (() => void) | null = null;
  const backend = createHttpServer();
  backend.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    invite = () => response.writeContinue();
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    backend.close();
    backend.closeAllConnections();
  });
  const { port } = backend.address() as AddressInfo;
  const rig = await startRig(t, { backends: [port], timeouts: { requestReadMs: 300 } });
  const client = new RawClient(rig.port);
  const asked = performance.now();
  client.send('POST /slow HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n');
  await until('longer than the read timeout passes', () => invite !== null && performance.now() - asked > 700);
  assert.equal(client.text, '');
  (invite as unknown as () => void)();
  await until('the client is invited', () => client.text.includes('100 Continue'));
  client.send('hello');
  await until('the request is answered', () => client.statuses.includes(200), 3_000);
});

test('the response timeout begins when the request was sent, not while its client sends it', async (t) => {
  const backend = await startHttpBackend(t, (request, response) => {
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  const rig = await startRig(t, { backends: [backend.port], responseTimeoutMs: 300 });
  const client = new RawClient(rig.port);
  const began = performance.now();
  client.send('POST /drip HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na');
  await until('longer than the response timeout passes', () => performance.now() - began > 800);
  assert.equal(client.text, '');
  client.send('b');
  await until('the request is answered', () => client.statuses.includes(200), 3_000);
});

test('a client that stalls after an early answer to its body is closed', async (t) => {
  const backend = await startHttpBackend(t, (_request, response) => response.end('early'));
  const rig = await startRig(t, { backends: [backend.port], timeouts: { requestReadMs: 500, idleMs: 500 } });
  const client = new RawClient(rig.port);
  client.send(`POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n${MUCH}`);
  await until('the early answer is there', () => client.statuses.length === 1);
  await until('the connection is closed', () => client.ended || client.closed, 5_000);
});
