import assert from 'node:assert/strict';

import { RIG_VIA } from '../../support/rig.ts';
import { until } from '../../support/until.ts';
import { ask, assertWhole, type ContractCase, untilEnd } from './stage.ts';

/** Limits, and what the backend is told about the client. */
export const LIMIT_CASES: Readonly<Record<string, ContractCase>> = {
  'answers 431 to too many fields': {
    settings: { limits: { headFields: 50 } },
    backend: (_request, response) => void response.end(),
    run: async (stage) => {
      const fields = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-field-${i}`, 'v']));
      const answer = await ask(stage, { path: '/', fields });
      assertWhole(answer, 431);
      assert.match(answer.text, /"code":"too_many_fields"/);
      assert.equal(stage.backend.requests, 0);
    },
  },

  'answers 431 to a head that is too large': {
    settings: { limits: { headBytes: 4_096 } },
    backend: (_request, response) => void response.end(),
    run: async (stage) => {
      const answer = await ask(stage, { path: '/', fields: { 'x-long': 'v'.repeat(5_000) } });
      assertWhole(answer, 431);
      assert.match(answer.text, /"code":"head_too_large"/);
      assert.equal(stage.backend.requests, 0);
    },
  },

  'answers 414 to a target that is too long': {
    settings: { limits: { targetBytes: 100 } },
    backend: (_request, response) => void response.end(),
    run: async (stage) => {
      assertWhole(await ask(stage, { path: `/${'x'.repeat(200)}` }), 414);
      assert.equal(stage.backend.requests, 0);
    },
  },

  'answers 413 to an upload that says it is too long, before it reaches the backend': {
    settings: { limits: { bodyBytes: 1_000 } },
    backend: (_request, response) => void response.end(),
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'length', length: 1_001 });
      const answer = await untilEnd(stream);
      assert.equal(answer.status, 413);
      assert.match(answer.text, /"code":"body_too_large"/);
      assert.equal(stage.backend.requests, 0);
      stream.abort();
    },
  },

  'answers 413 to an upload that becomes too long, and cancels the backend request': {
    settings: { limits: { bodyBytes: 1_000 } },
    backend: (request) => void request.resume(),
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'unknown' });
      stream.write(Buffer.alloc(900));
      await until('the backend has the request', () => stage.backend.requests === 1);
      stream.write(Buffer.alloc(900));
      const answer = await untilEnd(stream);
      assert.equal(answer.status, 413);
      await until('the backend request is cancelled', () => stage.backend.cancelled === 1);
      assert.deepEqual(stage.rig.statuses, [413]);
      stream.abort();
    },
  },

  'passes an upload of exactly the limit': {
    settings: { limits: { bodyBytes: 1_000 } },
    backend: (request, response) => {
      request.resume();
      request.once('end', () => response.end('taken'));
    },
    run: async (stage) => {
      for (const body of ['length', 'unknown'] as const) {
        const stream = stage.client.open({ method: 'POST', path: '/', body, length: 1_000 });
        stream.write(Buffer.alloc(1_000));
        stream.end();
        assertWhole(await untilEnd(stream), 200);
      }
    },
  },

  'tells the backend who asks, whatever the client says of itself': {
    backend: (request, response) =>
      void response.end(JSON.stringify({ line: request.url, fields: request.rawHeaders })),
    run: async (stage) => {
      const answer = await ask(stage, {
        path: '/who?is=it',
        fields: {
          host: 'shop.test:8443',
          'x-forwarded-for': '203.0.113.9',
          'x-real-ip': '203.0.113.9',
          'x-forwarded-proto': 'https',
          forwarded: 'for=203.0.113.9',
          te: 'trailers',
          cookie: 'a=1; b=2',
          'x-own': 'kept',
        },
      });
      assertWhole(answer, 200);
      const { line, fields } = JSON.parse(answer.text) as { line: string; fields: string[] };
      const seen = new Map<string, string[]>();
      for (let i = 0; i < fields.length; i += 2) {
        const name = (fields[i] as string).toLowerCase();
        seen.set(name, [...(seen.get(name) ?? []), fields[i + 1] as string]);
      }
      assert.equal(line, '/who?is=it');
      assert.deepEqual(seen.get('host'), ['shop.test:8443']);
      assert.deepEqual(seen.get('x-forwarded-for'), ['127.0.0.1']);
      assert.deepEqual(seen.get('x-real-ip'), ['127.0.0.1']);
      assert.deepEqual(seen.get('x-forwarded-proto'), ['http']);
      assert.deepEqual(seen.get('x-forwarded-host'), ['shop.test:8443']);
      assert.deepEqual(seen.get('x-forwarded-port'), [String(stage.rig.port)]);
      assert.deepEqual(seen.get('via'), [`${stage.rig.settings.protocol === 'h2c' ? '2.0' : '1.1'} ${RIG_VIA}`]);
      assert.deepEqual(seen.get('x-request-id'), [answer.fields['x-request-id']]);
      assert.deepEqual(seen.get('cookie'), ['a=1; b=2']);
      assert.deepEqual(seen.get('x-own'), ['kept']);
      assert.deepEqual(seen.get('te'), ['trailers']);
      assert.equal(seen.has('forwarded'), false);
    },
  },

  'carries a request id of the client on': {
    backend: (request, response) => void response.end(request.headers['x-request-id']),
    run: async (stage) => {
      const answer = await ask(stage, { path: '/', fields: { 'x-request-id': 'my-id.1' } });
      assert.equal(answer.text, 'my-id.1');
      assert.equal(answer.fields['x-request-id'], 'my-id.1');
      assert.match(stage.rig.accessLines[0] ?? '', /my-id\.1/);
    },
  },

  'closes the connection politely after its last request': {
    settings: { limits: { requestsPerConnection: 2 } },
    backend: (_request, response) => void response.end('ok'),
    run: async (stage) => {
      assertWhole(await ask(stage, { path: '/' }), 200);
      assert.equal(stage.rig.gauges.connections, 1);
      assertWhole(await ask(stage, { path: '/' }), 200);
      await until('the connection is closed', () => stage.rig.gauges.connections === 0);
    },
  },

  'closes an idle connection': {
    settings: { timeouts: { idleMs: 300 } },
    backend: (_request, response) => void response.end('ok'),
    run: async (stage) => {
      assertWhole(await ask(stage, { path: '/' }), 200);
      assert.equal(stage.rig.gauges.connections, 1);
      await until('the connection is closed', () => stage.rig.gauges.connections === 0);
      assert.deepEqual(stage.rig.statuses, [200]);
    },
  },

  'finishes what runs when it drains, and closes the connection after it': {
    backend: (_request, response) => {
      setTimeout(() => response.end('late'), 200);
    },
    run: async (stage) => {
      const stream = stage.client.open({ path: '/' });
      await until('the backend has the request', () => stage.backend.requests === 1);
      stage.rig.drain();
      assertWhole(await untilEnd(stream), 200);
      await until('the connection is closed', () => stage.rig.gauges.connections === 0);
    },
  },
};
