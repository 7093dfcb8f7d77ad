import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { freePort } from '../support/free-port.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { heldNow, readMetrics, sumOf } from '../support/metrics.ts';
import { RawClient } from '../support/raw-client.ts';
import { until } from '../support/until.ts';
import { createFolder, startWithYaml } from '../support/yaml-program.ts';

/** How often each way to go away is tried: enough for both workers to see it. */
const ROUNDS = 8;

/** How far a request had come when its client went away. */
const STAGES: Readonly<
  Record<string, { readonly request: string; readonly isUnderWay: (client: RawClient) => boolean }>
> = {
  'waits for its answer': { request: 'GET /wait HTTP/1.1\r\nHost: a.test\r\n\r\n', isUnderWay: () => true },
  'has a part of its answer': {
    request: 'GET /part HTTP/1.1\r\nHost: a.test\r\n\r\n',
    isUnderWay: ({ text }) => text.endsWith('part'),
  },
  'is an upload under way': {
    request: 'POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nhalf',
    isUnderWay: () => true,
  },
  'has another one behind it': {
    request: 'GET /wait HTTP/1.1\r\nHost: a.test\r\n\r\nGET /wait HTTP/1.1\r\nHost: a.test\r\n\r\n',
    isUnderWay: () => true,
  },
};

test('clients that go away: 499, the backend request is cancelled, nothing is left, nothing is held against the backend', async (t) => {
  const backend = await startHttpBackend(t, (request, response) => {
    if (request.url === '/part') response.writeHead(200, { 'content-length': 100 }).write('part');
    else if (request.url === '/late') setTimeout(() => response.end('late'), 100);
  });
  const [plain, patient] = await Promise.all([freePort(), freePort()]);
  const log = join(createFolder(t), 'access.log');
  const lines = [
    'listeners:',
    `  - { name: plain, address: '127.0.0.1:${plain}' }`,
    `  - { name: patient, address: '127.0.0.1:${patient}', half_close: true }`,
    `default_backend: ${backend.url}`,
  ];
  const env = { RWWWRSE_REQUEST_LOGGING: 'true', RWWWRSE_ACCESS_LOG_PATH: log };
  await startWithYaml(t, lines, { env });
  const logged = (): string[] => readFileSync(log, 'utf8').split('\n').slice(0, -1);
  let expected = 0;

  for (const [what, { request, isUnderWay }] of Object.entries(STAGES)) {
    for (const how of ['fin', 'reset'] as const) {
      await t.test(`${how}: a request that ${what}`, async () => {
        const before = { cancelled: backend.cancelled, requests: backend.requests };
        const clients = Array.from({ length: ROUNDS }, () => new RawClient(plain));
        for (const client of clients) client.send(request);
        await until(
          'all requests are under way',
          () => backend.requests === before.requests + ROUNDS && clients.every(isUnderWay),
        );
        for (const client of clients) client[how]();
        await until('all backend requests are cancelled', () => backend.cancelled === before.cancelled + ROUNDS);
        expected += ROUNDS;
        await until('all are logged as 499', () => logged().filter((line) => / 499 /.test(line)).length === expected);
        assert.equal(backend.requests, before.requests + ROUNDS);
        for (const client of clients) client.destroy();
      });
    }
  }

  await t.test('half_close: a FIN behind complete requests is answered, each of them', async () => {
    const client = new RawClient(patient);
    client.send('GET /late HTTP/1.1\r\nHost: a.test\r\n\r\nGET /late HTTP/1.1\r\nHost: a.test\r\n\r\n');
    client.fin();
    await until('the end', () => client.ended);
    assert.deepEqual(client.statuses, [200, 200]);
  });

  await t.test('half_close: a FIN in the middle of an upload is an abort all the same', async () => {
    const { requests, cancelled } = backend;
    const client = new RawClient(patient);
    client.send('POST /upload HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\nhalf');
    await until('it is under way', () => backend.requests === requests + 1);
    client.fin();
    await until('it is cancelled', () => backend.cancelled === cancelled + 1);
    expected++;
  });

  await t.test('half_close: a reset is an abort all the same', async () => {
    const { requests, cancelled } = backend;
    const client = new RawClient(patient);
    client.send('GET /wait HTTP/1.1\r\nHost: a.test\r\n\r\n');
    await until('it is under way', () => backend.requests === requests + 1);
    client.reset();
    await until('it is cancelled', () => backend.cancelled === cancelled + 1);
    expected++;
  });

  await t.test('the metrics agree, and the gauges are zero', async () => {
    await until('nothing is in flight', async () => {
      const { otherConnections, otherRequests, upstreamActive } = heldNow(await readMetrics(plain));
      return otherConnections === 0 && otherRequests === 0 && upstreamActive === 0;
    });
    const metrics = await readMetrics(plain);
    assert.equal(sumOf(metrics, 'rwwwrse_requests_total', 'status="499"'), expected);
    assert.equal(sumOf(metrics, 'rwwwrse_client_aborts_total'), expected);
    const abandoned = sumOf(metrics, 'rwwwrse_backend_requests_total', 'status="499"');
    assert.ok(abandoned > 0 && abandoned <= expected, String(abandoned));
    assert.equal(sumOf(metrics, 'rwwwrse_backend_requests_total', 'status="4'), abandoned);
    assert.equal(sumOf(metrics, 'rwwwrse_backend_requests_total', 'status="5'), 0);
    assert.equal(sumOf(metrics, 'rwwwrse_internal_defects_total'), 0);
  });
});
