import assert from 'node:assert/strict';
import test from 'node:test';

import { startHttpBackend } from '../support/http-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, startRig } from '../support/rig.ts';
import { until, untilSteady } from '../support/until.ts';

const STEP_BYTES = 1_024;
const MOST_STEPS = 16_384;
const SEARCHES = 8;

/** Whether the backend is done with its answer while the client still has to take the end of it. */
function lastWriteWaits({ gauges }: Rig): boolean {
  return gauges.requests === 1 && gauges.upstreamIdle === 1;
}

/**
 * Holds a client whose answer was read from the backend to its end and whose last write waits. What the kernel buffers between
 * proxy and client is not known and not always the same: the length is searched.
 */
async function openWithWaitingEnd(rig: Rig): Promise<RawClient | null> {
  let fits = 2;
  let tooLong = MOST_STEPS;
  while (tooLong - fits > 1) {
    const steps = (fits + tooLong) >> 1;
    const client = new RawClient(rig.port);
    client.pause();
    client.get(`/${steps * STEP_BYTES}`);
    const before = rig.statuses.length;
    await untilSteady('the answer', () => `${rig.statuses.length > before} ${JSON.stringify(rig.gauges)}`);
    if (lastWriteWaits(rig)) return client;
    if (rig.statuses.length > before) fits = steps;
    else tooLong = steps;
    client.destroy();
    await rig.untilIdle();
  }
  return null;
}

test('a backend connection whose answer ends in a write that has to wait serves the next request at once', async (t) => {
  const backend = await startHttpBackend(t, (request, response) => {
    const bytes = Number(/\d+/.exec(request.url ?? '')?.[0]);
    response.end(Buffer.alloc(bytes, 'x'));
  });
  const rig = await startRig(t, { backends: [backend.port], responseTimeoutMs: 1_000 });
  let slow: RawClient | null = null;
  for (let search = 0; search < SEARCHES && slow === null; search++) slow = await openWithWaitingEnd(rig);
  assert.ok(slow !== null, 'no length was found whose last write has to wait');
  const next = await fetch(`http://127.0.0.1:${rig.port}/5`);
  assert.equal(next.status, 200);
  assert.equal(await next.text(), 'xxxxx');
  slow.destroy();
  await rig.untilIdle();
  assert.deepEqual(rig.defects, []);
});

const FLOOD = 4_000;
const BODY = 'x'.repeat(50_000);

for (const [what, request, answerBytes] of [
  ['answers of a backend', 'GET / HTTP/1.1\r\nHost: flood.test\r\n\r\n', BODY.length],
  ['answers of the proxy itself', 'OPTIONS * HTTP/1.1\r\nHost: flood.test\r\nMax-Forwards: 0\r\n\r\n', 0],
] as const) {
  test(`a client that pipelines requests and does not read ${what} is stopped, and served when it reads`, async (t) => {
    const backend = await startHttpBackend(t, (_request, response) => void response.end(BODY));
    const rig = await startRig(t, { backends: [backend.port], timeouts: { idleMs: 300 } });
    const client = new RawClient(rig.port, 0);
    client.pause();
    const floods = answerBytes === 0 ? 40 : 1;
    for (let i = 0; i < floods; i++) client.send(request.repeat(FLOOD));
    const answered = await untilSteady(
      'the number of answers',
      () => rig.gauges.requests + backend.requests + rig.gauges.bufferedBytes,
    );
    assert.ok(rig.gauges.bufferedBytes < 1_500_000, `${rig.gauges.bufferedBytes} bytes held`);
    assert.ok(answerBytes === 0 || answered > 0);
    assert.ok(backend.requests < FLOOD / 2, `${backend.requests} requests reached the backend`);
    client.resume();
    await until('all answers', () => client.received > floods * FLOOD * Math.max(answerBytes, 100), 30_000);
    // The connection is idle now, and is closed as such.
    await until('the idle connection is closed', () => client.ended);
    assert.deepEqual(rig.failures, []);
    assert.deepEqual(rig.defects, []);
    client.destroy();
    await rig.settle();
  });
}

test('a client that pipelines requests and never reads is cut after the write timeout', async (t) => {
  const backend = await startHttpBackend(t, (_request, response) => void response.end(BODY));
  const rig = await startRig(t, { backends: [backend.port], timeouts: { writeMs: 400 } });
  const client = new RawClient(rig.port, 0);
  client.pause();
  client.send('GET / HTTP/1.1\r\nHost: flood.test\r\n\r\n'.repeat(FLOOD));
  await until('the connection is cut', () => rig.failures.length > 0);
  assert.deepEqual(rig.failures, ['write_timeout']);
  await rig.settle();
});
