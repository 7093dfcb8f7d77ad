import assert from 'node:assert/strict';
import test from 'node:test';

import { startHttpBackend } from '../support/http-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { startProgram } from '../support/program.ts';
import { until } from '../support/until.ts';

test('clients that are too slow, each in its own way', { concurrency: true }, async (t) => {
  const backend = await startHttpBackend(t, (request, response) => {
    request.resume();
    request.on('end', () => response.end('ok'));
  });
  const { port } = await startProgram(t, {
    env: {
      RWWWRSE_DEFAULT_BACKEND: backend.url,
      RWWWRSE_READ_HEADER_TIMEOUT: '500ms',
      RWWWRSE_READ_TIMEOUT: '0',
      RWWWRSE_IDLE_TIMEOUT: '700ms',
      RWWWRSE_MIN_DATA_RATE: '1000',
    },
  });
  const open = (text: string): RawClient => {
    const client = new RawClient(port);
    t.after(() => client.destroy());
    client.send(text);
    return client;
  };

  await Promise.all([
    t.test('a head that does not come in time is 408, however it trickles', async () => {
      const client = open('GET / HTTP/1.1\r\nHost: a.test\r\n');
      const trickle = setInterval(() => client.send('X-A: b\r\n'), 50);
      await until('the answer', () => client.ended).finally(() => clearInterval(trickle));
      assert.deepEqual(client.statuses, [408]);
      assert.match(client.text, /"code":"header_timeout"/);
    }),

    t.test('a second head that does not come in time is 408 too', async () => {
      const client = open('GET / HTTP/1.1\r\nHost: a.test\r\n\r\nGET / HT');
      await until('the answer', () => client.ended);
      assert.deepEqual(client.statuses, [200, 408]);
    }),

    t.test('a connection that sends nothing is closed', async () => {
      const client = open('');
      await until('it is closed', () => client.ended);
    }),

    t.test('a connection without another request is closed', async () => {
      const client = open('GET / HTTP/1.1\r\nHost: a.test\r\n\r\n');
      await until('it is closed', () => client.ended);
      assert.deepEqual(client.statuses, [200]);
      assert.match(client.text, /ok$/);
    }),

    t.test('a body below the minimum rate is 408 after the grace, and its backend request is cancelled', async () => {
      const startedMs = performance.now();
      const client = open('POST /slow HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n');
      const trickle = setInterval(() => client.send('x'.repeat(10)), 100);
      await until('the answer', () => client.ended, 15_000).finally(() => clearInterval(trickle));
      assert.deepEqual(client.statuses, [408]);
      assert.match(client.text, /"code":"data_rate_too_low"/);
      assert.ok(performance.now() - startedMs >= 5_000, 'the grace of five seconds');
      await until('it is cancelled', () => backend.cancelled === 1);
    }),

    t.test('a body above the minimum rate is not disturbed', async () => {
      const client = open('POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 14000\r\n\r\n');
      let sent = 0;
      const trickle = setInterval(() => {
        if (sent === 14_000) return;
        client.send('x'.repeat(200));
        sent += 200;
      }, 90);
      await until('the answer', () => client.statuses.length > 0, 15_000).finally(() => clearInterval(trickle));
      assert.deepEqual(client.statuses, [200]);
    }),
  ]);
});

test('a body that does not come in time is 408', async (t) => {
  const backend = await startHttpBackend(t, (request) => void request.resume());
  const { port } = await startProgram(t, {
    env: { RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_READ_TIMEOUT: '500ms' },
  });
  const client = new RawClient(port);
  client.send('POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n');
  const trickle = setInterval(() => client.send('1\r\nx\r\n'), 50);
  await until('the answer', () => client.ended).finally(() => clearInterval(trickle));
  assert.deepEqual(client.statuses, [408]);
  assert.match(client.text, /"code":"request_timeout"/);
  client.destroy();
});

test('a client that does not read is cut after the write timeout, and its backend request is cancelled', async (t) => {
  const backend = await startHttpBackend(t, (_request, response) => void response.end(Buffer.alloc(50_000_000)));
  const { port } = await startProgram(t, {
    env: { RWWWRSE_DEFAULT_BACKEND: backend.url, RWWWRSE_WRITE_TIMEOUT: '500ms' },
  });
  const client = new RawClient(port, 0);
  client.pause();
  client.get('/');
  await until('it is cancelled', () => backend.cancelled === 1);
  client.resume();
  await until('it is cut', () => client.errorCode === 'ECONNRESET');
  assert.ok(client.received < 50_000_000);
});
