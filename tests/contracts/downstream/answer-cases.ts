import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';

import type { ContractStream } from '../../support/contract-client.ts';
import { until, untilSteady } from '../../support/until.ts';
import { ask, assertWhole, type ContractCase, Download, IN_BETWEEN_BYTES, LONG_BYTES, untilEnd } from './stage.ts';

const MEDIUM = 'x'.repeat(300_000);

function endByClose(response: ServerResponse): void {
  response.shouldKeepAlive = false;
  response.useChunkedEncodingByDefault = false;
}

/** Answers of a backend that does nothing wrong. */
export const ANSWER_CASES: Readonly<Record<string, ContractCase>> = {
  'passes an answer of known length': {
    backend: (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'content-length': 5, 'set-cookie': ['a=1', 'b=2'] });
      response.end('hello');
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 200);
      assert.equal(answer.text, 'hello');
      assert.equal(answer.fields['content-length'], '5');
      assert.equal(answer.fields['content-type'], 'text/plain');
      assert.equal(answer.fields['set-cookie'], 'a=1, b=2');
      assert.equal(answer.fields['server'], 'rwwwrse');
      assert.match(answer.fields['via'] ?? '', /^1\.1 rwwwrse$/);
      assert.match(answer.fields['x-request-id'] ?? '', /^[0-9a-f]{32}$/);
      assert.match(answer.fields['date'] ?? '', / GMT$/);
    },
  },

  'passes an answer of unknown length, chunked by the backend': {
    backend: (_request, response) => {
      response.write(MEDIUM);
      response.end('end');
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 200);
      assert.equal(answer.body.length, MEDIUM.length + 3);
      assert.equal(answer.fields['content-length'], undefined);
    },
  },

  'passes an answer that the backend ends by closing': {
    backend: (_request, response) => {
      endByClose(response);
      response.end(MEDIUM);
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 200);
      assert.equal(answer.body.length, MEDIUM.length);
      await until('the backend connection is gone', () => stage.backend.sockets.size === 0);
    },
  },

  'passes an empty answer': {
    backend: (_request, response) => void response.writeHead(201, { 'content-length': 0 }).end(),
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 201);
      assert.equal(answer.body.length, 0);
      assert.equal(answer.fields['content-length'], '0');
    },
  },

  'answers HEAD with the length and without the body': {
    backend: (request, response) => {
      assert.equal(request.method, 'HEAD');
      response.writeHead(200, { 'content-length': 12_345 }).end();
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/', method: 'HEAD' });
      assertWhole(answer, 200);
      assert.equal(answer.body.length, 0);
      assert.equal(answer.fields['content-length'], '12345');
    },
  },

  'passes 204 without a body and without a length': {
    backend: (_request, response) => void response.writeHead(204).end(),
    run: async (stage) => {
      const answer = await ask(stage, { path: '/', method: 'DELETE' });
      assertWhole(answer, 204);
      assert.equal(answer.fields['content-length'], undefined);
      assert.equal(answer.body.length, 0);
    },
  },

  'passes 304 without a body': {
    backend: (_request, response) => void response.writeHead(304, { etag: '"v1"' }).end(),
    run: async (stage) => {
      const answer = await ask(stage, { path: '/', fields: { 'if-none-match': '"v1"' } });
      assertWhole(answer, 304);
      assert.equal(answer.fields['etag'], '"v1"');
      assert.equal(answer.body.length, 0);
    },
  },

  'passes a field that a backend repeats against the rules': {
    backend: (_request, response) => {
      response.writeHead(200, ['ETag', '"a"', 'ETag', '"b"', 'X-Twice', '1', 'X-Twice', '2', 'Content-Length', '2']);
      response.end('ok');
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 200);
      assert.equal(answer.fields['x-twice'], '1, 2');
      assert.equal(answer.text, 'ok');
    },
  },

  'passes trailers of an answer': {
    backend: (_request, response) => {
      response.writeHead(200, { trailer: 'x-checksum' });
      response.write('body');
      response.addTrailers({ 'x-checksum': 'abc' });
      response.end();
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/', fields: { te: 'trailers' } });
      assertWhole(answer, 200);
      assert.equal(answer.text, 'body');
      assert.deepEqual(answer.trailers, { 'x-checksum': 'abc' });
    },
  },

  'passes 103 before the answer': {
    backend: (_request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' }, () => response.end('ok'));
    },
    run: async (stage) => {
      const answer = await ask(stage, { path: '/' });
      assertWhole(answer, 200);
      assert.equal(answer.informational.length, 1);
      assert.equal(answer.informational[0]?.status, 103);
      assert.equal(answer.informational[0]?.fields['link'], '</style.css>; rel=preload');
    },
  },

  'serves several requests on one connection': {
    backend: (request, response) => void response.end(request.url),
    run: async (stage) => {
      for (let i = 0; i < 20; i++) {
        const answer = await ask(stage, { path: `/${i}` });
        assertWhole(answer, 200);
        assert.equal(answer.text, `/${i}`);
      }
      assert.equal(stage.rig.gauges.connections, 1);
      assert.equal(stage.backend.accepted, 1);
      assert.equal(stage.rig.gauges.upstreamIdle, 1);
    },
  },

  'stops the backend while the client reads nothing, and delivers everything later': {
    backend: (_request, response) => {
      response.writeHead(200, { 'content-length': LONG_BYTES });
      download = new Download(response, LONG_BYTES);
    },
    run: async (stage) => {
      const stream = stage.client.open({ path: '/' });
      stream.pause();
      const left = await untilSteady('what left the backend', () => download?.sentBytes || null);
      assert.ok(left < IN_BETWEEN_BYTES, `${left} bytes left the backend`);
      assert.ok(stage.rig.gauges.bufferedBytes < 1_000_000, `${stage.rig.gauges.bufferedBytes} bytes held`);
      assert.equal(stage.rig.gauges.requests, 1);
      stream.resume();
      const answer = await untilEnd(stream, 20_000);
      assertWhole(answer, 200);
      assert.equal(answer.body.length, LONG_BYTES);
      assert.equal(answer.body.checksum(), download?.source.checksum());
      // A backend connection that was slowed down to its last byte serves the next request like any other.
      await stage.rig.untilIdle();
      const next = stage.client.open({ path: '/again' });
      await until('the next answer begins', () => next.answer.status === 200);
      next.abort();
    },
  },

  'gives a backend connection back that a slow client kept waiting to its last byte': {
    backend: (request, response) => {
      if (request.url === '/next') response.end('next');
      else void new Download(response, LONG_BYTES / 4);
    },
    run: async (stage) => {
      for (let round = 0; round < 2; round++) {
        const stream = stage.client.open({ path: '/long' });
        readInSteps(stream);
        assertWhole(await untilEnd(stream), 200);
        await stage.rig.untilIdle();
        const next = await ask(stage, { path: '/next' });
        assertWhole(next, 200);
        assert.equal(next.text, 'next');
      }
      assert.equal(stage.backend.accepted, 1);
    },
  },
};

let download: Download | null = null;

/** Reads slower than the proxy can write, so that every write of a long answer has to wait, the last one too. */
function readInSteps(stream: ContractStream): void {
  if (stream.answer.end !== 'open') return;
  stream.pause();
  setTimeout(() => {
    stream.resume();
    setImmediate(() => readInSteps(stream));
  }, 2);
}
