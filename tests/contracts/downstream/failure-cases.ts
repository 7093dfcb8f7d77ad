import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { until } from '../../support/until.ts';
import { ask, assertWhole, type ContractCase, Download, LONG_BYTES, type Stage, untilEnd, Upload } from './stage.ts';

/** What the backend of a case holds on to. */
const held: { request: IncomingMessage | null; response: ServerResponse | null } = { request: null, response: null };

async function untilCancelled({ backend, rig }: Stage, status: number, code: RegExp): Promise<void> {
  await until('the backend request is cancelled', () => backend.cancelled === 1);
  await until('the exchange is over', () => rig.statuses.length === 1);
  assert.deepEqual(rig.statuses, [status]);
  assert.match(rig.failures.join(), code);
  await until('the backend connection is gone', () => backend.sockets.size === 0);
}

/** The error body of SPEC B. */
function assertErrorBody(
  answer: { status: number; text: string; fields: Readonly<Record<string, string>> },
  code: string,
): void {
  const body = JSON.parse(answer.text) as Record<string, unknown>;
  assert.deepEqual(Object.keys(body), ['error', 'code', 'status', 'request_id', 'timestamp']);
  assert.equal(body['code'], code);
  assert.equal(body['status'], answer.status);
  assert.equal(body['request_id'], answer.fields['x-request-id']);
  assert.equal(answer.fields['content-type'], 'application/json');
  assert.equal(answer.fields['content-length'], String(answer.text.length));
}

