import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import { EventSource } from 'undici';
import { type EventBackend, type EventFeed, startEventBackend } from '../support/event-backend.ts';
import { H2ContractClient } from '../support/h2-contract-client.ts';
import { startHttpBackend } from '../support/http-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { until, untilSteady } from '../support/until.ts';

/** Every limit of requests, far below the time that a stream is silent for. */
const SHORT: Partial<RigOptions> = {
  timeouts: { headerReadMs: 200, requestReadMs: 200, idleMs: 200, writeMs: 200 },
  pool: { idleTimeoutMs: 200, bodyIdleTimeoutMs: 200 },
  responseTimeoutMs: 200,
  requestTimeoutMs: 200,
};

interface Stage {
  readonly backend: EventBackend;
  readonly rig: Rig;
}

async function stage(
  t: TestContext,
  options: Partial<RigOptions> = {},
  onFeed: (feed: EventFeed) => void = () => undefined,
): Promise<Stage> {
  const backend = await startEventBackend(t, onFeed);
  return { backend, rig: await startRig(t, { ...options, backends: [backend.http.port] }) };
}

function listen(t: TestContext, rig: Rig): { source: EventSource; ids: string[] } {
  const ids: string[] = [];
  const source = new EventSource(`http://127.0.0.1:${rig.port}/events`);
  source.addEventListener('message', (event) => ids.push((event as MessageEvent).lastEventId));
  t.after(() => source.close());
  return { source, ids };
}

async function firstFeed({ backend }: Stage): Promise<EventFeed> {
  return until('the stream is asked for', () => backend.feeds[0]);
}

test('every event arrives before the next one is sent', async (t) => {
  const made = await stage(t);
  const { source, ids } = listen(t, made.rig);
  const feed = await firstFeed(made);
  for (let id = 1; id <= 20; id++) {
    feed.send(id);
    await until(`event ${id}`, () => ids.at(-1) === String(id));
  }
  assert.equal(made.rig.gauges.eventStreams, 1);
  source.close();
  await made.rig.untilIdle();
});

for (const protocol of ['http1', 'h2c'] as const) {
  test(`a silent stream outlives every timeout of requests and answers (${protocol})`, async (t) => {
    const made = await stage(t, { ...SHORT, protocol });
    const client = protocol === 'h2c' ? new H2ContractClient(made.rig.port) : null;
    const raw = client === null ? new RawClient(made.rig.port) : null;
    const stream = client?.open({ path: '/events', fields: { host: 'a.test' } });
    raw?.get('/events');
    const text = (): string => raw?.text ?? stream?.answer.text ?? '';
    const feed = await firstFeed(made);
    feed.send(1);
    await until('the first event', () => text().includes('event 1'));
    const firstMs = performance.now();
    await until('all timeouts passed', () => performance.now() - firstMs > 900);
    feed.send(2);
    await until('the second event', () => text().includes('event 2'));
    feed.end();
    await until('it is over', () => made.rig.gauges.eventStreams === 0);
    assert.deepEqual([made.rig.statuses, made.rig.failures], [[200], []]);
    raw?.destroy();
    client?.close();
    await made.rig.settle();
  });

  test(`a drain ends a stream between two events, complete (${protocol})`, async (t) => {
    const made = await stage(t, { protocol });
    const client = protocol === 'h2c' ? new H2ContractClient(made.rig.port) : null;
    const raw = client === null ? new RawClient(made.rig.port) : null;
    const stream = client?.open({ path: '/events', fields: { host: 'a.test' } });
    raw?.get('/events');
    const text = (): string => raw?.text ?? stream?.answer.text ?? '';
    const feed = await firstFeed(made);
    feed.write('data: half');
    await until('half an event', () => text().includes('half'));
    made.rig.drain(3_000);
    await until('the drain has told it', () => performance.now());
    // Past the first half of the drain every stream was told to go.
    const drainedMs = performance.now();
    await until('it was told', () => performance.now() - drainedMs > 1_700);
    assert.ok(!feed.isClosed);
    feed.write(' and whole\n\n');
    await until('the backend is let go', () => feed.isClosed);
    if (raw === null) await until('a clean end', () => stream?.answer.end === 'clean');
    else await until('the last chunk', () => raw.text.endsWith('half\r\nc\r\n and whole\n\n\r\n0\r\n\r\n'));
    assert.ok(text().includes(' and whole\n\n'));
    assert.deepEqual([made.rig.statuses, made.rig.failures], [[200], []]);
    raw?.destroy();
    client?.close();
    await made.rig.settle();
  });
}

test('after the drain of one proxy a client goes on where it was', async (t) => {
  const made = await stage(t, {}, (feed) => {
    feed.write('retry: 20\n\n');
    for (let id = Number(feed.lastId ?? 0) + 1; id <= 3; id++) feed.send(id);
  });
  const { source, ids } = listen(t, made.rig);
  await until('three events', () => ids.length === 3);
  made.rig.drain(1_000);
  await until('it comes back and says what it saw last', () => made.backend.feeds.some(({ lastId }) => lastId === '3'));
  assert.deepEqual(ids, ['1', '2', '3']);
  source.close();
  await made.rig.untilIdle();
});

