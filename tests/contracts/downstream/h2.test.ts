import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';

import { FrameClient, FRAME, requestFields } from '../../support/h2-frames.ts';
import { type HttpBackend, startHttpBackend } from '../../support/http-backend.ts';
import { type Rig, type RigOptions, startRig } from '../../support/rig.ts';
import { until } from '../../support/until.ts';

const NO_ERROR = 0;
const INTERNAL_ERROR = 2;
const CANCEL = 8;

interface H2Stage {
  readonly rig: Rig;
  readonly backend: HttpBackend;
  readonly client: FrameClient;
}

async function play(
  t: TestContext,
  answer: RequestListener,
  run: (stage: H2Stage) => Promise<void>,
  options: Partial<RigOptions> = {},
): Promise<void> {
  const backend = await startHttpBackend(t, answer);
  const rig = await startRig(t, { ...options, backends: [backend.port], protocol: 'h2c' });
  const client = new FrameClient(rig.port);
  t.after(() => client.destroy());
  await run({ rig, backend, client });
  await rig.untilIdle();
  client.destroy();
  await rig.settle();
  assert.deepEqual(rig.defects, []);
}

for (const [name, answer, body] of [
  ['of known length', (_request, response) => void response.writeHead(200, { 'content-length': 2 }).end('ok'), 'ok'],
  ['of unknown length', (_request, response) => void (response.write('ok'), response.end()), 'ok'],
  ['without a body', (_request, response) => void response.writeHead(204).end(), ''],
] as const satisfies readonly (readonly [string, RequestListener, string])[]) {
  test(`an answer ${name} ends with the end of its stream and no reset (RFC 9113 8.1)`, (t) =>
    play(t, answer, async ({ client }) => {
      client.headers(1, requestFields('GET', '/'), true);
      await until('the end', () => client.hasEnded(1));
      assert.equal(client.bodyOf(1), body);
      client.headers(3, requestFields('GET', '/'), true);
      await until('the end', () => client.hasEnded(3));
      assert.equal(client.resetCodeOf(1), null);
    }));
}

for (const code of [NO_ERROR, CANCEL]) {
  test(`a reset with code ${code} in the middle of an upload is no end of the upload`, (t) => {
    let complete: boolean | null = null;
    const answer: RequestListener = (request) => {
      request.resume();
      request.once('close', () => (complete = request.complete));
    };
    return play(t, answer, async ({ client, backend, rig }) => {
      client.headers(1, requestFields('POST', '/'), false);
      client.data(1, 'half', false);
      await until('the backend has the request', () => backend.requests === 1);
      client.reset(1, code);
      await until('the backend knows', () => complete !== null);
      assert.equal(complete, false);
      await until('the exchange is over', () => rig.statuses.length === 1);
      assert.deepEqual(rig.statuses, [499]);
    });
  });
}

test('a connection that breaks in the middle of an upload is no end of the upload', (t) => {
  let complete: boolean | null = null;
  const answer: RequestListener = (request) => {
    request.resume();
    request.once('close', () => (complete = request.complete));
  };
  return play(t, answer, async ({ client, backend, rig }) => {
    client.headers(1, requestFields('POST', '/'), false);
    client.data(1, 'half', false);
    await until('the backend has the request', () => backend.requests === 1);
    client.destroy();
    await until('the backend knows', () => complete !== null);
    assert.equal(complete, false);
    await until('the exchange is over', () => rig.statuses.length === 1);
    assert.deepEqual(rig.statuses, [499]);
  });
});

test('an early answer is whole, and then the upload is stopped without an error (RFC 9113 8.1)', (t) =>
  play(
    t,
    (_request, response) => void response.writeHead(403, { 'content-length': 6 }).end('denied'),
    async ({ client }) => {
      client.headers(1, requestFields('POST', '/'), false);
      client.data(1, 'x'.repeat(5_000), false);
      await until('the end of the answer', () => client.hasEnded(1));
      await until('the upload is stopped', () => client.resetCodeOf(1) !== null);
      assert.equal(client.bodyOf(1), 'denied');
      assert.equal(client.hasEnded(1), true);
      assert.equal(client.resetCodeOf(1), NO_ERROR);
    },
  ));

test('a request with a length of zero whose end comes later is served', (t) =>
  play(
    t,
    (_request, response) => void response.end('ok'),
    async ({ client }) => {
      client.headers(1, [...requestFields('POST', '/'), ['content-length', '0']], false);
      await until('the answer', () => client.bodyOf(1) === 'ok');
      client.data(1, '', true);
      await client.untilOver(1);
      assert.equal(client.hasEnded(1), true);
    },
  ));

test('a backend that dies in the middle of its answer resets the stream, not the connection', (t) =>
  play(
    t,
    (request, response) => {
      if (request.url === '/good') response.end('good');
      else response.write('some', () => response.destroy());
    },
    async ({ client }) => {
      client.headers(1, requestFields('GET', '/'), true);
      await client.untilOver(1);
      assert.equal(client.resetCodeOf(1), INTERNAL_ERROR);
      assert.equal(client.hasEnded(1), false);
      client.headers(3, requestFields('GET', '/good'), true);
      await until('the next answer', () => client.hasEnded(3));
      assert.equal(client.bodyOf(3), 'good');
    },
  ));

test('streams of one connection do not wait for each other', (t) =>
  play(
    t,
    (request, response) => {
      if (request.url !== '/slow') response.end('fast');
    },
    async ({ client, backend }) => {
      client.headers(1, requestFields('GET', '/slow'), true);
      await until('the backend has the request', () => backend.requests === 1);
      for (let stream = 3; stream < 43; stream += 2) client.headers(stream, requestFields('GET', '/fast'), true);
      await until('all fast answers', () => client.hasEnded(41) && client.hasEnded(3));
      assert.equal(client.hasEnded(1), false);
      client.reset(1, CANCEL);
      await until('the backend request is cancelled', () => backend.cancelled === 1);
    },
  ));

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
    return play(t, answer, async ({ client }) => {
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
    play(
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
    play(
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
  play(
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
  play(
    t,
    (request) => void request.socket.write('HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok'),
    async ({ client, rig }) => {
      client.headers(1, requestFields('GET', '/'), true);
      await client.untilOver(1);
      assert.equal(client.resetCodeOf(1), INTERNAL_ERROR);
      assert.deepEqual(rig.failures, ['backend_invalid_response']);
    },
  ));

test('thousands of streams that are opened and reset at once leave nothing behind', (t) =>
  play(
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
  play(
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
  play(
    t,
    (_request, response) => void response.end('ok'),
    async ({ client, rig }) => {
      client.send(FRAME.windowUpdate, 0, 0, Buffer.alloc(3));
      await until('the connection is closed', () => client.closed);
      await until('its connection is counted out', () => rig.gauges.connections === 0);
    },
  ));
