import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { connect, Socket } from 'node:net';
import test from 'node:test';
import { queryObjects } from 'node:v8';

import { FrameClient, FRAME, requestFields } from '../../support/h2-frames.ts';
import { until } from '../../support/until.ts';
import { playFrames } from './h2-stage.ts';

const INTERNAL_ERROR = 2;
const CANCEL = 8;
const CHURN = 60;

const HARMFUL: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['a line end in its value', [['x-a', 'a\r\nx-b: c']]],
  ['a NUL in its value', [['x-a', 'a\0b']]],
  ['a line end in its name', [['x-a\r\nx-b', 'c']]],
  ['a colon in its name', [['x-a: b', 'c']]],
];

for (const [what, fields] of HARMFUL) {
  test(`a field with ${what} never reaches a backend, in one piece or in two (RFC 9113 8.2.1)`, (t) => {
    const names: string[] = [];
    const answer: RequestListener = (request, response) => {
      names.push(...request.rawHeaders);
      response.end();
    };
    return playFrames(t, answer, async ({ client }) => {
      client.headers(1, [...requestFields('GET', '/'), ...fields], true);
      await client.untilOver(1);
      assert.deepEqual(
        names.filter((name) => /^x-[ab]/i.test(name)),
        [],
      );
    });
  });
}

const REFUSED: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['an upper-case name', [['X-A', 'b']]],
  ['a connection field', [['connection', 'close']]],
  ['a transfer coding', [['transfer-encoding', 'chunked']]],
  ['an upgrade', [['upgrade', 'websocket']]],
  ['a TE other than trailers', [['te', 'gzip']]],
  ['a host that disagrees with the authority', [['host', 'other.test']]],
  [
    'two lengths',
    [
      ['content-length', '0'],
      ['content-length', '1'],
    ],
  ],
  ['a length that is no number', [['content-length', '+1']]],
];

for (const [what, fields] of REFUSED) {
  test(`${what} never reaches a backend (RFC 9113 8.2, 8.3)`, (t) =>
    playFrames(
      t,
      (_request, response) => void response.end('leaked'),
      async ({ client, backend }) => {
        client.headers(1, [...requestFields('GET', '/'), ...fields], true);
        await client.untilOver(1);
        assert.doesNotMatch(client.bodyOf(1), /leaked/);
        assert.equal(backend.requests, 0);
      },
    ));
}

for (const [what, path] of [
  ['a line end', '/ HTTP/1.1\r\nx-a: b\r\n\r\nGET /evil'],
  ['a space', '/a b'],
  ['nothing', ''],
  ['a full address of another host', 'http://evil.test/'],
] as const) {
  test(`a path of ${what} never reaches a backend`, (t) =>
    playFrames(
      t,
      (_request, response) => void response.end('leaked'),
      async ({ client, backend }) => {
        client.headers(1, requestFields('GET', path), true);
        await client.untilOver(1);
        assert.equal(backend.requests, 0);
      },
    ));
}

test('a body that is longer than its length never reaches the backend as a request of its own', (t) =>
  playFrames(
    t,
    (request, response) => {
      request.resume();
      request.once('end', () => response.end('ok'));
    },
    async ({ client, backend }) => {
      client.headers(1, [...requestFields('POST', '/'), ['content-length', '2']], false);
      client.data(1, 'okGET /evil HTTP/1.1\r\nHost: evil\r\n\r\n', true);
      await client.untilOver(1);
      assert.ok(backend.requests <= 1);
      client.headers(3, requestFields('GET', '/'), true);
      await client.untilOver(3);
      assert.ok(backend.requests <= 2);
    },
  ));

test('a status that node:http2 cannot send resets the stream and is no defect', (t) =>
  playFrames(
    t,
    (request) => void request.socket.write('HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok'),
    async ({ client, rig }) => {
      client.headers(1, requestFields('GET', '/'), true);
      await client.untilOver(1);
      assert.equal(client.resetCodeOf(1), INTERNAL_ERROR);
      assert.deepEqual(rig.failures, ['backend_invalid_response']);
    },
  ));

