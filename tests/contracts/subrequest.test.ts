import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import test, { type TestContext } from 'node:test';

import type { Exchange } from '../../src/dataplane/exchange/exchange.ts';
import type { Filter } from '../../src/dataplane/exchange/filter.ts';
import { Subrequest, type SubrequestOrder, type SubrequestResult } from '../../src/dataplane/proxy/subrequest.ts';
import { type HttpBackend, startHttpBackend } from '../support/http-backend.ts';
import { RawClient } from '../support/raw-client.ts';
import { type Rig, type RigOptions, startRig } from '../support/rig.ts';
import { until } from '../support/until.ts';

/** A rig whose only route filter asks the backend first, as forward authentication does, and answers with what came of it. */
interface Stage {
  readonly rig: Rig;
  readonly backend: HttpBackend;
  readonly results: SubrequestResult[];
  readonly started: Subrequest[];
  /** Runs one exchange with a subrequest and returns what came of the subrequest. */
  run(order?: Partial<SubrequestOrder>): Promise<SubrequestResult>;
}

async function stage(t: TestContext, answer: RequestListener, options: Partial<RigOptions> = {}): Promise<Stage> {
  const backend = await startHttpBackend(t, answer);
  const results: SubrequestResult[] = [];
  const started: Subrequest[] = [];
  let order: Partial<SubrequestOrder> = {};
  const filter: Filter = {
    name: 'ask',
    async request(exchange: Exchange) {
      const subrequest = new Subrequest(
        {
          parent: exchange,
          route: rig.route,
          method: 'GET',
          target: '/sub',
          fields: '',
          body: null,
          limitBytes: 100_000,
          ...order,
        },
        rig.parser,
      );
      started.push(subrequest);
      exchange.running = subrequest;
      results.push(await subrequest.result);
      return { status: 200, fields: '', body: 'done' };
    },
  };
  const rig: Rig = await startRig(t, { ...options, backends: [backend.port], filters: [filter] });
  const run = async (changes: Partial<SubrequestOrder> = {}): Promise<SubrequestResult> => {
    order = changes;
    const before = results.length;
    const response = await fetch(`http://127.0.0.1:${rig.port}/parent`, { headers: { 'x-request-id': 'parent-id' } });
    assert.equal(await response.text(), 'done');
    return results[before] as SubrequestResult;
  };
  return { rig, backend, results, started, run };
}

async function end({ rig }: Stage): Promise<void> {
  await rig.untilIdle();
  assert.equal(rig.gauges.bufferedBytes, 0);
  assert.deepEqual(rig.defects, []);
}

test('a subrequest brings the answer back: status, fields, body', async (t) => {
  const play = await stage(t, (_request, response) => {
    response.writeHead(403, { 'x-why': 'no ticket', 'content-type': 'text/plain' });
    response.end('denied');
  });
  const result = await play.run();
  assert.ok('status' in result);
  assert.equal(result.status, 403);
  assert.equal(result.body.toString(), 'denied');
  assert.deepEqual(
    result.head.find(([name]) => name === 'x-why'),
    ['x-why', 'no ticket'],
  );
  await end(play);
});

test('a subrequest asks what it was told, on behalf of its exchange', async (t) => {
  let seen: { method?: string; url?: string; fields: Record<string, unknown>; body: string } | null = null;
  const play = await stage(t, (request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      seen = { method: request.method ?? '', url: request.url ?? '', fields: request.headers, body };
      response.end();
    });
  });
  await play.run({ method: 'PUT', target: '/check?x=1', fields: 'X-Ask: yes\r\n', body: Buffer.from('question') });
  assert.ok(seen !== null);
  const { method, url, fields, body } = seen as {
    method: string;
    url: string;
    fields: Record<string, unknown>;
    body: string;
  };
  assert.deepEqual([method, url, body], ['PUT', '/check?x=1', 'question']);
  assert.equal(fields['x-ask'], 'yes');
  assert.equal(fields['content-length'], '8');
  assert.equal(fields['x-request-id'], 'parent-id');
  assert.equal(fields['x-forwarded-for'], '127.0.0.1');
  assert.equal(fields['host'], `127.0.0.1:${play.rig.port}`);
  await end(play);
});