test('a silent stream lives as long as the idle limit of tunnels, then it ends complete', async (t) => {
  const made = await stage(t, { ...SHORT, tunnelIdleMs: 800 });
  const raw = new RawClient(made.rig.port);
  raw.get('/events');
  const feed = await firstFeed(made);
  for (let i = 0; i < 4; i++) {
    const beforeMs = performance.now();
    await until('less than the limit passed', () => performance.now() - beforeMs > 400);
    feed.write(':\n\n');
  }
  assert.ok(!feed.isClosed && made.rig.gauges.eventStreams === 1);
  await until('the last chunk', () => raw.text.endsWith('\r\n0\r\n\r\n'));
  await until('the backend is let go', () => feed.isClosed);
  assert.deepEqual([made.rig.statuses, made.rig.failures], [[200], []]);
  raw.destroy();
  await made.rig.settle();
});

for (const how of ['fin', 'reset'] as const) {
  test(`a client that goes away (${how}) closes the stream of the backend at once`, async (t) => {
    const made = await stage(t);
    const raw = new RawClient(made.rig.port);
    raw.get('/events');
    const feed = await firstFeed(made);
    feed.send(1);
    await until('the event', () => raw.text.includes('event 1'));
    raw[how]();
    await until('the backend is let go', () => feed.isClosed, 1_000);
    await made.rig.settle();
    assert.deepEqual(made.rig.statuses, [499]);
  });
}

for (const protocol of ['http1', 'h2c'] as const) {
  test(`a client that does not read stops the backend, and is not cut while the idle limit is far (${protocol})`, async (t) => {
    const made = await stage(t, { ...SHORT, protocol, tunnelIdleMs: 1_500 });
    const client = protocol === 'h2c' ? new H2ContractClient(made.rig.port) : null;
    const raw = client === null ? new RawClient(made.rig.port) : null;
    const stream = client?.open({ path: '/events', fields: { host: 'a.test' } });
    raw?.get('/events');
    const feed = await firstFeed(made);
    raw?.pause();
    stream?.pause();
    const event = `data: ${'x'.repeat(100_000)}\n\n`;
    for (let i = 0; i < 200; i++) feed.write(event);
    await until('bytes wait in the proxy', () => made.rig.gauges.bufferedBytes > 0);
    const blockedMs = performance.now();
    await until('the write timeout has long passed', () => performance.now() - blockedMs > 700);
    assert.equal(made.rig.gauges.eventStreams, 1);
    assert.ok(made.rig.gauges.bufferedBytes < 1_000_000);
    await until('the idle limit ends it', () => made.rig.gauges.eventStreams === 0, 15_000);
    await until('the backend is let go', () => feed.isClosed);
    raw?.destroy();
    stream?.abort();
    client?.close();
    await made.rig.settle();
  });
}

test('a stream of events takes no read buffer of its own', async (t) => {
  const made = await stage(t);
  const clients = Array.from({ length: 20 }, () => new RawClient(made.rig.port));
  for (const client of clients) client.get('/events');
  await until('all streams', () => made.backend.feeds.length === 20);
  for (const feed of made.backend.feeds) feed.send(1);
  await until('all events', () => clients.every(({ text }) => text.includes('event 1')));
  assert.equal(await untilSteady('what the proxy holds', () => made.rig.gauges.bufferedBytes), 0);
  for (const client of clients) client.destroy();
  await made.rig.settle();
});

test('the next request on the connection of a stream has the timeouts of requests again', async (t) => {
  const made = await stage(t, { timeouts: { writeMs: 300 } });
  const big = await startHttpBackend(t, (_request, response) => {
    if (response.req.url === '/big') response.end(Buffer.alloc(30_000_000));
    else {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.end('data: 1\n\n');
    }
  });
  const rig = await startRig(t, { timeouts: { writeMs: 300 }, backends: [big.port] });
  const raw = new RawClient(rig.port);
  raw.get('/events');
  await until('the whole stream', () => raw.text.endsWith('0\r\n\r\n'));
  raw.get('/big');
  await until('the answer begins', () => raw.statuses.length === 2);
  raw.pause();
  await until('the write timeout cuts it', () => rig.failures.length === 1);
  assert.deepEqual(rig.failures, ['write_timeout']);
  raw.destroy();
  await rig.settle();
  await made.rig.settle();
});

test('an answer with a length is no stream, whatever its type: it has the limits of requests', async (t) => {
  const backend = await startHttpBackend(t, (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Content-Length': '18' });
    response.write('data: 1\n\n');
  });
  const rig = await startRig(t, { ...SHORT, requestTimeoutMs: 0, backends: [backend.port] });
  const raw = new RawClient(rig.port);
  raw.get('/events');
  await until('the first half', () => raw.text.endsWith('data: 1\n\n'));
  assert.equal(rig.gauges.eventStreams, 0);
  await until('the limit of a silent body', () => rig.failures.length === 1);
  assert.deepEqual(rig.failures, ['backend_body_timeout']);
  raw.destroy();
  await rig.settle();
});
