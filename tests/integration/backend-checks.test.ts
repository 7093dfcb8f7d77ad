import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import test from 'node:test';

import type { HealthCheckSettings } from '../../src/config/resilience-settings.ts';
import type { CheckOutcome } from '../../src/controlplane/probes/check.ts';
import { BackendProcess } from '../support/backend-process.ts';
import { checkOnce, OK, SHORT, startScripted } from '../support/backend-checks.ts';
import { MISSING_DEAF_PORT, openDeafPort } from '../support/deaf-port.ts';
import { freePort } from '../support/free-port.ts';
import { until } from '../support/until.ts';
import { createFolder } from '../support/yaml-program.ts';

test('a check asks like a client: one request with the right Host, on a connection that it closes', async (context) => {
  const backend = await startScripted(context, (socket) => socket.write(OK));
  const outcome = await checkOnce(backend.port, { target: { basePath: '/app' } });
  assert.deepEqual([outcome.failure, outcome.status], [null, 200]);
  assert.ok(outcome.durationMs > 0);
  assert.equal(
    backend.received(),
    `GET /app/health HTTP/1.1\r\nHost: 127.0.0.1:${backend.port}\r\nUser-Agent: rwwwrse-health/1.0.0\r\nAccept: */*\r\nConnection: close\r\n\r\n`,
  );
  await until('the connection is closed', () => backend.sockets.size === 0);
});

test('method, host and headers are those of the settings; a header replaces the own one of its name', async (context) => {
  const backend = await startScripted(context, (socket) => socket.write(OK));
  const settings = {
    method: 'POST',
    host: 'shop.example',
    headers: [
      ['user-agent', 'probe'],
      ['X-Key', 'a b'],
    ],
  } as const;
  assert.equal((await checkOnce(backend.port, { settings })).failure, null);
  assert.equal(
    backend.received(),
    'POST /health HTTP/1.1\r\nHost: shop.example\r\nAccept: */*\r\nConnection: close\r\nContent-Length: 0\r\nuser-agent: probe\r\nX-Key: a b\r\n\r\n',
  );
});

const DRIP_MS = 20;

/** Sends `text` again and again until the connection ends. */
function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), DRIP_MS);
  socket.once('close', () => clearInterval(timer));
}

/** What a backend does, and what a check must make of it. */
const ANSWERS: readonly {
  readonly name: string;
  readonly script: (socket: Socket) => void;
  readonly settings?: Partial<HealthCheckSettings>;
  readonly expected: readonly [failure: CheckOutcome['failure'], status: number];
}[] = [
  { name: 'an answer of a length', script: (socket) => socket.write(OK), expected: [null, 200] },
  {
    name: 'a status that is not expected',
    script: (socket) => socket.write('HTTP/1.1 503 no\r\nContent-Length: 0\r\n\r\n'),
    expected: ['status_unexpected', 503],
  },
  {
    name: 'a status that is expected though it is an error',
    script: (socket) => socket.write('HTTP/1.1 404 no\r\nContent-Length: 0\r\n\r\n'),
    settings: {
      expectedStatuses: [
        { from: 200, to: 299 },
        { from: 404, to: 404 },
      ],
    },
    expected: [null, 404],
  },
  {
    name: 'a body without length that ends with the connection',
    script: (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nall is well'),
    settings: { expectedBody: 'is well' },
    expected: [null, 200],
  },
  {
    name: 'an expected text that is spread over chunks and reads',
    script: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nall i');
      setTimeout(() => socket.write('\r\n6\r\ns well\r\n0\r\n\r\n'), DRIP_MS);
    },
    settings: { expectedBody: 'is well' },
    expected: [null, 200],
  },
  {
    name: 'an expected text that is not there',
    script: (socket) => socket.write(OK),
    settings: { expectedBody: 'fine' },
    expected: ['body_unexpected', 200],
  },
  {
    name: 'interim answers before the final one',
    script: (socket) =>
      socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${OK}`),
    expected: [null, 200],
  },
  {
    name: 'an answer to HEAD, whose length describes a body that does not come',
    script: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'),
    settings: { method: 'HEAD' },
    expected: [null, 200],
  },
  { name: '204', script: (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'), expected: [null, 204] },
  { name: 'silence', script: () => undefined, settings: SHORT, expected: ['answer_timeout', 0] },
  {
    name: 'a head that drips for ever',
    script: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      drip(socket, 'X-More: 1\r\n');
    },
    settings: SHORT,
    expected: ['answer_timeout', 0],
  },
  {
    name: 'a body that drips for ever',
    script: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      drip(socket, 'x');
    },
    settings: SHORT,
    expected: ['answer_timeout', 0],
  },
  {
    name: 'interim answers for ever',
    script: (socket) => drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(10)),
    expected: ['answer_invalid', 0],
  },
  {
    name: 'a connection that ends without an answer',
    script: (socket) => socket.end(),
    expected: ['answer_incomplete', 0],
  },
  {
    name: 'a connection that is reset in the middle of the body',
    script: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok', () => socket.resetAndDestroy()),
    expected: ['answer_incomplete', 0],
  },
  {
    name: 'a length that lies',
    script: (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'),
    expected: ['answer_incomplete', 200],
  },
  {
    name: 'a last chunk that never came',
    script: (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n'),
    expected: ['answer_incomplete', 200],
  },
  { name: 'no HTTP', script: (socket) => socket.write('SSH-2.0-OpenSSH_9\r\n\r\n'), expected: ['answer_invalid', 0] },
  {
    name: 'bare line feeds',
    script: (socket) => socket.write('HTTP/1.1 200 OK\nContent-Length: 0\n\n'),
    expected: ['answer_invalid', 0],
  },
  {
    name: 'two lengths, which requests would not take either',
    script: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok'),
    expected: ['answer_invalid', 0],
  },
  {
    name: 'a chunk that is none',
    script: (socket) => socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    expected: ['answer_invalid', 200],
  },
  {
    name: 'a head without end',
    script: (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'X-Long: 0123456789\r\n'.repeat(5_000)}`),
    expected: ['answer_invalid', 0],
  },
  {
    name: 'a switch of protocols that nobody asked for',
    script: (socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    expected: ['answer_invalid', 0],
  },
];