/** What goes wrong on either side. */
export const FAILURE_CASES: Readonly<Record<string, ContractCase>> = {
  'cancels the backend request of a client that goes away while it waits for the answer': {
    backend: (request) => {
      held.request = request;
    },
    run: async (stage) => {
      held.request = null;
      const stream = stage.client.open({ path: '/' });
      await until('the backend has the request', () => held.request !== null);
      stream.abort();
      await untilCancelled(stage, 499, /^client_abort_waiting$/);
    },
  },

  'cancels the backend request of a client that goes away in the middle of the answer, before another byte comes': {
    backend: (_request, response) => {
      response.writeHead(200, { 'content-length': 1_000 });
      response.write('first');
    },
    run: async (stage) => {
      const stream = stage.client.open({ path: '/' });
      await until('the first bytes', () => stream.answer.text === 'first');
      stream.abort();
      await untilCancelled(stage, 499, /^client_abort_body$/);
    },
  },

  'cancels the backend request of a client that goes away while it is blocked': {
    backend: (_request, response) => void new Download(response, LONG_BYTES),
    run: async (stage) => {
      const stream = stage.client.open({ path: '/' });
      stream.pause();
      await until('bytes wait in the proxy', () => stage.rig.gauges.bufferedBytes > 0);
      stream.abort();
      await untilCancelled(stage, 499, /^client_abort_body$/);
      await until('memory given back', () => stage.rig.gauges.bufferedBytes === 0);
    },
  },

  'cancels the backend request of a client that goes away in the middle of its upload': {
    backend: (request) => {
      held.request = request.resume();
    },
    run: async (stage) => {
      held.request = null;
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'unknown' });
      stream.write(Buffer.from('some'));
      await until('the backend has the request', () => held.request !== null);
      stream.abort();
      // The HTTP/2 client of Node ends its body before it resets the stream.
      await untilCancelled(stage, 499, /^client_abort_(?:request|waiting)$/);
    },
  },

  'cuts the stream when the backend dies in the middle of an answer of known length': {
    backend: (_request, response) => {
      response.writeHead(200, { 'content-length': 1_000_000 });
      response.write(Buffer.alloc(100_000), () => response.destroy());
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assert.deepEqual({ status: answer.status, end: answer.end }, { status: 200, end: 'cut' });
      assert.deepEqual(stage.rig.failures, ['backend_body_incomplete']);
    },
  },

  'cuts the stream when the backend dies in the middle of a chunked answer': {
    backend: (_request, response) => {
      response.write(Buffer.alloc(100_000), () => response.destroy());
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assert.deepEqual({ status: answer.status, end: answer.end }, { status: 200, end: 'cut' });
      assert.deepEqual(stage.rig.failures, ['backend_body_incomplete']);
    },
  },

  'cuts the stream when an answer that ends by closing ends by a reset': {
    backend: (_request, response) => {
      response.shouldKeepAlive = false;
      response.useChunkedEncodingByDefault = false;
      response.write(Buffer.alloc(100_000), () => {
        held.response = response;
      });
    },
    run: async (stage) => {
      held.response = null;
      const stream = stage.client.open({ path: '/' });
      await until('the first bytes', () => stream.answer.body.length === 100_000);
      (held.response as ServerResponse | null)?.socket?.resetAndDestroy();
      const answer = await untilEnd(stream);
      assert.equal(answer.end, 'cut');
      assert.deepEqual(stage.rig.failures, ['backend_body_incomplete']);
    },
  },

  'cuts the stream when the backend stops in the middle of an answer': {
    settings: { pool: { bodyIdleTimeoutMs: 200 } },
    backend: (_request, response) => void response.write('only this'),
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assert.deepEqual({ status: answer.status, end: answer.end }, { status: 200, end: 'cut' });
      assert.deepEqual(stage.rig.failures, ['backend_body_timeout']);
    },
  },

  'answers 502 with a JSON body and its request id when the backend is not there': {
    backend: () => undefined,
    run: async (stage) => {
      await stage.backend.close();
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 502);
      assertErrorBody(answer, 'backend_connect_refused');
      const head = await ask(stage, { path: '/', method: 'HEAD' });
      assertWhole(head, 502);
      assert.equal(head.body.length, 0);
    },
  },

  'answers 502 when the backend closes without an answer, also to an upload': {
    backend: (request) => void request.socket.destroy(),
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 502);
      assertErrorBody(answer, 'backend_reset_before_head');
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'unknown' });
      stream.write(Buffer.from('some'));
      await until('the answer', () => stream.answer.status === 502);
      stream.end();
      assertWhole(await untilEnd(stream), 502);
    },
  },

  'answers 504 when the backend does not answer in time': {
    settings: { responseTimeoutMs: 200 },
    backend: () => undefined,
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 504);
      assertErrorBody(answer, 'backend_timeout');
    },
  },

  'cuts a client that stops to read': {
    settings: { timeouts: { writeMs: 300 } },
    backend: (_request, response) => void new Download(response, LONG_BYTES),
    run: async (stage) => {
      const stream = stage.client.open({ path: '/' });
      stream.pause();
      await untilCancelled(stage, 499, /^write_timeout$/);
      stream.resume();
      assert.equal((await untilEnd(stream)).end, 'cut');
    },
  },

  'does not cut a client that reads slowly': {
    settings: { timeouts: { writeMs: 1_000 } },
    backend: (_request, response) => void new Download(response, LONG_BYTES),
    run: async (stage) => {
      const stream = stage.client.open({ path: '/' });
      const startedMs = performance.now();
      const { answer } = stream;
      const add = answer.add.bind(answer);
      // A read every ten milliseconds: the kernel takes more only when a good part of its buffer is free, about a MiB at a time.
      answer.add = (piece) => {
        add(piece);
        if (performance.now() - startedMs > 1_800) return;
        stream.pause();
        setTimeout(() => stream.resume(), 10);
      };
      assertWhole(await untilEnd(stream, 20_000), 200);
      assert.ok(performance.now() - startedMs > 1_500);
    },
  },

  'answers 408 when an upload does not come in time': {
    settings: { timeouts: { requestReadMs: 300 } },
    backend: (request) => void request.resume(),
    run: async (stage) => {
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'length', length: 10 });
      stream.write(Buffer.from('half'));
      const answer = await untilEnd(stream);
      assert.equal(answer.status, 408);
      assertErrorBody(answer, 'request_timeout');
      await until('the backend request is cancelled', () => stage.backend.cancelled === 1);
    },
  },

  'does not count the time in which the backend is slow against an upload': {
    settings: { timeouts: { requestReadMs: 1_000 } },
    backend: (request, response) => {
      held.request = request;
      request.on('end', () => response.end('all'));
    },
    run: async (stage) => {
      held.request = null;
      const startedMs = performance.now();
      const stream = stage.client.open({ method: 'POST', path: '/', body: 'length', length: LONG_BYTES / 4 });
      const upload = new Upload(stream, LONG_BYTES / 4);
      await until('the backend holds back for long', () => performance.now() - startedMs > 2_000);
      assert.ok(upload.sentBytes < upload.length, 'the backend did not hold the client back');
      assert.deepEqual(stage.rig.failures, []);
      (held.request as IncomingMessage | null)?.resume();
      assertWhole(await untilEnd(stream, 20_000), 200);
    },
  },
};