test('a stream that is reset in the middle of its body is a request that the client left', (t) =>
  playFrames(
    t,
    (request) => void request.resume(),
    async ({ client, backend, rig }) => {
      client.headers(1, requestFields('POST', '/'), false);
      client.data(1, 'half', false);
      await until('the backend has the request', () => backend.requests === 1);
      client.reset(1, CANCEL);
      await until('the exchange is over', () => rig.statuses.length === 1);
      assert.deepEqual([rig.statuses, rig.failures], [[499], ['client_abort_request']]);
    },
  ));

test('a listener that closes all connections is the reason, not the clients', (t) =>
  playFrames(
    t,
    (request) => void request.resume(),
    async ({ client, backend, rig }) => {
      client.headers(1, requestFields('GET', '/'), true);
      client.headers(3, requestFields('GET', '/'), true);
      await until('the backend has the requests', () => backend.requests === 2);
      rig.stop();
      assert.deepEqual(
        [rig.statuses, rig.failures],
        [
          [503, 503],
          ['shutting_down', 'shutting_down'],
        ],
      );
    },
  ));

test('thousands of streams that are opened and reset at once leave nothing behind', (t) =>
  playFrames(
    t,
    (_request, response) => void setTimeout(() => response.end('late'), 50),
    async ({ client, rig }) => {
      for (let stream = 1; stream < 4_000; stream += 2) {
        client.headers(stream, requestFields('GET', '/'), true);
        client.reset(stream, CANCEL);
      }
      await until('the flood was seen', () => client.closed || rig.statuses.length >= 100);
      await until('nothing is in flight', () => rig.gauges.requests === 0 && rig.gauges.upstreamActive === 0);
      const fresh = new FrameClient(rig.port);
      t.after(() => fresh.destroy());
      fresh.headers(1, requestFields('GET', '/'), true);
      await until('a new client is served', () => fresh.bodyOf(1) === 'late');
      fresh.destroy();
    },
  ));

test('a client of HTTP/1.1 on an HTTP/2 listener is closed', (t) =>
  playFrames(
    t,
    (_request, response) => void response.end('leaked'),
    async ({ rig, backend }) => {
      const socket = connect({ host: '127.0.0.1', port: rig.port });
      let closed = false;
      socket.on('error', () => undefined);
      socket.on('close', () => (closed = true));
      socket.resume();
      socket.write('GET / HTTP/1.1\r\nHost: h2.test\r\n\r\n');
      await until('closed', () => closed);
      assert.equal(backend.requests, 0);
    },
  ));

test('frames that break the protocol end the connection only', (t) =>
  playFrames(
    t,
    (_request, response) => void response.end('ok'),
    async ({ client, rig }) => {
      client.send(FRAME.windowUpdate, 0, 0, Buffer.alloc(3));
      await until('the connection is closed', () => client.closed);
      await until('its connection is counted out', () => rig.gauges.connections === 0);
    },
  ));

test('a connection without a first request is closed after the time for a head', (t) =>
  playFrames(
    t,
    (_request, response) => void response.end('ok'),
    async ({ client }) => {
      await until('it is closed', () => client.closed);
    },
    { timeouts: { headerReadMs: 300, idleMs: 60_000 } },
  ));

test('connections that are closed are not kept in memory until their idle timeout', (t) =>
  playFrames(
    t,
    (_request, response) => void response.end('ok'),
    async ({ rig }) => {
      const churn = async (): Promise<number> => {
        const clients = Array.from({ length: CHURN }, () => new FrameClient(rig.port));
        for (const client of clients) client.headers(1, requestFields('GET', '/'), true);
        await until('all answers', () => clients.every((client) => client.hasEnded(1)));
        for (const client of clients) client.destroy();
        await until('all are counted out', () => rig.gauges.connections === 1);
        return queryObjects(Socket, { format: 'count' });
      };
      const before = await churn();
      const after = await churn();
      assert.ok(after - before < CHURN / 2, `${before} sockets in memory, then ${after}`);
    },
  ));