test('subrequests use the pool: one connection for one after the other', async (t) => {
  const play = await stage(t, (_request, response) => void response.end('ok'));
  for (let i = 0; i < 10; i++) await play.run();
  assert.equal(play.backend.requests, 10);
  assert.equal(play.backend.accepted, 1);
  assert.equal(play.rig.gauges.upstreamIdle, 1);
  await end(play);
});

test('a subrequest whose reused connection died is sent once more, body and all', async (t) => {
  const bodies: string[] = [];
  const play = await stage(t, (request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString()));
    request.on('end', () => {
      bodies.push(body);
      if (bodies.length === 2) request.socket.destroy();
      else response.end('ok');
    });
  });
  const order = { method: 'PUT', body: Buffer.from('whole') };
  assert.ok('status' in (await play.run(order)));
  const result = await play.run(order);
  assert.ok('status' in result, JSON.stringify(result));
  assert.deepEqual(bodies, ['whole', 'whole', 'whole']);
  assert.equal(play.backend.accepted, 2);
  await end(play);
});

test('a subrequest that may not be sent twice fails when its reused connection died', async (t) => {
  let requests = 0;
  const play = await stage(t, (request, response) => {
    request.resume();
    if (++requests === 2) request.socket.destroy();
    else response.end('ok');
  });
  await play.run({ method: 'POST', body: Buffer.from('x') });
  assert.deepEqual(await play.run({ method: 'POST', body: Buffer.from('x') }), {
    failure: 'backend_reset_reused',
  });
  await end(play);
});

test('a subrequest fails with the code of what went wrong', async (t) => {
  const play = await stage(
    t,
    (request, response) => {
      if (request.url === '/cut')
        response.writeHead(200, { 'content-length': 10 }).write('half', () => response.destroy());
    },
    { responseTimeoutMs: 200 },
  );
  assert.deepEqual(await play.run({ target: '/slow' }), { failure: 'backend_timeout' });
  assert.deepEqual(await play.run({ target: '/cut' }), { failure: 'backend_body_incomplete' });
  await play.backend.close();
  assert.deepEqual(await play.run(), { failure: 'backend_connect_refused' });
  await end(play);
});

test('an answer within the limit is kept, a longer one is a failure that ends its connection', async (t) => {
  const play = await stage(t, (request, response) => void response.end('x'.repeat(Number(request.url?.slice(1)))));
  const kept = await play.run({ target: '/1000', limitBytes: 1_000 });
  assert.ok('status' in kept && kept.body.length === 1_000);
  assert.deepEqual(await play.run({ target: '/1001', limitBytes: 1_000 }), { failure: 'backend_invalid_response' });
  await until('the connection is gone', () => play.backend.sockets.size === 0);
  await end(play);
});

test('an answer without a body has none, whatever its length says', async (t) => {
  const play = await stage(t, (_request, response) => void response.writeHead(200, { 'content-length': 500 }).end());
  const result = await play.run({ method: 'HEAD' });
  assert.ok('status' in result && result.body.length === 0);
  await end(play);
});

test('a client that goes away ends the subrequest and its backend request', async (t) => {
  const play = await stage(t, () => undefined);
  const client = new RawClient(play.rig.port);
  client.get('/');
  await until('the backend has the request', () => play.backend.requests === 1);
  client.reset();
  await until('the backend request is cancelled', () => play.backend.cancelled === 1);
  assert.deepEqual(await play.started[0]?.result, { failure: 'client_abort_waiting' });
  await until('the exchange is over', () => play.rig.statuses.length === 1);
  assert.deepEqual(play.rig.statuses, [499]);
  await end(play);
});

test('an aborted subrequest settles once, and another abort does nothing', async (t) => {
  const play = await stage(t, (_request, response) => void response.end('ok'));
  const result = await play.run();
  play.started[0]?.abort();
  assert.ok('status' in result);
  assert.deepEqual(await play.started[0]?.result, result);
  await end(play);
});

test('a subrequest of several attempts at a time needs no second connection of the pool than it may have', async (t) => {
  const play = await stage(t, (_request, response) => void response.end('ok'), { pool: { maxConnections: 1 } });
  const results = await Promise.all(Array.from({ length: 5 }, () => play.run()));
  assert.ok(results.every((result) => 'status' in result));
  assert.equal(play.backend.accepted, 1);
  await end(play);
});