for (const { name, script, settings = {}, expected } of ANSWERS) {
  test(`${name}: ${expected[0] ?? 'passed'}, and the connection is closed`, async (context) => {
    const backend = await startScripted(context, script);
    const outcome = await checkOnce(backend.port, { settings });
    assert.deepEqual([outcome.failure, outcome.status], expected, JSON.stringify(outcome));
    await until('the connection is closed', () => backend.sockets.size === 0);
  });
}

test('an endless body is read up to 64 KiB: what comes later is not found, and nobody sends for long', async (context) => {
  let sent = 0;
  const backend = await startScripted(context, (socket) => {
    const flood = (): void => {
      while (socket.writable && sent < 64 * 1_048_576) {
        sent += 16_384;
        if (!socket.write('x'.repeat(16_384))) break;
      }
    };
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    socket.on('drain', flood);
    flood();
  });
  const passing = await checkOnce(backend.port);
  assert.deepEqual([passing.failure, passing.status], [null, 200]);
  const failing = await checkOnce(backend.port, { settings: { expectedBody: 'y' } });
  assert.equal(failing.failure, 'body_unexpected');
  await until('the connections are closed', () => backend.sockets.size === 0);
  assert.ok(sent < 16 * 1_048_576, `${sent} bytes`);
});

test('a backend that listens no longer refuses, whether it had a port or a socket', async (context) => {
  const refused = await checkOnce(await freePort());
  assert.deepEqual([refused.failure, refused.detail], ['connect_refused', 'ECONNREFUSED']);
  const path = join(createFolder(context), 'gone.sock');
  const gone = await checkOnce(0, { target: { addresses: [{ path }] } });
  assert.deepEqual([gone.failure, gone.detail], ['connect_refused', 'ENOENT']);
});

test('a backend without an address is unresolved', async () => {
  assert.equal((await checkOnce(1, { target: { addresses: [] } })).failure, 'unresolved');
  assert.equal((await checkOnce(1, { target: { addresses: [] }, settings: { kind: 'tcp' } })).failure, 'unresolved');
});

test('a unix socket is checked like a port', async (context) => {
  const path = join(createFolder(context), 'backend.sock');
  const backend = await startScripted(context, (socket) => socket.write(OK), path);
  const target = { name: `unix:${path}`, authority: 'localhost', addresses: [{ path }] };
  assert.equal((await checkOnce(0, { target })).failure, null);
  assert.match(backend.received(), /\r\nHost: localhost\r\n/);
});

test('attempts to connect that get no answer end with the time of the check', async (context) => {
  const port = await openDeafPort(context);
  if (port === null) return context.skip(MISSING_DEAF_PORT);
  for (const kind of ['http', 'tcp'] as const) {
    const outcome = await checkOnce(port, { settings: { kind, timeoutMs: 150 } });
    assert.equal(outcome.failure, 'connect_timeout');
  }
});

test('a backend of several addresses is reached when one of them is', async (context) => {
  const backend = await startScripted(context, (socket) => socket.write(OK));
  const deaf = await openDeafPort(context);
  const addresses = [freePort(), deaf ?? freePort(), backend.port].map(async (port) => ({
    host: '127.0.0.1',
    port: await port,
  }));
  const outcome = await checkOnce(0, {
    target: { addresses: await Promise.all(addresses) },
    settings: { timeoutMs: 3_000 },
  });
  assert.equal(outcome.failure, null);
});

test('a TCP check is a connection, and nothing is sent', async (context) => {
  const backend = await startScripted(context, () => undefined);
  assert.equal((await checkOnce(backend.port, { settings: { kind: 'tcp' } })).failure, null);
  await until('the connection is closed', () => backend.sockets.size === 0);
  assert.equal(backend.received(), '');
});

test('where connections begin with a PROXY header, those of checks do too, and speak for nobody', async (context) => {
  const backend = await startScripted(context, (socket) => socket.write(OK));
  assert.equal((await checkOnce(backend.port, { policy: { proxyProtocol: 1 } })).failure, null);
  assert.equal((await checkOnce(backend.port, { policy: { proxyProtocol: 2 } })).failure, null);
  const [first, second] = backend.received().split(/(?<=\r\n\r\n)(?=\r\n\r\n\0)/);
  assert.match(first as string, /^PROXY UNKNOWN\r\nGET \/health /);
  assert.equal((second as string).slice(0, 20), '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0GET ');
});

test('a check whose own program stood still goes on for as long: a busy moment of main is no failure of all backends', async (context) => {
  const backend = await BackendProcess.start(context, await freePort());
  const standStill = (ms: number): void => {
    for (const endMs = performance.now() + ms; performance.now() < endMs;);
  };
  for (const kind of ['http', 'tcp'] as const) {
    const checked = checkOnce(backend.port, { settings: { kind, timeoutMs: 100 } });
    standStill(250);
    assert.equal((await checked).failure, null, kind);
  }
  backend.signal('SIGSTOP');
  const hanging = checkOnce(backend.port, { settings: { timeoutMs: 100 } });
  setTimeout(() => standStill(250), 50);
  const { failure, durationMs } = await hanging;
  assert.equal(failure, 'answer_timeout');
  assert.ok(durationMs < 2_000, `${durationMs} ms`);
});
